/** Two ledgers that share nothing but a PostgreSQL: overlapping batches, poisoned rows, and answers that were lost. */
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeOrder } from '../../src/ledger/close-order.ts'
import { createOrder } from '../../src/ledger/create-order.ts'
import type { SentBatch } from '../../src/ledger/db/batcher.ts'
import { DatabaseError, type Db } from '../../src/ledger/db/db.ts'
import { openPostgres } from '../../src/ledger/db/postgres.ts'
import { type Ledger, migrateLedger, openLedger } from '../../src/ledger/ledger.ts'
import { findOrder } from '../../src/ledger/order.ts'
import { payOrder } from '../../src/ledger/pay-order.ts'
import { asked, creation, heard, minute, payment } from '../support/ledger-shop.ts'
import { type PostgresServer, startPostgres } from '../support/postgres.ts'
import { openProxy, type PostgresProxy } from '../support/postgres-proxy.ts'
import { freshNumber } from '../support/sandbox.ts'

let server: PostgresServer
let proxy: PostgresProxy
const dbs: Db[] = []
/** Two gateways, and one whose line can be cut. */
let here: Ledger
let there: Ledger
let far: Ledger
const batches: SentBatch[] = []

beforeAll(async () => {
  server = await startPostgres()
  proxy = await openProxy(server)
  const url = await server.freshDatabase()
  const open = async (at: string) => {
    const db = await openPostgres({ url: at })
    dbs.push(db)
    return db
  }
  const db = await open(url)
  await migrateLedger(db, new Date(0))
  here = await openLedger(db, { lanes: 3, parts: 8, onBatch: (batch) => void batches.push(batch) })
  there = await openLedger(await open(url), { lanes: 3, onBatch: (batch) => void batches.push(batch) })
  far = await openLedger(await open(proxy.through(url)), { lanes: 1 })
})
afterAll(async () => {
  await Promise.all(dbs.map((db) => db.close()))
  await proxy.close()
  await server.close()
})

const deadlocks = async () =>
  (
    await here.db.rows<{ deadlocks: number }>(
      'select deadlocks from pg_stat_database where datname = current_database()',
    )
  )[0]?.deadlocks

/** The same elements in an order that `seed` decides. */
const shuffled = <T>(all: readonly T[], seed: number): T[] =>
  fc.sample(fc.shuffledSubarray([...all], { minLength: all.length }), { seed, numRuns: 1 })[0] ?? []

test('overlapping batches of two gateways never deadlock, and of a payment and a close one wins', async () => {
  const merchants = ['m1', 'm2', 'm3']
  const orders = Array.from({ length: 150 }, (_, index) => ({
    outTradeNo: freshNumber('BATCH'),
    subMchId: merchants[index % merchants.length] ?? 'm1',
  }))
  await Promise.all(
    orders.map(({ outTradeNo, subMchId }) => createOrder(here, creation(here, outTradeNo, subMchId))),
  )

  const answers = new Map(orders.map(({ outTradeNo }) => [outTradeNo, [] as string[]]))
  const tell = (outTradeNo: string, command: string, answer: string) =>
    answers.get(outTradeNo)?.push(`${command}: ${answer}`)
  const storm = (ledger: Ledger, seed: number) =>
    shuffled(orders, seed).flatMap(({ outTradeNo, subMchId }) => [
      closeOrder(ledger, asked(ledger, outTradeNo, minute(10), subMchId)).then((settled) =>
        tell(outTradeNo, 'close', heard(settled)),
      ),
      payOrder(ledger, payment(ledger, outTradeNo, minute(10), subMchId)).then((settled) =>
        tell(outTradeNo, 'pay', heard(settled)),
      ),
    ])
  const before = batches.length
  await Promise.all([1, 2, 3].flatMap((seed) => [...storm(here, seed), ...storm(there, seed + 10)]))

  for (const { outTradeNo, subMchId } of orders) {
    const all = answers.get(outTradeNo) ?? []
    const state = (await findOrder(there, asked(there, outTradeNo, minute(10), subMchId)))?.state
    const won = state === 'CLOSED' ? 'close: moved' : 'pay: moved'
    const losers = state === 'CLOSED' ? ': closed' : ': already-paid'
    expect(
      all.filter((answer) => answer.endsWith('moved')),
      outTradeNo,
    ).toEqual([won])
    expect(
      all.filter((answer) => answer.endsWith(losers)),
      outTradeNo,
    ).toHaveLength(11)
  }
  expect(await deadlocks()).toBe(0)
  const rows = batches.slice(before).reduce((most, batch) => Math.max(most, batch.rows), 0)
  expect(rows, 'commands travelled together').toBeGreaterThan(5)
})

test('one poisoned row of a batch is refused alone', async () => {
  const numbers = Array.from({ length: 6 }, () => freshNumber('POISON'))
  const creations = numbers.map((outTradeNo) => creation(here, outTradeNo))
  const [poisoned] = creations.slice(3)
  if (poisoned !== undefined) poisoned.request.body = 'a character that jsonb does not hold: \0'
  const outcomes = await Promise.allSettled(creations.map((one) => createOrder(here, one)))
  expect(outcomes.map(({ status }) => status)).toEqual(
    numbers.map((_, index) => (index === 3 ? 'rejected' : 'fulfilled')),
  )
  const refused = outcomes[3]
  expect(refused?.status === 'rejected' && refused.reason).toBeInstanceOf(DatabaseError)
})

test('a command whose answer was lost finds its own id in the row: it has won, and happened once', async () => {
  const tea = freshNumber('LOST')
  await createOrder(here, creation(here, tea))
  const lost = proxy.loseAnswerTo('update orders o')
  const settled = await closeOrder(far, asked(far, tea, minute(10)))
  await lost
  expect(heard(settled)).toBe('moved')
  const order = await findOrder(here, asked(here, tea, minute(10)))
  expect(order?.history.map(({ event }) => event)).toEqual(['ordered', 'closed'])
})

test('a command that never arrived is sent again, and happens', async () => {
  const tea = freshNumber('CUT')
  await createOrder(here, creation(here, tea))
  const cut = proxy.cutBefore('update orders o')
  expect(heard(await payOrder(far, payment(far, tea, minute(10))))).toBe('moved')
  await cut
  // Whoever had come in between would have been told apart by the id.
  expect(heard(await payOrder(here, payment(here, tea, minute(10))))).toBe('already-paid')
})

test('a row whose answer was lost and that another moved meanwhile is not claimed as won', async () => {
  const tea = freshNumber('BETWEEN')
  await createOrder(here, creation(here, tea))
  const cut = proxy.cutBefore('update orders o')
  const closing = closeOrder(far, asked(far, tea, minute(10)))
  await cut
  const paid = await payOrder(here, payment(here, tea, minute(10)))
  expect([heard(await closing), heard(paid)].sort()).toEqual(
    'moved' in paid ? ['already-paid', 'moved'] : ['closed', 'moved'],
  )
})

interface Plan {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly Plan[]
}

const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]

test('a batch probes the key once a row, on a table a hundred times larger than when it was last analysed', async () => {
  const db = here.db
  const numbers = Array.from({ length: 20 }, () => freshNumber('GROWN'))
  for (const outTradeNo of numbers) await createOrder(here, creation(here, outTradeNo))
  await db.rows('analyze orders')
  const [{ known } = { known: 0 }] = await db.rows<{ known: number }>(
    'select count(*)::int as known from orders',
  )
  await db.rows(
    `insert into orders (part, env_id, sub_mch_id, out_trade_no, state, clock, seq, command_id, created_at, closable_from,
       payable_until, expires_at, history, notices)
     select p.part, 'ledger', 'm', 'FILL-' || n, 'NOTPAY', 'ledger', 1, gen_random_uuid(), $1, $1, $1, $1, '[]', '[]'
     from parts p, generate_series(1, $2::int) n where p.part = $3`,
    [minute(0), known * 100, asked(here, 'x', minute(0)).part],
  )
  const seen: string[] = []
  // The statement as the ledger sends it, explained instead of answered.
  const explained: Db = {
    ...db,
    rows: async <Row>(sql: string, params?: readonly unknown[]) => {
      if (!sql.includes('update orders o')) return db.rows<Row>(sql, params)
      const [row] = await db.rows<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
        `explain (analyze, format json) ${sql}`,
        params,
      )
      for (const node of row === undefined ? [] : nodesOf(row['QUERY PLAN'][0].Plan)) {
        if (node['Relation Name'] !== 'orders' || node['Node Type'] === 'ModifyTable') continue
        seen.push(`${node['Node Type']} ${node['Index Name'] ?? ''}`)
        expect(node['Actual Loops'], 'one probe a row').toBe(numbers.length)
        expect(
          node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0),
          'each finds its one row',
        ).toBeLessThanOrEqual(1)
      }
      return []
    },
  }
  const batch = numbers
    .map((outTradeNo) => asked(here, outTradeNo, minute(10)))
    .sort((a, b) => (a.outTradeNo < b.outTradeNo ? -1 : 1))
  const { closeOrders } = await import('../../src/ledger/close-order.ts')
  await closeOrders.run(explained, batch[0]?.part ?? 0, batch)
  expect(seen.sort()).toEqual(['Index Scan orders_pkey', 'Tid Scan '])
})

import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshLedger } from '../../test/support/databases.ts'
import { minute } from '../../test/support/ledger-shop.ts'
import { rowsRead } from '../../test/support/rows-read.ts'
import { nextInTurn } from './close-due-orders.ts'
import type { Db } from './db/db.ts'
import { findDueWork } from './due-work.ts'

let db: Db
beforeAll(async () => {
  ;({ db } = await freshLedger())
})
afterAll(() => db.close())

const waiting = 3_000

/** In every part: orders of one clock that all wait to be told, and to be closed. */
const fill = () =>
  db.rows(
    `insert into orders (part, env_id, sub_mch_id, out_trade_no, state, clock, seq, command_id, created_at, closable_from,
       payable_until, expires_at, history, notices, tell_target, tell_at, due_at)
     select p.part, 'ledger', 'm-' || n % 10, 'WAITS-' || n, 'NOTPAY', 'ledger', 1, gen_random_uuid(), $1, $1, $1, $1, '[]',
       '[]', 'url:http://shop.test', $1::timestamptz + n * interval '1 minute', $1::timestamptz + n * interval '1 minute'
     from parts p, generate_series(1, $2::int) n`,
    [minute(0), waiting],
  )

test('where work waits is found by a probe a kind, however much waits', async () => {
  await fill()
  // The table of parts is not counted: it is so small that no server ever does.
  await db.rows('analyze orders')
  const parts = await db.rows<{ part: number }>('select part from parts order by part')
  const work = { clock: 'ledger', tellOrders: true, tellRefunds: false, closesFrom: minute(1) }
  const found = await findDueWork(db, ['ledger', 'another'])
  expect(
    found.sort((a, b) => a.part - b.part),
    'in every part, and nothing on another clock',
  ).toEqual(parts.map(({ part }) => ({ part, ...work, refundsFrom: undefined })))
  const read = await rowsRead(db, (counting) => findDueWork(counting, ['ledger']))
  expect(read, 'rows of orders read').toBeGreaterThanOrEqual(parts.length * 2)
  expect(read, `of ${waiting} orders in each part`).toBeLessThanOrEqual(parts.length * 4)
  const readInVain = await rowsRead(db, (counting) => findDueWork(counting, ['another']))
  expect(readInVain, `of ${waiting} orders on another clock`).toBeLessThanOrEqual(parts.length * 2)
})

test('whose orders are due is found by a probe a merchant', async () => {
  const [{ part = 0 } = {}] = await db.rows<{ part: number }>('select part from parts order by part')
  const asked = { part, clock: 'ledger', dueBy: minute(5), wall: minute(5) }
  const turns = await nextInTurn(db, asked, undefined, 10)
  expect(turns.map(({ isDue }) => isDue)).toEqual([
    false,
    true,
    true,
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ])
  const read = await rowsRead(db, (counting) => nextInTurn(counting, asked, undefined, 10))
  expect(read, `of ${waiting} orders, a few of each merchant`).toBeLessThanOrEqual(40)
})

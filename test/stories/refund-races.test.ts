/** Refunds at once: however many call, with one number or many, nothing is reserved twice and no order gives more than it got. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Wire } from '../support/answers.ts'
import { cuttable, type Line } from '../support/cuttable.ts'
import { freshStore } from '../support/databases.ts'
import { paid } from '../support/orders.ts'
import {
  environmentNamed,
  freshNumber,
  openSandbox,
  type Sandbox,
  type Shop,
  subMchId,
} from '../support/sandbox.ts'

let sandbox: Sandbox
let line: Line
let shop: Shop
beforeAll(async () => {
  sandbox = await openSandbox({
    environments: [environmentNamed('documented', 'documented')],
    openStore: async () => {
      const store = await freshStore()
      const cut = cuttable(store.db)
      line = cut.line
      return { ...store, db: cut.db }
    },
  })
  shop = sandbox.shop()
})
afterAll(() => sandbox.close())

const refundOf = (outTradeNo: string, outRefundNo: string, refundFee: number) =>
  shop.answer('refund', {
    sub_mch_id: subMchId,
    out_trade_no: outTradeNo,
    out_refund_no: outRefundNo,
    total_fee: 990,
    refund_fee: refundFee,
  })

const heardIn = ({ err_code, result_code }: Wire) => err_code ?? result_code
const count = (answers: readonly Wire[], heard: string) =>
  answers.filter((answer) => heardIn(answer) === heard).length

/** What the ledger holds: of the order, and of its refunds. */
async function booksOf(tea: string) {
  const [order] = await sandbox.db.rows<{ refunded_fee: number; refund_count: number }>(
    'select o.refunded_fee, o.refund_count from orders o where o.out_trade_no = $1',
    [tea],
  )
  const refunds = await sandbox.db.rows<{ refund_fee: number; place: number }>(
    'select r.refund_fee, r.place from refunds r where r.out_trade_no = $1 order by r.place',
    [tea],
  )
  return {
    ...order,
    refunds: refunds.length,
    sum: refunds.reduce((sum, { refund_fee }) => sum + refund_fee, 0),
    places: refunds.map(({ place }) => place),
  }
}

test('of forty calls with one number there is one refund, and all hear of it', async () => {
  const tea = freshNumber()
  await paid(shop, tea)
  const answers = await Promise.all(Array.from({ length: 40 }, () => refundOf(tea, `R-${tea}`, 300)))
  expect(count(answers, 'SUCCESS')).toBe(40)
  expect(new Set(answers.map(({ refund_id }) => refund_id)).size).toBe(1)
  expect(await booksOf(tea)).toEqual({
    refunded_fee: 300,
    refund_count: 1,
    refunds: 1,
    sum: 300,
    places: [1],
  })
})

test('of forty numbers as many are accepted as the order has money for', async () => {
  const tea = freshNumber()
  await paid(shop, tea)
  const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => refundOf(tea, `N${n}-${tea}`, 100)))
  expect(count(answers, 'SUCCESS')).toBe(9)
  expect(count(answers, 'ERROR')).toBe(31)
  const places = [1, 2, 3, 4, 5, 6, 7, 8, 9]
  expect(await booksOf(tea)).toEqual({ refunded_fee: 900, refund_count: 9, refunds: 9, sum: 900, places })
})

test('one number for two orders at once refunds one of them', async () => {
  for (let round = 0; round < 5; round++) {
    const teas = [freshNumber(), freshNumber()]
    for (const tea of teas) await paid(shop, tea)
    const number = freshNumber('R')
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, n) => refundOf(teas[n % 2] ?? '', number, 990)),
    )
    expect(count(answers, 'SUCCESS')).toBe(5)
    expect(count(answers, 'INVALID_REQUEST')).toBe(5)
    const books = await Promise.all(teas.map(booksOf))
    expect(books.map(({ sum }) => sum).sort()).toEqual([0, 990])
    expect(books.map(({ refunded_fee }) => refunded_fee).sort()).toEqual([0, 990])
  }
})

test('a balance is not spent twice, whichever orders ask for it at once', async () => {
  const teas = Array.from({ length: 12 }, () => freshNumber())
  for (const tea of teas) await paid(shop, tea)
  await sandbox.control('/sandbox/balance', { env_id: 'documented', set: 1_000 })
  const answers = await Promise.all(teas.map((tea) => refundOf(tea, `R-${tea}`, 200)))
  expect(count(answers, 'SUCCESS')).toBe(5)
  expect(count(answers, 'NOTENOUGH')).toBe(7)
  const { balance } = (await (await fetch(`${sandbox.url}/sandbox/balance?env_id=documented`)).json()) as {
    balance: unknown
  }
  expect(balance).toBe(0)
  await sandbox.control('/sandbox/balance', { env_id: 'documented', unlimited: true })
})

test('refunds and their closing at once leave the books right', async () => {
  const tea = freshNumber()
  await paid(shop, tea)
  for (let n = 0; n < 4; n++) await refundOf(tea, `N${n}-${tea}`, 200)
  const close = (n: number) =>
    sandbox.control('/sandbox/refund', {
      env_id: 'documented',
      out_refund_no: `N${n}-${tea}`,
      result: 'REFUNDCLOSE',
    })
  await Promise.all([
    ...Array.from({ length: 8 }, (_, n) => close(n % 4)),
    ...Array.from({ length: 8 }, (_, n) => refundOf(tea, `M${n}-${tea}`, 150)),
  ])
  const [{ spoken } = { spoken: undefined }] = await sandbox.db.rows<{ spoken: number }>(
    `select sum(r.refund_fee)::int as spoken from refunds r where r.out_trade_no = $1 and r.state <> 'REFUNDCLOSE'`,
    [tea],
  )
  const { refunded_fee } = await booksOf(tea)
  expect(refunded_fee).toBe(spoken)
  expect(refunded_fee).toBeLessThanOrEqual(990)
})

test('a refund that meets the telling of its payment does not make it told twice', async () => {
  const teas = Array.from({ length: 30 }, () => freshNumber())
  await Promise.all(
    teas.map(async (tea) => {
      await paid(shop, tea)
      await Promise.all([0, 1, 2].map((n) => refundOf(tea, `N${n}-${tea}`, 100)))
    }),
  )
  await shop.advance('1s')
  const told = await sandbox.db.rows<{ number: string; attempts: number }>(
    `select d.number, count(*)::int as attempts from deliveries d
     where d.subject = 'order' and d.number = any($1) group by d.number`,
    [teas],
  )
  expect(told).toHaveLength(teas.length)
  expect(told.filter(({ attempts }) => attempts > 1)).toEqual([])
})

test('a refund whose answer is lost is unknown to its caller, and the same call finds it', async () => {
  const tea = freshNumber()
  await paid(shop, tea)
  line.cut = 'after'
  const unknown = await refundOf(tea, `R-${tea}`, 300).catch(() => ({ err_code: 'SYSTEMERROR' }))
  line.cut = 'nowhere'
  expect(unknown).toMatchObject({ err_code: 'SYSTEMERROR' })
  expect(await refundOf(tea, `R-${tea}`, 300)).toMatchObject({ result_code: 'SUCCESS' })
  const books = await booksOf(tea)
  expect(books.sum).toBe(300)
  expect(books.refunded_fee).toBe(300)
})

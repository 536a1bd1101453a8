import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { freshLedger } from '../../test/support/databases.ts'
import { asked, commandId, creation, minute, payment } from '../../test/support/ledger-shop.ts'
import { closeOrder } from './close-order.ts'
import { createOrder } from './create-order.ts'
import type { Db, Statements } from './db/db.ts'
import type { Ledger } from './ledger.ts'
import { type ClaimAsked, claimDueOrders } from './money-lane.ts'
import { payOrder } from './pay-order.ts'

let db: Db
let ledger: Ledger
beforeAll(async () => {
  ;({ db, ledger } = await freshLedger())
})
afterAll(() => db.close())
beforeEach(() => db.rows('delete from orders'))

const wall = new Date('2026-11-23T08:00:00Z')
const later = (ms: number) => new Date(wall.getTime() + ms)

/** All that is due at minute 240, when their own time is up. */
const asking = (more: Partial<ClaimAsked> = {}): ClaimAsked => ({
  part: asked(ledger, 'any', minute(0)).part,
  clock: 'ledger',
  dueBy: minute(240),
  wall,
  leaseUntil: later(30_000),
  claim: commandId(),
  limit: 10,
  ...more,
})

const makeOrders = (count: number) =>
  Promise.all(Array.from({ length: count }, (_, n) => createOrder(ledger, creation(ledger, `DUE-${n}`))))

const leased = async () =>
  (await db.rows<{ n: number }>('select count(*)::int as n from orders where claim is not null'))[0]?.n

/** What a planner might be led to: with every other way forbidden it takes the one that is left. */
const ways = ['seqscan', 'indexscan', 'bitmapscan', 'tidscan', 'nestloop', 'hashjoin', 'mergejoin', 'sort']

test.each([
  ['as the planner likes', []],
  ...ways.map((way) => [`without ${way}`, [way]] as const),
  ['by sequential scans alone', ['indexscan', 'bitmapscan', 'indexonlyscan', 'tidscan']],
  ['without loops, by hashing', ['nestloop', 'mergejoin', 'indexscan']],
  ['without loops, by merging', ['nestloop', 'hashjoin', 'bitmapscan']],
] as const)('a claim takes no more than it asked for, %s', async (_how, forbidden) => {
  await makeOrders(60)
  for (const mode of ['force_custom_plan', 'force_generic_plan']) {
    await db.rows('update orders set lease_until = null, claim = null')
    const claimed = await db.transaction(async (tx: Statements) => {
      await tx.rows(`set local plan_cache_mode = ${mode}`)
      for (const way of forbidden) await tx.rows(`set local enable_${way} = off`)
      return claimDueOrders(tx, asking({ limit: 7 }))
    })
    expect({ mode, claimed: claimed.length, leased: await leased() }).toEqual({ mode, claimed: 7, leased: 7 })
  }
})

test('of claims at once each order goes to one', async () => {
  await makeOrders(50)
  const claims = await Promise.all(Array.from({ length: 6 }, () => claimDueOrders(db, asking({ limit: 20 }))))
  const taken = claims.flat().map(({ outTradeNo }) => outTradeNo)
  expect(new Set(taken).size).toBe(taken.length)
  expect(taken.length).toBeGreaterThan(20)
})

test('what is not due yet, on another clock, or leased to somebody is passed by', async () => {
  await makeOrders(5)
  expect(await claimDueOrders(db, asking({ dueBy: minute(239) }))).toEqual([])
  expect(await claimDueOrders(db, asking({ clock: 'real' }))).toEqual([])
  expect(await claimDueOrders(db, asking({ limit: 3 }))).toHaveLength(3)
  expect(await claimDueOrders(db, asking())).toHaveLength(2)
  expect(await claimDueOrders(db, asking())).toEqual([])
})

test('a lease that ended is claimable again: a worker that died loses nothing', async () => {
  await makeOrders(2)
  await claimDueOrders(db, asking({ leaseUntil: later(30_000) }))
  expect(await claimDueOrders(db, asking({ wall: later(30_001), leaseUntil: later(60_000) }))).toHaveLength(2)
})

test('a command that moves the order ends its claim: nothing is due of it any more', async () => {
  await makeOrders(2)
  await claimDueOrders(db, asking())
  await closeOrder(ledger, asked(ledger, 'DUE-0', minute(10)))
  await payOrder(ledger, payment(ledger, 'DUE-1', minute(10)))
  expect(await leased()).toBe(0)
  expect(await claimDueOrders(db, asking({ wall: later(60_000) }))).toEqual([])
})

import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { freshLedger } from '../../test/support/databases.ts'
import { asked, commandId, creation, minute, payment } from '../../test/support/ledger-shop.ts'
import { acceptRefund } from './accept-refund.ts'
import { createOrder } from './create-order.ts'
import type { Db, Statements } from './db/db.ts'
import type { Ledger } from './ledger.ts'
import { type Notice, noticeStates, tellAtOf, toldOf } from './notices.ts'
import { payOrder } from './pay-order.ts'
import { settleRefund } from './settle-refund.ts'
import {
  changeNotices,
  claimTellings,
  dueTargets,
  findTelling,
  releaseClaim,
  type TellClaim,
  type TellKey,
  type Told,
  writeTold,
} from './tell-lane.ts'

let db: Db
let ledger: Ledger
beforeAll(async () => {
  ;({ db, ledger } = await freshLedger())
})
afterAll(() => db.close())
beforeEach(async () => {
  await db.rows('delete from orders')
  await db.rows('delete from refunds')
})

const wall = new Date('2026-11-23T08:00:00Z')
const later = (ms: number) => new Date(wall.getTime() + ms)

const pending = (at: Date): Notice => ({
  kind: 'paid',
  state: 'pending',
  since: at.toISOString(),
  next: at.toISOString(),
  attempts: 0,
  step: 0,
})

/** An order that was paid at a minute, and whose notice goes to a function of this name. */
async function paidOrder(outTradeNo: string, functionName: string, at = minute(10)): Promise<TellKey> {
  const creating = creation(ledger, outTradeNo)
  await createOrder(ledger, { ...creating, request: { ...creating.request, functionName } })
  await payOrder(ledger, { ...payment(ledger, outTradeNo, at), notice: pending(at) })
  const { part, envId, subMchId } = asked(ledger, outTradeNo, at)
  return { subject: 'order', part, envId, subMchId, number: outTradeNo }
}

const target = (functionName: string) => `function:e/${functionName}`
const place = () => ({ part: asked(ledger, 'any', minute(0)).part, clock: 'ledger' })

const asking = (more: Partial<TellClaim> = {}): TellClaim => ({
  ...place(),
  subject: 'order',
  targets: [{ target: target('f'), free: 10 }],
  limit: 100,
  dueBy: minute(60),
  wall,
  leaseUntil: later(10_000),
  claim: commandId(),
  ...more,
})

const numbersOf = (tellings: readonly { number: string }[]) => tellings.map(({ number }) => number).sort()
const leased = async () =>
  (await db.rows<{ n: number }>('select count(*)::int as n from orders where tell_claim is not null'))[0]?.n

/** What a planner might be led to: with every other way forbidden it takes the one that is left. */
const ways = ['seqscan', 'indexscan', 'bitmapscan', 'tidscan', 'nestloop', 'hashjoin', 'mergejoin', 'sort']

test.each([
  ['as the planner likes', []],
  ...ways.map((way) => [`without ${way}`, [way]] as const),
  ['by sequential scans alone', ['indexscan', 'bitmapscan', 'indexonlyscan', 'tidscan']],
] as const)('a claim takes of each target what can be started and no more, %s', async (_how, forbidden) => {
  for (let n = 0; n < 12; n++) for (const name of ['f', 'g', 'h']) await paidOrder(`${name}-${n}`, name)
  const targets = [
    { target: target('f'), free: 3 },
    { target: target('g'), free: 1 },
  ]
  for (const mode of ['force_custom_plan', 'force_generic_plan']) {
    await db.rows('update orders set tell_lease_until = null, tell_claim = null')
    const claimed = await db.transaction(async (tx: Statements) => {
      await tx.rows(`set local plan_cache_mode = ${mode}`)
      for (const way of forbidden) await tx.rows(`set local enable_${way} = off`)
      return claimTellings(tx, asking({ targets }))
    })
    const of = (name: string) => claimed.filter(({ tellTarget }) => tellTarget === target(name)).length
    expect({ mode, f: of('f'), g: of('g'), h: of('h') }).toEqual({ mode, f: 3, g: 1, h: 0 })
    expect(await leased()).toBe(4)
  }
})

test('everyone who is to be told is found once, with the first of their times', async () => {
  await paidOrder('A', 'f', minute(30))
  await paidOrder('B', 'f', minute(20))
  await paidOrder('C', 'g', minute(25))
  expect(await dueTargets(db, 'order', place())).toEqual([
    { target: target('f'), at: minute(20) },
    { target: target('g'), at: minute(25) },
  ])
  expect(await dueTargets(db, 'order', { ...place(), clock: 'real' })).toEqual([])
  expect(await dueTargets(db, 'refund', place())).toEqual([])
})

test('the longest due is claimed first; what is not due, or on another clock, is passed by', async () => {
  await paidOrder('A', 'f', minute(30))
  await paidOrder('B', 'f', minute(20))
  expect(await claimTellings(db, asking({ dueBy: minute(19) }))).toEqual([])
  expect(await claimTellings(db, asking({ clock: 'real' }))).toEqual([])
  expect(await claimTellings(db, asking({ targets: [{ target: target('x'), free: 9 }] }))).toEqual([])
  const [first, ...more] = await claimTellings(db, asking({ targets: [{ target: target('f'), free: 1 }] }))
  expect([first?.number, more]).toEqual(['B', []])
})

test('all of them are found, however many there are', async () => {
  await db.rows(
    `insert into orders (part, env_id, sub_mch_id, out_trade_no, state, seq, command_id, created_at, history, notices,
       request, clock, tell_target, tell_at)
     select $1, 'e', 'm', 'M-' || n, 'SUCCESS', 1, gen_random_uuid(), $2, '[]', '[]', '{}', 'ledger', 'function:e/' || n, $2
     from generate_series(1, 2500) as n`,
    [place().part, minute(10)],
  )
  expect(await dueTargets(db, 'order', place())).toHaveLength(2_500)
})

test('a claim takes no more in all than is asked for, and what one target holds takes nothing from the others', async () => {
  for (let n = 0; n < 4; n++) for (const name of ['f', 'g']) await paidOrder(`${name}-${n}`, name)
  const targets = [
    { target: target('f'), free: 64 },
    { target: target('g'), free: 64 },
  ]
  expect(numbersOf(await claimTellings(db, asking({ targets, limit: 4 })))).toEqual([
    'f-0',
    'f-1',
    'f-2',
    'f-3',
  ])
  expect(numbersOf(await claimTellings(db, asking({ targets, limit: 3 })))).toEqual(['g-0', 'g-1', 'g-2'])
})

test('of claims at once each order goes to one', async () => {
  for (let n = 0; n < 30; n++) await paidOrder(`N-${n}`, 'f')
  const claims = await Promise.all(Array.from({ length: 6 }, () => claimTellings(db, asking())))
  const taken = claims.flat().map(({ number }) => number)
  expect(new Set(taken).size).toBe(taken.length)
  expect(taken.length).toBeGreaterThanOrEqual(10)
})

const delivered = ({ next: _, ...notice }: Notice): Notice => ({ ...notice, state: 'delivered', attempts: 1 })
const failing = (notice: Notice): Notice => ({
  ...notice,
  state: 'failing',
  attempts: notice.attempts + 1,
  next: minute(11).toISOString(),
})

async function claimed(claim: string, at = wall): Promise<Told> {
  const [telling] = await claimTellings(
    db,
    asking({ claim, wall: at, leaseUntil: new Date(at.getTime() + 10_000) }),
  )
  if (telling === undefined) throw new Error('nothing was claimed')
  return { ...telling, claim }
}
const result = (told: Told, change: (notice: Notice) => Notice): Told => ({
  ...told,
  notices: told.notices.map(change),
})
const stands = async (key: TellKey) => (await findTelling(db, key))?.notices.map(({ state }) => state)

test('a result ends its claim: what is delivered is not due, what failed is due later', async () => {
  const key = await paidOrder('A', 'f')
  expect(await writeTold(ledger, result(await claimed(commandId()), failing))).toBe(true)
  expect(await leased()).toBe(0)
  expect(await dueTargets(db, 'order', place())).toEqual([{ target: target('f'), at: minute(11) }])
  expect(await writeTold(ledger, result(await claimed(commandId()), delivered))).toBe(true)
  expect(await dueTargets(db, 'order', place())).toEqual([])
  expect(await stands(key)).toEqual(['delivered'])
})

test('a worker that hangs past its lease and wakes neither overwrites nor resurrects', async () => {
  const key = await paidOrder('A', 'f')
  const slow = await claimed(commandId())
  const other = await claimed(commandId(), later(10_001))
  expect(await writeTold(ledger, result(other, delivered))).toBe(true)
  expect(await writeTold(ledger, result(slow, failing)), 'its claim stands no more').toBe(false)
  expect(await stands(key)).toEqual(['delivered'])

  await changeNotices(ledger, key, later(30_000), (notices) =>
    notices.map((notice) => pending(new Date(notice.since))),
  )
  const again = await claimed(commandId(), later(30_000))
  expect(await writeTold(ledger, result(slow, delivered)), 'nor later').toBe(false)
  expect(await writeTold(ledger, result(again, failing))).toBe(true)
})

test('a worker that dies loses nothing: what it held is claimable when its lease ends, or when it is given back', async () => {
  const key = await paidOrder('A', 'f')
  const { claim } = await claimed(commandId())
  expect(await claimTellings(db, asking({ wall: later(9_999) }))).toEqual([])
  expect(numbersOf(await claimTellings(db, asking({ wall: later(10_001) })))).toEqual(['A'])
  await releaseClaim(db, key, claim)
  expect(await leased(), "only the holder's own is given back").toBe(1)
})

test('sent again by hand, what is under way does not count any more', async () => {
  const key = await paidOrder('A', 'f')
  const underWay = await claimed(commandId())
  await changeNotices(ledger, key, later(0), (notices) => notices)
  expect(await writeTold(ledger, result(underWay, delivered))).toBe(false)
  expect(await stands(key)).toEqual(['pending'])
  expect(
    await changeNotices(ledger, { ...key, number: 'NOWHERE' }, later(0), (notices) => notices),
  ).toBeUndefined()
})

/** A refund that was accepted, of an order of its own. */
async function refunded(number: string) {
  const key = await paidOrder(`O-${number}`, 'f')
  const { part, envId, subMchId } = key
  const accepted = await acceptRefund(ledger, {
    key: { part, envId, subMchId, outTradeNo: key.number },
    commandId: commandId(),
    at: minute(20),
    clock: 'ledger',
    request: {
      subMchId,
      outTradeNo: key.number,
      outRefundNo: number,
      totalFee: creation(ledger, number).request.totalFee,
      refundFee: creation(ledger, number).request.totalFee,
      functionName: 'f',
      envId: 'e',
    },
    refundId: commandId(),
    madeAs: creation(ledger, number).madeAs,
    faults: [],
    dueAt: minute(21),
  })
  if (!('accepted' in accepted)) throw new Error(`not accepted: ${JSON.stringify(accepted)}`)
  return { subject: 'refund', part, envId, subMchId, number } as const satisfies TellKey
}

const settle = (key: TellKey, status: 'CHANGE' | 'SUCCESS', notice: Notice) =>
  settleRefund(ledger, {
    ...key,
    outRefundNo: key.number,
    outTradeNo: `O-${key.number}`,
    commandId: commandId(),
    at: minute(22),
    result: status,
    notice: { ...notice, kind: 'refunded', status },
  })

test('a notice that is added while another is told is not lost', async () => {
  const key = await refunded('R-1')
  await settle(key, 'CHANGE', pending(minute(22)))
  const [telling] = await claimTellings(db, asking({ subject: 'refund' }))
  if (telling === undefined) throw new Error('nothing was claimed')
  const claim = (await db.rows<{ tell_claim: string }>('select tell_claim from refunds'))[0]?.tell_claim ?? ''
  await settle(key, 'SUCCESS', pending(minute(22)))
  const told: Told = { ...telling, claim, notices: telling.notices.map(delivered) }
  expect(await writeTold(ledger, told), 'it would overwrite what was added').toBe(false)
  const now = (await findTelling(db, key))?.notices ?? []
  expect(await writeTold(ledger, { ...told, notices: [...told.notices, ...now.slice(1)] })).toBe(true)
  expect(await stands(key)).toEqual(['delivered', 'pending'])
})

test('what SQL says of a row is what the pure functions say of its notices', async () => {
  const time = fc.integer({ min: 0, max: 100 }).map((minutes) => minute(minutes).toISOString())
  const notice = fc.record(
    { state: fc.constantFrom(...noticeStates), next: fc.option(time, { nil: undefined }) },
    { requiredKeys: ['state'] },
  )
  let count = 0
  await fc.assert(
    fc.asyncProperty(notice, notice, async (first, second) => {
      const key = await refunded(`P-${count++}`)
      const full = ({ state, next }: typeof first): Notice => {
        const { next: _, ...rest } = { ...pending(minute(22)), state }
        return next === undefined ? rest : { ...rest, next }
      }
      await settle(key, 'CHANGE', full(first))
      await settle(key, 'SUCCESS', {
        ...full(second),
        state: second.state === 'exhausted' ? 'exhausted' : 'pending',
      })
      const [row] = await db.rows<{ told: string; tell_at: Date | null; notices: Notice[] }>(
        'select r.told, r.tell_at, r.notices from refunds r where r.out_refund_no = $1',
        [key.number],
      )
      expect(row?.tell_at).toEqual(tellAtOf(row?.notices ?? []))
      expect(row?.told).toBe(toldOf(row?.notices ?? []))
    }),
    { numRuns: 40 },
  )
})

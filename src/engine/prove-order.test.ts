/** The proof against the rules themselves: what it calls safe can never be paid, whatever is done and whenever. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HistoryEvent, Order } from '../ledger/order.ts'
import type { OrderEvidence } from '../ledger/order-evidence.ts'
import { decide, type OrderCommand, type OrderState, orderCommands, orderStates } from '../ledger/rules.ts'
import { profiles } from '../protocol/rule-profiles.ts'
import type { ProofRules } from './order-standing.ts'
import { proveOrder } from './prove-order.ts'

const minute = (count: number) => new Date(Date.UTC(2030, 0, 1) + count * 60_000)
const now = minute(100)

const order = (outTradeNo: string, state: OrderState, more: Partial<Order> = {}): Order => ({
  envId: 'sandbox',
  subMchId: '1900000109',
  outTradeNo,
  state,
  seq: 1,
  commandId: '',
  request: { body: 'tea', totalFee: 990 } as Order['request'],
  totalFee: 990,
  prepayId: 'secret-prepay',
  targetEnvId: undefined,
  targetFunction: undefined,
  createdAt: minute(0),
  closableFrom: minute(5),
  payableUntil: minute(120),
  expiresAt: minute(10_080),
  paidAt: undefined,
  transactionId: undefined,
  payerOpenid: undefined,
  bankType: undefined,
  closedAt: undefined,
  madeAs: undefined,
  refundableUntil: undefined,
  refundedFee: 0,
  refundCount: 0,
  faults: [],
  purchase: undefined,
  replacedBy: undefined,
  dueAt: undefined,
  asking: undefined,
  late: undefined,
  history: [],
  ...more,
})

const evidence = (itself: Order, others: readonly Order[] = []): OrderEvidence => ({
  order: itself,
  dueAt: undefined,
  closeWhy: undefined,
  notices: [],
  purchase:
    others.length === 0
      ? undefined
      : {
          purchase: itself.outTradeNo,
          live: others.at(-1)?.outTradeNo ?? itself.outTradeNo,
          count: others.length + 1,
          attempts: [itself, ...others],
        },
})

const documented: ProofRules = { channel: 'sandbox', profile: 'documented' }
const event = (name: HistoryEvent['event'], more: Partial<HistoryEvent> = {}): HistoryEvent => ({
  event: name,
  at: minute(50).toISOString(),
  ...more,
})

const paidOrder = (number: string, more: Partial<Order> = {}) =>
  order(number, 'SUCCESS', { paidAt: minute(40), transactionId: '4200000001', ...more })
const closedOrder = (number: string, more: Partial<Order> = {}) =>
  order(number, 'CLOSED', { closedAt: minute(50), history: [event('closed', { by: 'caller' })], ...more })

describe('an order by itself, by its state', () => {
  test.each([
    [
      'can be paid',
      order('A', 'NOTPAY'),
      false,
      'payable',
      'payable',
      /until 2030-01-01 10:00:00 Beijing time/,
    ],
    [
      'has a prepay_id that is too old',
      order('A', 'NOTPAY', { payableUntil: minute(60) }),
      false,
      'prepay-expired',
      'reopenable',
      /the same unifiedOrder makes it payable again/,
    ],
    [
      'is out of time, and not closed',
      order('A', 'NOTPAY', { payableUntil: minute(60), expiresAt: minute(60) }),
      false,
      'out-of-time',
      'reopenable',
      /a payment that began before may still arrive/,
    ],
    [
      'gave way to another number',
      order('A', 'CLOSING', { replacedBy: 'B', history: [event('replaced', { successor: 'B' })] }),
      true,
      'closing',
      'unpayable',
      /since B took its place at 2030-01-01 08:50:00 Beijing time it refuses every payment/,
    ],
    ['is paid', paidOrder('A'), false, 'paid', 'paid', /by transaction 4200000001/],
    [
      'is refunded in part',
      paidOrder('A', { state: 'REFUND', refundedFee: 90, refundCount: 1 }),
      false,
      'refunded',
      'paid',
      /refunds accepted: 1, of 0\.90 out of 9\.90 CNY/,
    ],
    ['was closed by its shop', closedOrder('A'), true, 'closed', 'unpayable', /closed unpaid by a caller at/],
    [
      'was closed by the engine',
      closedOrder('A', { history: [event('closed', { by: 'engine', why: 'seven_days' })] }),
      true,
      'closed',
      'unpayable',
      /by the engine \(seven days after it was made\)/,
    ],
    [
      'was only remembered',
      closedOrder('A', { request: undefined, totalFee: undefined, history: [event('remembered')] }),
      true,
      'remembered',
      'unpayable',
      /never ordered/,
    ],
  ] as const)('one that %s', (_what, itself, safe, code, holds, words) => {
    const proof = proveOrder(evidence(itself), documented, now)
    expect(proof).toMatchObject({ safe, state: itself.state, reason: { code }, evidence: { holds } })
    expect(proof.reason.en).toMatch(words)
    expect(proof.reason.zh).toMatch(/\p{Script=Han}/u)
    expect(JSON.stringify(proof), 'an id that is a right in itself').not.toContain('secret-prepay')
  })

  test('one that is out of time can be revived where the rules have it so, and it says so', () => {
    const late = evidence(order('A', 'NOTPAY', { payableUntil: minute(60), expiresAt: minute(60) }))
    const said = (profile: ProofRules['profile']) =>
      proveOrder(late, { ...documented, profile }, now).reason.en
    expect(said('observed')).toContain('makes it payable again')
    expect(said('documented')).not.toContain('makes it payable again')
  })
})

describe('an order that has others beside it', () => {
  test.each([
    [
      'the live attempt can be paid',
      closedOrder('A'),
      order('B', 'NOTPAY'),
      'attempt-open',
      /B of the same purchase/,
    ],
    [
      'another attempt is paid',
      closedOrder('A'),
      paidOrder('B'),
      'purchase-paid',
      /B of the same purchase is paid/,
    ],
    ['it is paid itself', paidOrder('A'), closedOrder('B'), 'paid', /paid at/],
  ] as const)('%s: not safe', (_what, itself, other, code, words) => {
    const proof = proveOrder(evidence(itself, [other]), documented, now)
    expect(proof).toMatchObject({ safe: false, reason: { code, en: expect.stringMatching(words) } })
    expect(proof.purchase).toMatchObject({
      live: 'B',
      count: 2,
      attempts: [{ outTradeNo: 'A' }, { outTradeNo: 'B' }],
    })
  })

  test('all are closed: safe', () => {
    const proof = proveOrder(evidence(closedOrder('A'), [closedOrder('B')]), documented, now)
    expect(proof).toMatchObject({ safe: true, reason: { code: 'closed' } })
  })
})

test('when it may be closed, and what the engine will do, the soonest first', () => {
  const young = order('A', 'NOTPAY', { closableFrom: minute(103) })
  const retried = { kind: 'paid', state: 'failing', since: '', attempts: 2, step: 2 } as const
  const proof = proveOrder(
    {
      ...evidence(young),
      dueAt: minute(110),
      closeWhy: 'time_expire',
      notices: [
        { ...retried, next: minute(90).toISOString() },
        { ...retried, state: 'exhausted' },
      ],
    },
    documented,
    now,
  )
  expect(proof.close).toEqual({ allowed: false, whyNot: 'too-early', from: minute(103) })
  expect(proof.next).toMatchObject([
    { what: 'tell', at: minute(90), due: true, en: expect.stringContaining('attempt 3') },
    { what: 'close', at: minute(110), due: false, en: expect.stringContaining('its own time_expire') },
  ])
})

const time = fc.integer({ min: 0, max: 200 }).map(minute)
const anyOrder = (number: string) =>
  fc
    .record({
      // The sandbox's: of a channel that has to be asked no rule here knows who can pay.
      state: fc.constantFrom(...orderStates.filter((state) => state !== 'WAITING' && state !== 'CREATING')),
      closableFrom: time,
      payableUntil: time,
      expiresAt: time,
      refundableUntil: time,
    })
    .map((more) => order(number, more.state, { ...more, paidAt: minute(1), closedAt: minute(1) }))

/** All that moves money towards an order, and what leads there. */
const towardsPaid: readonly OrderCommand[] = ['pay', 'renew', 'revive']

/** Whether any commands at any times, in any order, could end in its being paid. Times that a renewal sets are no worse. */
function couldBePaid(itself: Order): boolean {
  const reached = new Set<OrderState>()
  const toVisit: OrderState[] = [itself.state]
  for (const state of toVisit) {
    if (reached.has(state)) continue
    reached.add(state)
    for (const command of orderCommands) {
      for (const at of [minute(0), now, minute(250)]) {
        const decision = decide({ ...itself, state }, command, at)
        if ('no' in decision) continue
        if (towardsPaid.includes(command)) return true
        toVisit.push(decision.to)
      }
    }
  }
  return false
}

test('what is called safe can never be paid, by whatever is done; what is called unsafe could be, or was', () => {
  const chain = fc.tuple(anyOrder('A'), fc.array(anyOrder('B'), { maxLength: 3 }))
  fc.assert(
    fc.property(chain, fc.constantFrom(...profiles), time, ([itself, others], profile, at) => {
      const proof = proveOrder(evidence(itself, others), { channel: 'sandbox', profile }, at)
      const all = [itself, ...others]
      const unsafe = all.some((one) => ['SUCCESS', 'REFUND'].includes(one.state) || couldBePaid(one))
      expect(proof.safe).toBe(!unsafe)
    }),
  )
})

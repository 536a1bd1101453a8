/**
 * Payments that nothing could prevent: of an order that was closed, or of a purchase that another attempt had paid already.
 * Pure: which payment is late, what is decided of it at once, and what becomes of its order.
 */
import type { Late, LateDecision, Payment } from './asking.ts'
import type { LatePolicy } from './environments.ts'
import type { HistoryEvent, Order } from './order.ts'
import type { Move } from './settle-asked.ts'

type Standing = Pick<Order, 'outTradeNo' | 'totalFee' | 'state' | 'asking'>

/** @param winner the attempt of its purchase whose payment stays; undefined: there is none, or no purchase */
export const isLate = (order: Pick<Order, 'state' | 'outTradeNo'>, winner: string | undefined): boolean =>
  order.state === 'CLOSED' || (winner !== undefined && winner !== order.outTradeNo)

/** Where another attempt won, its payment cannot stay, whatever the policy. */
export const decidedBy = (policy: LatePolicy, otherWon: boolean): LateDecision | undefined => {
  if (otherWon) return policy === 'ask' ? undefined : 'refund'
  return policy === 'ask' ? undefined : policy
}

const afterPaid = ({ asking }: Standing, at: Date): Move['asking'] => {
  if (asking === undefined) return undefined
  const { next: _, refusal: __, ...rest } = asking
  return { ...rest, tries: 0, heard: { word: 'PAID', at: at.toISOString() } }
}

/** Paid, and nothing stands against it. */
export const paid = (order: Standing, payment: Payment, at: Date): Move => ({
  state: 'SUCCESS',
  asking: afterPaid(order, at),
  due: undefined,
  payment,
  events: [{ event: 'paid', at: at.toISOString() }],
})

export interface LateAsked {
  readonly policy: LatePolicy
  readonly winner: string | undefined
}

/** A payment that is late: what becomes of its order at once. */
export function cameLate(order: Standing, payment: Payment, { policy, winner }: LateAsked, at: Date): Move {
  const stamp = at.toISOString()
  const decision = decidedBy(policy, winner !== undefined && winner !== order.outTradeNo)
  const late: Late = {
    transactionId: payment.transactionId,
    payerOpenid: payment.payerOpenid,
    bankType: payment.bankType,
    paidAt: payment.paidAt.toISOString(),
    foundAt: stamp,
    fee: order.totalFee ?? 0,
    returns: 1,
    tries: 0,
    ...(decision === undefined ? {} : { decision, by: 'policy' as const }),
  }
  const found: HistoryEvent = {
    event: 'paid-late',
    at: stamp,
    ...(decision === undefined ? {} : { by: 'policy', decision }),
  }
  if (decision === 'adopt') {
    const move = paid(order, payment, at)
    return { ...move, late, events: [found, ...move.events] }
  }
  return {
    state: 'CLOSED',
    asking: afterPaid(order, at),
    closedAt: at,
    late,
    due: decision === 'refund' ? at : undefined,
    // One that was not closed before is now.
    events: order.state === 'CLOSED' ? [found] : [{ event: 'closed', at: stamp, by: 'engine' }, found],
  }
}

/**
 * The number of a return: of the order, and of which return it is. The same until that one is certainly over, so that however
 * often it is asked for, the money goes back once.
 */
export const lateRefundNo = (outTradeNo: string, returns: number): string => `late${returns}-${outTradeNo}`

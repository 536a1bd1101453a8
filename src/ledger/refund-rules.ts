/**
 * The state machine of a refund, as one table. An accepted refund is PROCESSING until the channel knows what became of
 * it. Never: SQL of its own, clocks, wire formats.
 */

/**
 * PROCESSING: accepted, the money is on its way. SUCCESS: the payer has it. CHANGE: the payer's account takes none, a
 * person must act. REFUNDCLOSE: nothing was returned, and its amount may be refunded again.
 */
export const refundStates = ['PROCESSING', 'SUCCESS', 'CHANGE', 'REFUNDCLOSE'] as const
export type RefundState = (typeof refundStates)[number]

/** What may come of a refund; each leads to the state of its name. */
export const refundResults = ['SUCCESS', 'CHANGE', 'REFUNDCLOSE'] as const
export type RefundResult = (typeof refundResults)[number]

/** Row: where the refund is. Column: what came of it. `false`: it is settled, and stays so. */
// biome-ignore format: a table is read by its columns
export const refundRules: Readonly<Record<RefundState, Readonly<Record<RefundResult, boolean>>>> = {
  PROCESSING:  { SUCCESS: true,  CHANGE: true,  REFUNDCLOSE: true },
  CHANGE:      { SUCCESS: true,  CHANGE: false, REFUNDCLOSE: true },
  SUCCESS:     { SUCCESS: false, CHANGE: false, REFUNDCLOSE: false },
  REFUNDCLOSE: { SUCCESS: false, CHANGE: false, REFUNDCLOSE: false },
}

/** States from which `result` may come about. */
export const settleableBy = (result: RefundResult): readonly RefundState[] =>
  refundStates.filter((state) => refundRules[state][result])

/** Most refunds of one order. Source: CloudPay.refund page. */
export const mostRefunds = 50

/** What is asked of an order's money, and how much of it is spoken for. All in fen. */
export interface RefundAsked {
  readonly totalFee: number
  readonly refundFee: number
}
export interface RefundableMoney {
  readonly totalFee: number
  readonly refundedFee: number
  readonly refundCount: number
}

/**
 * Why an order's money does not allow a refund, in this order; undefined: it does. The row must be locked, or this is
 * only a guess.
 */
export function moneyRefuses(
  { totalFee, refundedFee, refundCount }: RefundableMoney,
  asked: RefundAsked,
): 'other-total' | 'fully-refunded' | 'too-much' | 'too-many' | undefined {
  if (asked.totalFee !== totalFee) return 'other-total'
  if (refundedFee >= totalFee) return 'fully-refunded'
  if (asked.refundFee > totalFee - refundedFee) return 'too-much'
  return refundCount >= mostRefunds ? 'too-many' : undefined
}

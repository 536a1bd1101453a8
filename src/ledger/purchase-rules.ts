/**
 * When one attempt of a purchase may take the place of another, as pure functions. What is decided here is carried out, under
 * lock, by replace-order.ts; `purchase-rules.test.ts` walks everything that can happen by these rules.
 */
import { decide, type Guarded, type OrderState, targetOf } from './rules.ts'

/** What a decision reads of an attempt. */
export type Attempt = Guarded & {
  readonly outTradeNo: string
  /** The attempt that took its place. */
  readonly replacedBy: string | undefined
}

export type ReplaceRefusal =
  | { readonly refused: 'not-found' }
  /** The purchase is paid: by that attempt. */
  | { readonly refused: 'paid'; readonly paid: string }
  /** Another attempt took its place before; that one is live. */
  | { readonly refused: 'replaced'; readonly live: string }

/** Whether it was paid, whatever was refunded of it since. */
export const isPaid = ({ state }: { readonly state: OrderState }): boolean =>
  state === 'SUCCESS' || state === 'REFUND'

/**
 * @param live the last attempt of its purchase; the predecessor itself where nothing took its place
 * @param winner the attempt whose payment stays, or may: it need not be the live one, for a late payment may have been adopted,
 *   or a person has to decide of it
 * @returns undefined: its place can be taken
 */
export function whyNotReplace(
  predecessor: Attempt | undefined,
  live: Attempt | undefined,
  winner?: string | undefined,
): ReplaceRefusal | undefined {
  if (predecessor === undefined) return { refused: 'not-found' }
  if (winner !== undefined) return { refused: 'paid', paid: winner }
  if (isPaid(predecessor)) return { refused: 'paid', paid: predecessor.outTradeNo }
  if (predecessor.replacedBy === undefined) return undefined
  const last = live?.outTradeNo ?? predecessor.replacedBy
  return live !== undefined && isPaid(live)
    ? { refused: 'paid', paid: last }
    : { refused: 'replaced', live: last }
}

/** Where a predecessor stands once its place is taken: unpayable at once, and closed as soon as the rules allow. */
export function afterGivingWay(predecessor: Guarded, at: Date): OrderState {
  if ('no' in decide(predecessor, 'replace', at)) return predecessor.state
  return 'to' in decide(predecessor, 'close', at) ? targetOf('close') : targetOf('replace')
}

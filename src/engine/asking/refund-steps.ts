/**
 * How a refund gets through a channel that loses, delays, repeats and garbles. Pure. The same number is the same refund, so
 * asking again returns nothing twice; its reserve is freed only by a refusal that nothing which was sent before can overtake.
 */
import {
  flightMs,
  type RefundAnswer,
  type RefundQueryAnswer,
  takesEffectBefore,
} from '../../channels/channel.ts'
import type { AskingRefund } from '../../ledger/asking.ts'
import type { RefundResult } from '../../ledger/refund-rules.ts'
import { later, pauseAfterTries } from './pace.ts'

/** What came of a step. */
export type RefundMove =
  | { readonly settled: RefundResult; readonly asking: AskingRefund }
  | { readonly asking: AskingRefund; readonly due: Date; readonly refundId?: string }

/** How long after a refusal whatever was sent before may still be accepted. */
const isUnsure = ({ unsureUntil }: AskingRefund, at: Date) =>
  unsureUntil !== undefined && at < new Date(unsureUntil)

/** Written before anything is sent: whoever sends it may die, and what it sent be under way. */
export const begunBefore = (asking: AskingRefund, at: Date): AskingRefund => ({
  ...asking,
  unsureUntil: takesEffectBefore(at).toISOString(),
})

/** What it was refused for is over once it was accepted. */
const taken = ({ refusal: _, ...asking }: AskingRefund): AskingRefund => ({ ...asking, accepted: true })

/**
 * @param asking as it was before this was sent
 * @param askedAt when it was sent: a refusal says how things stood then, however much later it is read
 */
export function afterRefund(
  asking: AskingRefund,
  answer: RefundAnswer,
  at: Date,
  askedAt: Date = at,
): RefundMove {
  const tries = asking.tries + 1
  if ('accepted' in answer)
    return {
      asking: { ...taken(asking), next: 'query', tries: 0 },
      due: pauseAfterTries(at, 1),
      refundId: answer.accepted.refundId,
    }
  if ('unsure' in answer)
    return {
      asking: { ...asking, next: 'query', tries, unsureUntil: later(at, flightMs).toISOString() },
      due: pauseAfterTries(at, tries),
    }
  if (!isUnsure(asking, askedAt))
    return { settled: 'REFUNDCLOSE', asking: { ...asking, tries, refusal: answer.refused } }
  return { asking: { ...asking, next: 'query', tries }, due: pauseAfterTries(at, tries) }
}

export function afterRefundQuery(asking: AskingRefund, answer: RefundQueryAnswer, at: Date): RefundMove {
  const tries = asking.tries + 1
  const again = pauseAfterTries(at, tries)
  if ('unsure' in answer) return { asking: { ...asking, next: 'query', tries }, due: again }
  switch (answer.state) {
    case 'PROCESSING':
      return { asking: { ...taken(asking), next: 'query', tries }, due: again }
    case 'unknown-number':
      // What it accepted it may not show yet; what it never got it gets again.
      return {
        asking: { ...asking, next: asking.accepted === undefined ? 'refund' : 'query', tries },
        due: again,
      }
    default: {
      const { next: _, ...rest } = answer.state === 'REFUNDCLOSE' ? asking : taken(asking)
      return { settled: answer.state, asking: { ...rest, tries } }
    }
  }
}

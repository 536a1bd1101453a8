/**
 * What is to be done next with what a row holds, and when: pure functions of the row and the time. Never: doing it.
 */
import type { Notice } from '../ledger/notices.ts'
import type { DeliveryFault } from '../protocol/acknowledgement.ts'
import { pauseAfter, retryPauses } from '../protocol/retry-schedule.ts'

/** A copy of an acknowledged notice comes so long after it. */
const copyAfterMs = 1_000

const after = (at: Date, ms: number) => new Date(at.getTime() + ms).toISOString()

/** Whether it is to be told by `at`. */
export const isDue = ({ next }: Notice, at: Date): boolean => next !== undefined && new Date(next) <= at

/** An acknowledged one is over, but for a copy that a fault asked for. */
function acknowledged({ next: _, fault: __, copies = 0, ...notice }: Notice, at: Date): Notice {
  const told = { ...notice, state: 'delivered' } as const
  return copies > 0 ? { ...told, copies: copies - 1, next: after(at, copyAfterMs) } : told
}

/**
 * A notice after an attempt.
 * @param fault what went wrong; undefined: it was acknowledged
 * @param at when the attempt began, on the environment's clock: pauses count from there
 * @param pauses before the retries; when there is none left the notice is exhausted
 */
export function afterAttempt(
  notice: Notice,
  fault: DeliveryFault | undefined,
  at: Date,
  pauses: readonly number[] = retryPauses.cloudpay,
): Notice {
  const tried = { ...notice, attempts: notice.attempts + 1, step: notice.step + 1 }
  if (fault === undefined) return acknowledged(tried, at)
  const { next: _, ...once } = tried
  // A copy that fails changes nothing: the notice was acknowledged.
  if (notice.state === 'delivered') return once
  const failed = { ...once, fault: { code: fault.code, ...fault.text } }
  const pause = pauseAfter(pauses, tried.step)
  if (pause === undefined) return { ...failed, state: 'exhausted' }
  return {
    ...failed,
    state: fault.code === 'not-hosted' ? 'undeliverable' : 'failing',
    next: after(at, pause),
  }
}

/** Sent again by hand: due at once, in a new series; of one that was acknowledged, one copy more. */
export const sentAgain = (notice: Notice, at: Date): Notice => {
  const next = at.toISOString()
  return notice.state === 'delivered' ? { ...notice, next } : { ...notice, state: 'pending', step: 0, next }
}

/** How long is waited, and believed in, where a channel has to be asked. */

/** Between one question and the next, as long as no answer is certain. The last repeats, without end. */
const pausesMs = [200, 1_000, 5_000, 30_000, 120_000, 300_000]

/** Clocks differ: an order's own time is over for everybody so long after it is over for us. Source: design. */
export const expiredForMs = 5 * 60_000

/** So long after, nothing that anybody said or sent about it can matter any more, whatever the channel says of the number. */
export const longOverMs = 60 * 60_000

/** A closed order is looked at again so long after it was closed: an answer may have been wrong. */
const watchesMs = [5 * 60_000, 3_600_000, 6 * 3_600_000, 25 * 3_600_000]

/** No answer is waited for longer; the lease ends later. */
export const answerWithinMs = 6_000

export const later = (at: Date, ms: number): Date => new Date(at.getTime() + ms)
export const earliest = (a: Date, b: Date | undefined): Date => (b !== undefined && b < a ? b : a)

/** @param tries questions in a row without a certain answer, this one included */
export const pauseAfterTries = (at: Date, tries: number): Date =>
  later(at, pausesMs[Math.min(tries, pausesMs.length) - 1] ?? 0)

/** When a closed order is looked at next; undefined: never again. @param watched how often it was since */
export const nextWatch = (closedAt: Date, watched: number): Date | undefined => {
  const ms = watchesMs[watched]
  return ms === undefined ? undefined : later(closedAt, ms)
}

/**
 * How many callbacks may be under way at once, in all and to one target. A target that answers gets more at a time, one
 * that does not gets fewer: whoever hangs holds up its own callbacks, and hardly anybody's place.
 */

/** In all, of one gateway: each is a socket and little else. */
const most = 1_024
const first = 4
const mostOfOne = 64
/** Targets whose limit is remembered beyond their last callback. */
const remembered = 10_000

export interface Concurrency {
  /**
   * How many more may be begun to this target now, as far as it goes.
   * @param isAwaited somebody waits until all is done: one that hangs gets as many as any, or that would take for ever
   */
  free(target: string, isAwaited: boolean): number
  /** How many more may be begun now, whoever is called. */
  freeInAll(): number
  begin(target: string): void
  /** @param answered in time, whatever the answer was */
  end(target: string, answered: boolean): void
}

export function openConcurrency(): Concurrency {
  const limits = new Map<string, number>()
  const running = new Map<string, number>()
  let all = 0
  const limitOf = (target: string) => limits.get(target) ?? first

  return {
    free: (target, isAwaited) =>
      Math.max(0, (isAwaited ? mostOfOne : limitOf(target)) - (running.get(target) ?? 0)),
    freeInAll: () => Math.max(0, most - all),
    begin(target) {
      running.set(target, (running.get(target) ?? 0) + 1)
      all++
    },
    end(target, answered) {
      const left = (running.get(target) ?? 1) - 1
      if (left > 0) running.set(target, left)
      else running.delete(target)
      all--
      const next = answered ? Math.min(mostOfOne, limitOf(target) * 2) : Math.max(1, limitOf(target) >> 1)
      limits.delete(target)
      limits.set(target, next)
      // The one that was not spoken to for the longest time is forgotten, and begins anew.
      if (limits.size > remembered) for (const oldest of limits.keys()) return void limits.delete(oldest)
    },
  }
}

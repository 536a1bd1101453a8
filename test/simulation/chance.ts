/** Chance from a seed: one seed, one history. */
export interface Chance {
  /** From 0, less than 1. */
  next(): number
  /** From 0, less than `below`. */
  below(below: number): number
  pick<T>(from: readonly T[]): T
  happens(probability: number): boolean
  bytes(size: number): Uint8Array
}

/** Mulberry32: small, and good enough to choose what happens next. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number) => Math.floor(next() * limit)
  return {
    next,
    below,
    pick: <T>(from: readonly T[]) => {
      if (from.length === 0) throw new Error('nothing to pick from')
      return from[below(from.length)] as T
    },
    happens: (probability) => next() < probability,
    bytes: (size) => Uint8Array.from({ length: size }, () => below(256)),
  }
}

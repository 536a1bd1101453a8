/**
 * When a callback is tried again. Source: WeChat Pay v2, "callback rules": 15 retries after the first attempt, 24 h 4 min
 * in all. CloudPay's pages only say "for at most two days": its schedule goes on in steps of six hours (**inferred**).
 */

const s = 1_000
const m = 60 * s
const h = 60 * m

/** Pauses between the beginnings of two attempts, in milliseconds. */
const v2Pauses: readonly number[] = [
  15 * s,
  15 * s,
  30 * s,
  3 * m,
  10 * m,
  20 * m,
  30 * m,
  30 * m,
  30 * m,
  60 * m,
  3 * h,
  3 * h,
  3 * h,
  6 * h,
  6 * h,
]

/** As many steps of six hours as end within 48 hours. */
const cloudPayPauses: readonly number[] = [...v2Pauses, 6 * h, 6 * h, 6 * h]

export const retryPauses = { v2: v2Pauses, cloudpay: cloudPayPauses } as const

/**
 * @param attempts that were made of this series, 1 or more
 * @returns how long after the last one the next begins; undefined: there is none
 */
export const pauseAfter = (pauses: readonly number[], attempts: number): number | undefined =>
  pauses[attempts - 1]

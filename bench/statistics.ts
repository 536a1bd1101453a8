/** Numbers about numbers. Pure. */

/** Ascending. */
export const sorted = (values: Iterable<number>): Float64Array => Float64Array.from(values).sort()

/**
 * The value that a share of all are not above: the nearest rank, so always one that was measured.
 * @param ascending as {@link sorted} gives it
 * @param share 0.5 is the median, 0.99 the p99
 * @returns NaN of nothing
 */
export const quantile = (ascending: Float64Array, share: number): number =>
  ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)] ?? Number.NaN

/** Of what could be measured. @returns NaN when nothing could */
export const median = (values: Iterable<number>): number =>
  quantile(
    sorted(values).filter((value) => !Number.isNaN(value)),
    0.5,
  )

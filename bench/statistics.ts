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

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** The straight line that lies closest to values taken at even steps (least squares). */
export function line(values: readonly number[]): { readonly mean: number; readonly slopeAStep: number } {
  const middle = (values.length - 1) / 2
  const height = mean(values)
  const distances = values.map((_, step) => step - middle)
  const spread = distances.reduce((sum, distance) => sum + distance ** 2, 0)
  const rise = values.reduce((sum, value, step) => sum + (step - middle) * (value - height), 0)
  return { mean: height, slopeAStep: rise / spread }
}

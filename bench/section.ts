/** One part of the benchmark, run by name. */

export interface Asked {
  readonly isQuick: boolean
  /** Of the long run. */
  readonly minutes: number
  /** Of orders that are open beside those that fall due; undefined: as many as usual. */
  readonly millions: number | undefined
}

export interface Section {
  readonly title: string
  /** @param base an empty folder of its own; it is removed for it */
  run(base: string, asked: Asked): Promise<void>
}

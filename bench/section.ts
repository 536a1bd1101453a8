/** One part of the benchmark, run by name. */

export interface Asked {
  readonly isQuick: boolean
  /** Of the long run. */
  readonly minutes: number
}

export interface Section {
  readonly title: string
  /** @param base an empty folder of its own; it is removed for it */
  run(base: string, asked: Asked): Promise<void>
}

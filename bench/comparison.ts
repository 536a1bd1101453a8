/** Cells that do the same in other ways, measured in the same rounds and told against the fastest bare statement. */

import type { BareDriver, DriverName } from './bare-drivers.ts'
import type { BareStatement } from './bare-statements.ts'
import type { Line } from './report.ts'
import { type Cell, fastest, medians, type Outcome } from './rounds.ts'

/** `name` says what is done; cells that agree in it and in callers are compared. */
export interface ComparedCell extends Cell {
  /** How it is done. */
  readonly by: string
  /** It is what the others are compared with, where it is the fastest of its kind. */
  readonly isBare: boolean
}

/** @param statements as many as asked, made ready */
export const bareCell = (
  name: string,
  callers: number,
  driver: BareDriver,
  statements: (count: number) => Promise<readonly BareStatement[]>,
): ComparedCell => ({
  name,
  callers,
  by: bareName(driver.name),
  isBare: true,
  jobs: async (count) =>
    (await statements(count)).map((statement) => (caller: number) => driver.run(caller, statement)),
})

const bareName = (driver: DriverName) => `bare, ${driver}`

/** Bare statements are told once, by the faster driver, which is named. */
export function comparedLines(cells: readonly ComparedCell[], { seen }: Outcome): Line[] {
  const told = cells.map((cell) => ({ cell, own: seen.get(cell) ?? [] }))
  return told.map(({ cell, own }) => {
    const same = told.filter(
      (other) => other.cell.isBare && other.cell.name === cell.name && other.cell.callers === cell.callers,
    )
    const reference = fastest(same)
    return {
      what: cell.name,
      by: reference?.cell === cell ? `${cell.by} (reference)` : cell.by,
      callers: cell.callers,
      own,
      reference: cell.isBare ? undefined : reference?.own,
    }
  })
}

/** Which driver won how often. */
export function fasterDriver(cells: readonly ComparedCell[], { seen }: Outcome): string {
  const bare = cells.filter(({ isBare }) => isBare)
  const rateOf = (cell: Cell) => medians(seen.get(cell) ?? []).callsPerSecond
  const wins = new Map<string, number>()
  for (const cell of bare) {
    const best = bare
      .filter((other) => other.name === cell.name && other.callers === cell.callers)
      .every((other) => rateOf(other) <= rateOf(cell))
    wins.set(cell.by, (wins.get(cell.by) ?? 0) + (best ? 1 : 0))
  }
  const said = [...wins].map(([by, count]) => `${by}: ${count}`).join('; ')
  return `单条语句以较快的驱动为准 / the faster driver is the reference. How often each was: ${said}`
}

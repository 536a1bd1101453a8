/**
 * Every cell again and again in rotated order, so that what disturbs the machine for a while does not always hit the
 * same one. Owns the order, how many calls fill a stretch, and the medians.
 */
import { type Job, type Measured, type Meters, measure } from './measure.ts'
import { median } from './statistics.ts'

/** One kind of call by so many callers. */
export interface Cell {
  readonly name: string
  readonly callers: number
  /** Makes so many calls ready; its time is nobody's. */
  readonly jobs: (count: number) => Promise<readonly Job[]>
}

export interface Plan {
  readonly rounds: number
  /** About how long one cell is measured in a round. */
  readonly secondsEach: number
}

export interface Outcome {
  /** Of each cell, a stretch for each round. */
  readonly seen: ReadonlyMap<Cell, readonly Measured[]>
  readonly calls: number
  readonly faults: readonly string[]
}

export interface RoundsOptions {
  readonly meters: Meters
  /** After each stretch. @throws to end the rounds: what is measured is gone */
  readonly check?: () => void
}

export const rotated = <T>(list: readonly T[], by: number): T[] => {
  const from = by % list.length
  return [...list.slice(from), ...list.slice(0, from)]
}

/** Cells that are compared stand beside each other: a shift by many takes them to another time together. */
const shiftARound = 7
const leastCalls = 48
/** What is made ready fits into memory. */
const mostCalls = 40_000

/** Two short stretches warm a cell up, and tell how many calls fill a long one. */
export async function runRounds(
  cells: readonly Cell[],
  { rounds, secondsEach }: Plan,
  { meters, check = () => {} }: RoundsOptions,
): Promise<Outcome> {
  const faults: string[] = []
  let calls = 0
  const run = async (cell: Cell, count: number): Promise<Measured> => {
    const measured = await measure(cell.callers, await cell.jobs(count), meters)
    calls += measured.calls
    faults.push(...measured.faults.map((fault) => `${cell.name}, ${cell.callers}: ${fault}`))
    check()
    return measured
  }
  const fill = (cell: Cell, measured: Measured, seconds: number) => {
    const wanted = Math.round((measured.callsPerSecond || 0) * seconds)
    return Math.min(mostCalls, Math.max(wanted, 4 * cell.callers, leastCalls))
  }
  const counts = new Map<Cell, number>()
  for (const cell of cells) {
    const first = await run(cell, Math.max(cell.callers * 2, leastCalls))
    counts.set(cell, fill(cell, await run(cell, fill(cell, first, secondsEach / 3)), secondsEach))
  }
  const seen = new Map<Cell, Measured[]>(cells.map((cell) => [cell, []]))
  for (let round = 0; round < rounds; round++) {
    for (const cell of rotated(cells, round * shiftARound)) {
      seen.get(cell)?.push(await run(cell, counts.get(cell) ?? leastCalls))
    }
    process.stderr.write(`第 ${round + 1}/${rounds} 轮 / round ${round + 1} of ${rounds}\n`)
  }
  return { seen, calls, faults }
}

export type Read = (measured: Measured) => number

/** Medians of all rounds. */
export function medians(own: readonly Measured[]): Omit<Measured, 'faults'> {
  const of = (read: Read) => median(own.map(read))
  return {
    calls: own.reduce((sum, { calls }) => sum + calls, 0),
    callsPerSecond: of((measured) => measured.callsPerSecond),
    p50: of((measured) => measured.p50),
    p99: of((measured) => measured.p99),
    cpu: {
      client: of(({ cpu }) => cpu.client),
      server: of(({ cpu }) => cpu.server),
      database: of(({ cpu }) => cpu.database),
    },
    statements: of(({ statements }) => statements),
  }
}

/** Whose median rate is the highest. */
export const fastest = <T extends { readonly own: readonly Measured[] }>(all: readonly T[]): T | undefined =>
  [...all].sort((a, b) => medians(b.own).callsPerSecond - medians(a.own).callsPerSecond)[0]

/** The median of ratios, each of two stretches of one round. @returns NaN without anything to compare */
export const ratio = (own: readonly Measured[], other: readonly Measured[], read: Read): number =>
  median(
    own.map((measured, round) => {
      const beside = other[round]
      return beside === undefined ? Number.NaN : read(measured) / read(beside)
    }),
  )

/** Of all who worked for a call, as far as is known. */
export const wholeCpu: Read = ({ cpu: { client, server, database } }) =>
  [client, server, database].reduce((sum, one) => sum + (Number.isNaN(one) ? 0 : one), 0)

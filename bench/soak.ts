/**
 * `npm run bench -- soak [--minutes N]`: does it stay as it is? The same callers order and close through `/_/pay` all
 * the time; each minute tells its rate, p99, memory and rows, and straight lines through the minutes tell the drift.
 */
import { type Database, openDatabase } from './database.ts'
import { type DoorOn, pairsOf } from './door-calls.ts'
import { launchWithDoors } from './doors-under-test.ts'
import { measure } from './measure.ts'
import { faultLines, fixed, say } from './report.ts'
import type { Section } from './section.ts'
import type { ServerUnderTest } from './server-under-test.ts'
import { line } from './statistics.ts'

interface Size {
  readonly slices: number
  readonly secondsEach: number
  /** Before the first: a young process compiles as it goes. */
  readonly warmUpSeconds: number
}

const callers = 16
const quick: Size = { slices: 6, secondsEach: 3, warmUpSeconds: 6 }

interface Slice {
  readonly callsPerSecond: number
  readonly p99: number
  readonly rssMebibytes: number
  readonly orders: number
  readonly requests: number
}

/** What PostgreSQL believes that its tables hold: counting them would disturb what is measured. */
async function rowsOf(database: Database): Promise<Pick<Slice, 'orders' | 'requests'>> {
  const rows = await database.ask<{ name: string; live: string }>(
    'select relname as name, n_live_tup as live from pg_stat_user_tables',
  )
  const live = (table: string) => Number(rows.find(({ name }) => name === table)?.live ?? Number.NaN)
  return { orders: live('orders'), requests: live('requests') }
}

const columns = ['calls/s', 'p99 ms', 'server RSS MiB', 'server CPU', 'database CPU', 'orders', 'requests']

/** @returns how much a value moves in ten slices along its straight line, in per cent of its mean */
function drift(values: readonly number[]): number {
  const { mean, slopeAStep } = line(values)
  return ((slopeAStep * 10) / mean) * 100
}

/** The first slice warms up and is left out. */
function driftLines(slices: readonly Slice[], { secondsEach }: Size): string[] {
  const warm = slices.slice(1)
  if (warm.length < 3) return ['太短，看不出趋势 / too short for a slope']
  const of = (name: string, read: (slice: Slice) => number) =>
    `${name} ${drift(warm.map(read)) >= 0 ? '+' : ''}${fixed(drift(warm.map(read)), 1)} %`
  const drifts = [
    of('calls/s', (slice) => slice.callsPerSecond),
    of('p99', (slice) => slice.p99),
    of('RSS', (slice) => slice.rssMebibytes),
  ]
  const span = secondsEach >= 60 ? '10 min' : `${secondsEach * 10} s`
  return [
    `趋势（每 ${span}，不含第一段；持平应接近 0）/ slope each ${span}, the first slice left out; flat is near 0:`,
    `  ${drifts.join(', ')}`,
  ]
}

async function watch(on: DoorOn, server: ServerUnderTest, database: Database, size: Size) {
  const { slices, secondsEach, warmUpSeconds } = size
  const seen: Slice[] = []
  const faults: string[] = []
  let calls = 0
  const meters = { server: server.cpuMs, database: database.cpuMs }
  const stretch = (seconds: number) => {
    const until = performance.now() + seconds * 1000
    return measure(
      callers,
      pairsOf(on, callers, () => performance.now() < until),
      meters,
    )
  }
  const said = (cells: readonly string[]) =>
    say(cells.map((cell, index) => cell.padStart((columns[index - 1]?.length ?? 4) + 2)).join(''))
  said([secondsEach >= 60 ? 'min' : 'slice', ...columns])
  await stretch(warmUpSeconds)
  for (let slice = 1; slice <= slices; slice++) {
    const measured = await stretch(secondsEach)
    server.assertAlive()
    calls += measured.calls
    faults.push(...measured.faults)
    const rssMebibytes = (server.usage()?.rssBytes ?? Number.NaN) / 2 ** 20
    const { callsPerSecond, p99, cpu } = measured
    const rows = await rowsOf(database)
    seen.push({ callsPerSecond, p99, rssMebibytes, ...rows })
    said([
      String(slice),
      fixed(callsPerSecond, 0),
      fixed(p99, 2),
      fixed(rssMebibytes, 0),
      fixed(cpu.server, 3),
      fixed(cpu.database, 3),
      fixed(rows.orders, 0),
      fixed(rows.requests, 0),
    ])
  }
  return { seen, calls, faults }
}

async function run(base: string, size: Size): Promise<void> {
  const database = await openDatabase(20)
  try {
    const { server, doors, close } = await launchWithDoors(base, database.url)
    try {
      const outcome = await watch(doors[0], server, database, size)
      say()
      for (const text of [...driftLines(outcome.seen, size), ...faultLines(outcome)]) say(text)
    } finally {
      await close()
    }
  } finally {
    await database.close()
  }
}

export const soak: Section = {
  title: `长时间运行，${callers} 个并发，/_/pay / the long run`,
  run: (base, { isQuick, minutes }) =>
    run(base, isQuick ? quick : { slices: Math.ceil(minutes), secondsEach: 60, warmUpSeconds: 20 }),
}

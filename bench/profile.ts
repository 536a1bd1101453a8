/**
 * `npm run bench -- profile`: where the server's time goes. One server under Node's own profiler, one door after the
 * other. The profiler slows it down: shares count, and rates are not told.
 */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FunctionTime, functionTimes, nowUs, type Stretch } from './cpu-profile.ts'
import { openDatabase } from './database.ts'
import { type DoorOn, pairsOf } from './door-calls.ts'
import { launchWithDoors } from './doors-under-test.ts'
import { type Measured, type Meters, measure } from './measure.ts'
import { faultLines, fixed, say, table } from './report.ts'
import type { Section } from './section.ts'

interface Size {
  readonly callers: number
  /** An order and its close, through each door: once to warm up, once to be looked at. */
  readonly pairs: number
}

const usual: Size = { callers: 64, pairs: 8_000 }
const quick: Size = { callers: 64, pairs: 3_000 }

const mostModules = 24
const mostFunctions = 15
const sampleEveryUs = '250'

interface Seen extends Stretch {
  readonly door: string
  readonly calls: number
  readonly cpu: Measured['cpu']
}

async function watch(on: DoorOn, { callers, pairs }: Size, meters: Meters) {
  let left = pairs
  const jobs = [...pairsOf(on, callers, () => left-- > 0)]
  const fromUs = nowUs()
  const measured = await measure(callers, jobs, meters)
  return { door: on.door.name, fromUs, toUs: nowUs(), ...measured }
}

function profileText(folder: string): string {
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))
  if (file === undefined) throw new Error('the server left no profile')
  return readFileSync(join(folder, file), 'utf8')
}

const share = (us: number, all: number) => fixed((us / all) * 100, 1)
const whole = (functions: readonly FunctionTime[]) => functions.reduce((sum, { selfUs }) => sum + selfUs, 0)

function byModule(functions: readonly FunctionTime[]): Map<string, number> {
  const modules = new Map<string, number>()
  for (const { module, selfUs } of functions) modules.set(module, (modules.get(module) ?? 0) + selfUs)
  return modules
}

/** A column a door: per cent of the server's time. Sorted by the first. */
function moduleTable(told: readonly { seen: Seen; functions: FunctionTime[] }[]): string {
  const columns = told.map(({ functions }) => ({ modules: byModule(functions), all: whole(functions) }))
  const weight = (module: string) =>
    columns.reduce((sum, { modules, all }) => sum + (modules.get(module) ?? 0) / all, 0)
  const names = [...new Set(columns.flatMap(({ modules }) => [...modules.keys()]))]
    .sort((a, b) => weight(b) - weight(a))
    .slice(0, mostModules)
  return table(
    ['by itself, % of the server', ...told.map(({ seen }) => seen.door)],
    names.map((name) => [name, ...columns.map(({ modules, all }) => share(modules.get(name) ?? 0, all))]),
  )
}

function functionTable(
  title: string,
  seen: Seen,
  functions: readonly FunctionTime[],
  by: 'selfUs' | 'totalUs',
) {
  const all = whole(functions)
  const told = functions
    .filter(({ module }) => by === 'selfUs' || module.startsWith('src/'))
    .sort((a, b) => b[by] - a[by])
    .slice(0, mostFunctions)
  return table(
    [`${seen.door}: ${title}`, 'function', '%', 'µs a call'],
    told.map((one) => [one.module, one.name, share(one[by], all), fixed(one[by] / seen.calls, 1)]),
    2,
  )
}

const processTable = (all: readonly Seen[]) =>
  table(
    ['CPU of a call, µs', 'client', 'server', 'database'],
    all.map(({ door, cpu }) => [
      door,
      ...[cpu.client, cpu.server, cpu.database].map((ms) => fixed(ms * 1000, 0)),
    ]),
  )

async function run(base: string, size: Size): Promise<void> {
  const profiles = join(base, 'profiles')
  mkdirSync(profiles)
  const database = await openDatabase(20)
  try {
    const nodeFlags = ['--cpu-prof', '--cpu-prof-interval', sampleEveryUs, '--cpu-prof-dir', profiles]
    const { server, doors, close } = await launchWithDoors(base, database.url, { nodeFlags })
    const meters = { server: server.cpuMs, database: database.cpuMs }
    const all: (Seen & Pick<Measured, 'faults'>)[] = []
    try {
      for (const on of doors) await watch(on, size, meters)
      for (const on of doors) all.push(await watch(on, size, meters))
    } finally {
      // With its end it writes the profile.
      await close()
    }
    const text = profileText(profiles)
    const told = all.map((seen) => ({ seen, functions: functionTimes(text, seen) }))
    say(processTable(all))
    say()
    say(moduleTable(told))
    for (const { seen, functions } of told) {
      say()
      say(functionTable('by itself', seen, functions, 'selfUs'))
      say()
      say(functionTable('ours, with all that they call', seen, functions, 'totalUs'))
    }
    say()
    const calls = all.reduce((sum, { calls }) => sum + calls, 0)
    for (const line of faultLines({ calls, faults: all.flatMap(({ faults }) => faults) })) say(line)
    say(
      '行号指编译后的 dist/；剖析本身有开销，请看占比。/ Lines are those of dist/; profiling costs, so shares count.',
    )
  } finally {
    await database.close()
  }
}

export const profile: Section = {
  title: '时间花在哪里 / where the time goes',
  run: (base, { isQuick }) => run(base, isQuick ? quick : usual),
}

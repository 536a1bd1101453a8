/**
 * `npm run bench -- embedded`: what somebody meets who only runs `npm start`. How long a start takes, how much memory
 * it needs, how fast the three methods are through `POST /admin`.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { demoEnvironment } from '../src/app/demo-environment.ts'
import { cloudFunctionDoor, doorCell, type Method } from './door-calls.ts'
import { httpConnections } from './http-connection.ts'
import type { Usage } from './process-usage.ts'
import { callTable, faultLines, fixed, type Line, mebibytes, notes, say, table } from './report.ts'
import { type Cell, type Outcome, type Plan, runRounds } from './rounds.ts'
import type { Section } from './section.ts'
import { launch, type ServerUnderTest } from './server-under-test.ts'
import { median } from './statistics.ts'
import { newStock } from './stock.ts'

interface Size extends Plan {
  /** Of each kind. */
  readonly starts: number
  /** Idle time before memory is read. */
  readonly restMs: number
}

const usual: Size = { rounds: 5, secondsEach: 0.7, starts: 3, restMs: 2000 }
const quick: Size = { rounds: 2, secondsEach: 0.1, starts: 1, restMs: 500 }

/** The reference is the cheap one: it reads. */
const reference: Method = 'queryOrder'
const methods: readonly Method[] = ['unifiedOrder', 'closeOrder', reference]
const callerCounts = [1, 16, 64]

/** One start of the server and what it took. */
interface Started extends Pick<ServerUnderTest, 'listeningMs' | 'readyMs'> {
  readonly usage: Usage | undefined
}

const startOf = ({ listeningMs, readyMs, usage }: ServerUnderTest): Started => ({
  listeningMs,
  readyMs,
  usage: usage(),
})

/** Each cold start in a folder of its own, followed by a warm one in the same. The last stays up. */
async function starts(base: string, count: number) {
  const cold: Started[] = []
  const warm: Started[] = []
  for (let i = 1; ; i++) {
    const folder = join(base, String(i))
    mkdirSync(folder)
    const first = await launch(folder)
    cold.push(startOf(first))
    await first.stop()
    const second = await launch(folder)
    warm.push(startOf(second))
    if (i >= count) return { cold, warm, server: second }
    await second.stop()
  }
}

const startRow = (name: string, all: readonly Started[]) => [
  name,
  String(all.length),
  fixed(median(all.map(({ listeningMs }) => listeningMs)), 0),
  fixed(median(all.map(({ readyMs }) => readyMs)), 0),
  fixed(median(all.map(({ usage }) => usage?.cpuMs ?? Number.NaN)), 0),
]

const startTable = (cold: readonly Started[], warm: readonly Started[]) =>
  table(
    ['start', 'starts', 'listening ms', '/readyz ms', 'CPU ms'],
    [startRow('cold (new folder)', cold), startRow('warm (its folder)', warm)],
  )

function linesOf(cells: readonly Cell[], { seen }: Outcome): Line[] {
  return cells.map((cell) => {
    const other = cells.find(({ name, callers }) => name === reference && callers === cell.callers)
    return {
      what: cell.name,
      by: '',
      callers: cell.callers,
      own: seen.get(cell) ?? [],
      reference: other && seen.get(other),
    }
  })
}

async function run(base: string, size: Size): Promise<void> {
  const { cold, warm, server } = await starts(base, size.starts)
  say(startTable(cold, warm))
  say()
  const connections = httpConnections(server.url)
  const on = { door: cloudFunctionDoor(server.url, demoEnvironment), stock: newStock('BENCH'), connections }
  const cells = callerCounts.flatMap((callers) => methods.map((method) => doorCell(on, method, callers)))
  try {
    await setTimeout(size.restMs)
    const rested = server.usage()
    const outcome = await runRounds(cells, size, {
      meters: { server: server.cpuMs },
      check: server.assertAlive,
    })
    await setTimeout(size.restMs)
    const memory = [
      ['after a warm start', mebibytes(rested)],
      [`after ${outcome.calls} calls`, mebibytes(server.usage())],
    ]
    say(table(['memory at rest', 'RSS MiB'], memory))
    say()
    say(callTable('POST /admin', linesOf(cells, outcome), ({ cpu }) => cpu.server))
    say()
    for (const line of [...faultLines(outcome), ...notes]) say(line)
    say('这里与 queryOrder 相比，CPU × 只算服务端。/ Here × is to queryOrder, and CPU × is the server alone.')
  } finally {
    connections.end()
    await server.stop()
  }
}

export const embedded: Section = {
  title: '内嵌数据库，POST /admin / embedded database',
  run: (base, { isQuick }) => run(base, isQuick ? quick : usual),
}

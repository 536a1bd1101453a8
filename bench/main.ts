/**
 * `npm run bench [-- --quick]`: how fast closeOrder and unifiedOrder are through `POST /admin`, how long a start takes
 * and how much memory it needs. Prints, never fails: a problem is a line of the output, the exit code is 0.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import {
  callTable,
  faultLines,
  machineLine,
  memoryTable,
  notes,
  type Started,
  say,
  startTable,
} from './report.ts'
import { type Plan, runRounds } from './rounds.ts'
import { launch, type ServerUnderTest } from './server-under-test.ts'

interface Size extends Plan {
  /** Of each kind. */
  readonly starts: number
  /** Idle time before memory is read. */
  readonly restMs: number
}

const usual: Size = { rounds: 5, secondsEach: 0.7, starts: 3, restMs: 2000 }
const quick: Size = { rounds: 2, secondsEach: 0.1, starts: 1, restMs: 500 }

function sizeAsked(args: readonly string[]): Size {
  const unknown = args.filter((arg) => arg !== '--quick')
  if (unknown.length > 0) {
    say(`忽略不认识的参数 / unknown, ignored: ${unknown.join(' ')}  (npm run bench [-- --quick])`)
  }
  return args.includes('--quick') ? quick : usual
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

async function bench(base: string, size: Size): Promise<void> {
  say(machineLine())
  const { cold, warm, server } = await starts(base, size.starts)
  say()
  say(startTable(cold, warm))
  try {
    await setTimeout(size.restMs)
    const rested = server.usage()
    const outcome = await runRounds(server, size, (done) =>
      process.stderr.write(`第 ${done}/${size.rounds} 轮 / round ${done} of ${size.rounds}\n`),
    )
    await setTimeout(size.restMs)
    say()
    say(
      memoryTable([
        ['after a warm start', rested],
        [`after ${outcome.calls} calls`, server.usage()],
      ]),
    )
    say()
    say(callTable(outcome))
    say()
    for (const line of [...faultLines(outcome), ...notes]) say(line)
  } finally {
    await server.stop()
  }
}

const base = mkdtempSync(join(tmpdir(), 'opencloudpay-bench-'))
// The server's own handler, registered later, runs after this: what it still writes is tried again.
process.once('exit', () => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))
try {
  await bench(base, sizeAsked(process.argv.slice(2)))
} catch (error) {
  say(`出了问题 / a problem: ${error instanceof Error ? error.message : String(error)}`)
}
process.stdout.write('', () => process.exit(0))

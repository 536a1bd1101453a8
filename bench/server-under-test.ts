/** The built server as a process of its own: started, watched from outside, stopped. Owns the child, its log and its data. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** From `.build/bench/`, where this runs. */
const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const startTimeoutMs = 60_000
const stopTimeoutMs = 10_000

/** What the system says of a process. */
export interface Usage {
  /** User and system time of all its threads, since its start. */
  readonly cpuMs: number
  readonly rssBytes: number
}

export interface ServerUnderTest {
  readonly url: string
  /** From its launch until it said where it listens; until `/readyz` said yes. */
  readonly listeningMs: number
  readonly readyMs: number
  /** Undefined where the system does not tell. */
  usage(): Usage | undefined
  alive(): boolean
  /** The end of its log: what it complained about. */
  lastWords(): string
  stop(): Promise<void>
}

/** `USER_HZ`, which is 100 on every Linux that Node runs on. */
const ticksPerSecond = 100

function usageFromProc(pid: number): Usage {
  // The second field is a name and may hold anything; what follows its bracket is numbers.
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [utime, stime] = [Number(fields[11]), Number(fields[12])]
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return { cpuMs: ((utime + stime) / ticksPerSecond) * 1000, rssBytes: Number(kilobytes) * 1024 }
}

/** `[[days-]hours:]minutes:seconds[.hundredths]` */
function msOf(time: string): number {
  const [rest = '', days = '0'] = time.split('-').reverse()
  return rest.split(':').reduce((sum, piece) => sum * 60 + Number(piece), Number(days) * 24) * 1000
}

function usageFromPs(pid: number): Usage {
  const line = execFileSync('ps', ['-o', 'time=,rss=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  const [time = '', kilobytes = ''] = line.split(/\s+/)
  return { cpuMs: msOf(time), rssBytes: Number(kilobytes) * 1024 }
}

function usageOf(pid: number): Usage | undefined {
  try {
    return process.platform === 'linux' ? usageFromProc(pid) : usageFromPs(pid)
  } catch {
    return undefined
  }
}

/** A caller's own settings of the server are not what is measured. */
const ownVariables = () =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(CLOUDPAY_|DATABASE_URL$)/i.test(name)),
  )

/** The first line that `cloudpay start` prints ends with the address. */
async function addressIn(out: Readable): Promise<string | undefined> {
  for await (const line of createInterface({ input: out })) {
    const url = /http:\/\/\S+/.exec(line)?.[0]
    out.resume()
    if (url !== undefined) return url
  }
  return undefined
}

async function untilReady(url: string): Promise<void> {
  while (!(await fetch(`${url}/readyz`)).ok) await setTimeout(5)
}

/**
 * Under `--profile observed`, where an order can be closed as soon as it is placed. The log goes to a file, at its
 * usual level: writing it is part of what a call costs.
 *
 * @param folder exists; the server's data and log stand in it. What is there already makes it a warm start
 * @throws when it does not come up, with the end of its log
 */
export async function launch(folder: string): Promise<ServerUnderTest> {
  const logPath = join(folder, 'log')
  const log = openSync(logPath, 'a')
  const flags = ['--port', '0', '--data', join(folder, 'data'), '--profile', 'observed']
  const begun = performance.now()
  const child = spawn(process.execPath, [program, 'start', ...flags], {
    env: ownVariables(),
    stdio: ['ignore', 'pipe', log],
  })
  closeSync(log)
  const gone = once(child, 'exit')
  const firstAddress = child.stdout === null ? Promise.resolve(undefined) : addressIn(child.stdout)
  const alive = () => child.exitCode === null && child.signalCode === null
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const lastWords = () => readFileSync(logPath, 'utf8').trimEnd().split('\n').slice(-4).join('\n')
  const tooLate = setTimeout(startTimeoutMs, undefined, { ref: false })

  const url = await Promise.race([firstAddress, tooLate])
  if (url === undefined) {
    kill()
    throw new Error(`the server did not start within ${startTimeoutMs / 1000} s:\n${lastWords()}`)
  }
  const listeningMs = performance.now() - begun
  await untilReady(url)
  return {
    url,
    listeningMs,
    readyMs: performance.now() - begun,
    usage: () => (child.pid === undefined ? undefined : usageOf(child.pid)),
    alive,
    lastWords,
    async stop() {
      if (alive()) {
        child.kill()
        await Promise.race([gone, setTimeout(stopTimeoutMs, undefined, { ref: false })])
      }
      if (alive()) kill()
      process.off('exit', kill)
    },
  }
}

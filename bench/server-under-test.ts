/** The built server as a process of its own: started, watched from outside, stopped. Owns the child, its log and its data. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Usage, usageOf } from './process-usage.ts'

/** From `.build/bench/`, where this runs. */
const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const startTimeoutMs = 60_000
const stopTimeoutMs = 10_000

export interface ServerUnderTest {
  readonly url: string
  /** From its launch until it said where it listens; until `/readyz` said yes. */
  readonly listeningMs: number
  readonly readyMs: number
  /** Undefined where the system does not tell. */
  usage(): Usage | undefined
  /** NaN where the system does not tell. */
  cpuMs(): number
  /** @throws Error with the end of its log, when it is gone */
  assertAlive(): void
  stop(): Promise<void>
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

export interface LaunchOptions {
  /** Of `cloudpay start`. */
  readonly flags?: readonly string[]
  readonly variables?: Readonly<Record<string, string>>
  readonly nodeFlags?: readonly string[]
}

/** The rules under which an order can be closed as soon as it is placed. */
export const observed = ['--profile', 'observed']

/**
 * The log goes to a file, at its usual level: writing it is part of what a call costs.
 *
 * @param folder exists; the server's data and log stand in it. What is there already makes it a warm start
 * @throws when it does not come up, with the end of its log
 */
export async function launch(
  folder: string,
  { flags = observed, variables = {}, nodeFlags = [] }: LaunchOptions = {},
): Promise<ServerUnderTest> {
  const logPath = join(folder, 'log')
  const log = openSync(logPath, 'a')
  const everyTime = ['--port', '0', '--data', join(folder, 'data')]
  const begun = performance.now()
  const child = spawn(process.execPath, [...nodeFlags, program, 'start', ...everyTime, ...flags], {
    env: { ...ownVariables(), ...variables },
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
  const usage = () => (child.pid === undefined ? undefined : usageOf(child.pid))
  return {
    url,
    listeningMs,
    readyMs: performance.now() - begun,
    usage,
    cpuMs: () => usage()?.cpuMs ?? Number.NaN,
    assertAlive() {
      if (!alive()) throw new Error(`the server is gone:\n${lastWords()}`)
    },
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

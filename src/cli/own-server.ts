/**
 * The server that a command starts where none answers: `cloudpay start`, as a process of its own. It stops when it is
 * told to, and when the process that started it is no more, however that ended.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isLoopback } from '../app/exposure.ts'
import { StartRefused } from '../app/refusals.ts'
import type { Context } from './context.ts'

const main = fileURLToPath(new URL('./main.js', import.meta.url))
const answerWithinMs = 1_000
const pollMs = 100

/** @param path `/readyz` knows of the database, `/healthz` of the process alone */
async function answers(origin: string, path: '/healthz' | '/readyz'): Promise<boolean> {
  try {
    const answer = await fetch(`${origin}${path}`, { signal: AbortSignal.timeout(answerWithinMs) })
    // Whoever else listens there says something else.
    const said: unknown = await answer.json()
    const word = path === '/healthz' ? 'ok' : 'ready'
    return typeof said === 'object' && said !== null && Reflect.get(said, word) === true
  } catch {
    return false
  }
}

/** Of one that others were to find at an address. */
const notStartedThere = () =>
  new StartRefused({
    zh: '服务没有启动成功，原因见上方输出。端口被占用时，用 --url 或 CLOUDPAY_URL 换一个地址，例如 --url http://127.0.0.1:9000。',
    en: 'The server did not start; see above for the reason. Where the port is in use, choose another address with --url or CLOUDPAY_URL, as in --url http://127.0.0.1:9000.',
  })

const notStarted = () =>
  new StartRefused({
    zh: '服务没有启动成功，原因见上方输出。',
    en: 'The server did not start; see above for the reason.',
  })

async function ready(child: ChildProcess, origin: string): Promise<void> {
  while (!(await answers(origin, '/readyz'))) {
    if (child.exitCode !== null || child.signalCode !== null) throw notStartedThere()
    await setTimeout(pollMs)
  }
}

const hostOf = (origin: string) => new URL(origin).hostname.replace(/^\[(.*)\]$/, '$1')

/** A server elsewhere cannot reach what this machine keeps to itself. */
export const isOnThisMachine = (origin: string) => isLoopback(hostOf(origin))

export interface OwnServer {
  stop(): Promise<void>
}

/** `quiet`: the terminal is another program's; only what goes wrong is shown. */
export type Loudness = 'loud' | 'quiet'

/** For one command: the next one begins anew. */
const passingFolder = () => mkdtemp(join(tmpdir(), 'cloudpay-data-'))

/**
 * DATABASE_URL in a shell, or in CI, is the application's own: it must not find our tables there. Whoever wants a server on
 * a PostgreSQL starts it.
 */
function variablesOf(loudness: Loudness, passing: string | undefined): NodeJS.ProcessEnv {
  const { DATABASE_URL: _, ...own } = process.env
  return {
    // The functions' lines, or the command's, are what is read there; callbacks that failed stand among the former.
    CLOUDPAY_LOG_LEVEL: loudness === 'quiet' ? 'error' : 'warn',
    ...own,
    ...(passing === undefined ? {} : { CLOUDPAY_DATA: passing }),
  }
}

/**
 * @returns once it serves; undefined when another answers there, or none should be started there
 * @throws StartRefused
 */
export async function serverAt(
  origin: string,
  loudness: Loudness,
  { language, warn }: Pick<Context, 'language' | 'warn'>,
): Promise<OwnServer | undefined> {
  if (await answers(origin, '/healthz')) return undefined
  // A certificate is nothing that we could make up.
  if (!isOnThisMachine(origin) || !origin.startsWith('http:')) return undefined
  warn({
    zh: `${origin} 没有服务，现在启动一个，退出时一并停止`,
    en: `no server answers at ${origin}: starting one, which stops with this command`,
  })
  const port = new URL(origin).port || '80'
  const passing =
    loudness === 'quiet' && process.env.CLOUDPAY_DATA === undefined ? await passingFolder() : undefined
  const child = spawn(
    process.execPath,
    [main, 'start', '--lang', language, '--host', hostOf(origin), '--port', port],
    {
      // The channel says that we live. Out of the terminal's reach: Ctrl+C is for us to pass on, in our order.
      stdio: ['ignore', loudness === 'quiet' ? 'ignore' : 'inherit', 'inherit', 'ipc'],
      detached: true,
      env: variablesOf(loudness, passing),
    },
  )
  const ended = once(child, 'exit')
  const forget = async () => {
    if (passing !== undefined) await rm(passing, { recursive: true, force: true })
  }
  try {
    await ready(child, origin)
  } catch (error) {
    await forget()
    // Somebody else started one at the same moment, and was first.
    if (await answers(origin, '/healthz')) return undefined
    throw error
  }
  return {
    async stop() {
      child.kill('SIGTERM')
      await ended
      await forget()
    },
  }
}

/** Nothing of the user's settings: what the demo tells must come out the same everywhere. */
const bareVariables = () =>
  Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('CLOUDPAY_') && name !== 'DATABASE_URL'),
  )

const saidUrl = (message: unknown): string | undefined => {
  const url: unknown = typeof message === 'object' && message !== null && Reflect.get(message, 'url')
  return typeof url === 'string' ? url : undefined
}

/**
 * A server for one command alone, on a port that the system chooses; nothing is left of it.
 * @throws StartRefused
 */
export async function passingServer({
  language,
}: Pick<Context, 'language'>): Promise<OwnServer & { readonly origin: string }> {
  const data = await passingFolder()
  const flags = ['--lang', language, '--language', language, '--port', '0', '--data', data]
  const child = spawn(process.execPath, [main, 'start', ...flags, '--log-level', 'error'], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    detached: true,
    env: bareVariables(),
  })
  const ended = once(child, 'exit')
  const stop = async () => {
    child.kill('SIGTERM')
    await ended
    await rm(data, { recursive: true, force: true })
  }
  const message: unknown = await Promise.race([once(child, 'message').then(([said]) => said), ended])
  const origin = saidUrl(message)
  if (origin !== undefined) return { origin, stop }
  await stop()
  throw notStarted()
}

/** `cloudpay dev` as a process of its own, so that it can be stopped and killed. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { builtProgram } from './built-program.ts'
import { listener } from './hosted-functions.ts'
import { owned } from './owned-child.ts'
import { cleanEnvironment } from './server-process.ts'

export function startDev(
  folder: string,
  flags: readonly string[],
  { cwd, variables = {} }: { cwd?: string; variables?: Readonly<Record<string, string>> } = {},
) {
  const child = owned(
    spawn(process.execPath, [...builtProgram, 'dev', folder, ...flags], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...cleanEnvironment(), ...variables },
    }),
  )
  const [out, err] = [listener(), listener()]
  child.stdout.pipe(out.stream)
  child.stderr.pipe(err.stream)
  const ended = once(child, 'close')
  return {
    out,
    err,
    /** Sends the signal and waits for the end. @returns the exit code, null after a signal */
    async stop(signal: NodeJS.Signals): Promise<number | null> {
      child.kill(signal)
      await ended
      return child.exitCode
    },
    /** @returns the exit code */
    async ended(): Promise<number | null> {
      await ended
      return child.exitCode
    },
    /** Of no use to a process that is to be stopped: its children may hold its output. */
    async kill(): Promise<void> {
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** A port that nobody uses just now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('it has no port')
  return address.port
}

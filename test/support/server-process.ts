/** The built program as a process of its own, so that it can be killed. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { builtProgram } from './built-program.ts'
import { owned } from './owned-child.ts'

/** What programs under test keep beside their data, the image of an empty ledger, which takes seconds to make. */
export const cacheOfTests = fileURLToPath(new URL('../../.build/cache', import.meta.url))

/** Nothing of the tester's own set-up reaches the program. */
export const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(CLOUDPAY|TCB|TENCENTCLOUD|WX)_|^DATABASE_URL$/.test(name),
    ),
  )

export interface ServerProcess {
  readonly url: string
  readonly process: ChildProcess
  /** Sends the signal and waits for the end. @returns the exit code, null after a signal */
  stop(signal: NodeJS.Signals): Promise<number | null>
}

interface ProcessOptions {
  readonly flags?: readonly string[]
  /** Beside the tester's own variables, less those that set this program up. */
  readonly variables?: Readonly<Record<string, string>>
  /** A file descriptor for its standard error; the tester's own when left out. */
  readonly stderr?: number
  /** Stops when this process is gone, however it ended. */
  readonly tied?: boolean
}

/** @returns once it serves */
export async function startProcess(
  dataFolder: string,
  { flags = [], variables = {}, stderr, tied = false }: ProcessOptions = {},
): Promise<ServerProcess> {
  const child = owned(
    spawn(
      process.execPath,
      [...builtProgram, 'start', '--port', '0', '--data', dataFolder, '--log-level', 'silent', ...flags],
      {
        stdio: ['ignore', 'pipe', stderr ?? 'ignore', ...(tied ? (['ipc'] as const) : [])],
        env: { ...cleanEnvironment(), ...variables },
      },
    ),
  )
  if (child.stdout === null) throw new Error('its output is not read')
  const output = child.stdout
  const ended = once(child, 'exit')
  const said: string[] = []
  for await (const line of createInterface({ input: output })) {
    said.push(line)
    const url = /http:\/\/[\w.:[\]]+/.exec(line)?.[0]
    if (url === undefined) continue
    // What it says later must not fill the pipe.
    output.resume()
    return {
      url,
      process: child,
      async stop(signal) {
        child.kill(signal)
        await ended
        return child.exitCode
      },
    }
  }
  throw new Error(`the server ended before it served: ${said.join('\n')}`)
}

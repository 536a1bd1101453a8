/** The built `cloudpay` as a process: what it says, how it ends. Of the tester's own variables nothing but PATH. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { builtProgram } from './built-program.ts'
import { owned } from './owned-child.ts'
import { cacheOfTests } from './server-process.ts'

/** Nobody listens there: `run` warns and goes on. */
export const away = ['--url', 'http://127.0.0.1:9']

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface Launched {
  readonly child: ChildProcess
  readonly done: Promise<Ended>
  /** Settles once standard output holds these words. @returns all of it so far */
  said(words: string): Promise<string>
  /** The same of standard error. */
  remarked(words: string): Promise<string>
}

interface How {
  readonly cwd: string
  readonly variables?: Readonly<Record<string, string>>
  /** Another copy of the program. */
  readonly main?: string
}

export function launch(args: readonly string[], { cwd, variables = {}, main }: How): Launched {
  const { PATH = '' } = process.env
  const child = owned(
    spawn(process.execPath, [...(main === undefined ? builtProgram : [main]), ...args], {
      cwd,
      env: { PATH, XDG_CACHE_HOME: cacheOfTests, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  )
  const heard = { out: '', err: '' }
  child.stdout.on('data', (bytes: Buffer) => {
    heard.out += bytes.toString()
  })
  child.stderr.on('data', (bytes: Buffer) => {
    heard.err += bytes.toString()
  })
  const hearing = async (which: 'out' | 'err', words: string) => {
    while (!heard[which].includes(words)) {
      if (child.exitCode !== null) throw new Error(`ended before saying ${words}: ${heard.err}`)
      await once(which === 'out' ? child.stdout : child.stderr, 'data')
    }
    return heard[which]
  }
  const done = once(child, 'close').then(([code]): Ended => ({ ...heard, code }))
  return {
    child,
    done,
    said: (words) => hearing('out', words),
    remarked: (words) => hearing('err', words),
  }
}

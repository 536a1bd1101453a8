/**
 * `cloudpay run -- <command>`: starts a program that finds this server where it looks for Tencent's: the official SDK
 * by its variables, written-in names by led-names. Owns the child's life; the server is looked for, and started only
 * where that was asked for.
 */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { variablesForSdk } from '../client/sdk-variables.ts'
import type { Variables } from '../client/without-proxy.ts'
import { readContainers, sayContainers } from './containers.ts'
import { led } from './led.ts'
import { serverAt } from './own-server.ts'
import { readTarget, type TargetFlags, warnIfAway } from './target.ts'

export interface RunFlags extends TargetFlags {
  /** A server, where none answers. */
  readonly start?: boolean | undefined
  readonly container?: readonly string[] | undefined
  readonly envId?: string | undefined
}

const exitCodes = { notExecutable: 126, notFound: 127 } as const

function reportUnstartable(command: string, error: NodeJS.ErrnoException): number {
  const code = error.code === 'EACCES' ? 'notExecutable' : 'notFound'
  const why = {
    notExecutable: { zh: '没有执行权限', en: 'is not executable' },
    notFound: { zh: '找不到这个命令', en: 'no such command' },
  }[code]
  process.stderr.write(`cloudpay: ${command}：${why.zh} / ${why.en}\n`)
  return exitCodes[code]
}

/** A terminal delivers these to the whole group: the child has them already, twice would mean "at once". */
const fromTerminal: readonly NodeJS.Signals[] = ['SIGINT', 'SIGHUP']

/** @returns the child's exit code, or 128 + n when signal n ended it */
const runChild = (command: string, args: readonly string[], env: Variables): Promise<number> =>
  new Promise((resolve) => {
    const child = spawn(command, args, { stdio: 'inherit', env })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (!(process.stdin.isTTY && fromTerminal.includes(signal))) child.kill(signal)
      })
    }
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) resolve(reportUnstartable(command, error))
    })
    child.on('exit', (code, signal) => {
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal])
    })
  })

/**
 * @returns the exit code, once nothing is left of what the command needed
 * @throws StartRefused before it is started
 */
export async function run(
  command: string,
  args: readonly string[],
  flags: RunFlags,
  own: Variables,
): Promise<number> {
  const { origin, secretId, secretKey } = readTarget(flags, own)
  const containers = readContainers(flags.container ?? [])
  const server = flags.start === true ? await serverAt(origin, 'quiet') : undefined
  if (server === undefined) await warnIfAway(origin, { zh: '命令照常运行', en: 'running the command anyway' })
  const names = await led(origin, own)
  const unsay = await sayContainers(containers, origin, flags.envId ?? 'sandbox', own)
  try {
    const env = variablesForSdk({ ...own, ...names.variables }, origin, secretId, secretKey)
    return await runChild(command, args, env)
  } finally {
    await Promise.all([names.close(), unsay()])
    await server?.stop()
  }
}

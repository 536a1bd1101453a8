/**
 * `cloudpay run -- <command>`: starts a program that finds this server where it looks for Tencent's: the official SDK
 * by its variables, written-in names by led-names. Owns the child's life; the server is looked for, and started only
 * where that was asked for.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { StartRefused } from '../app/refusals.ts'
import { variablesForSdk } from '../client/sdk-variables.ts'
import type { Variables } from '../client/without-proxy.ts'
import { readContainers, sayContainers } from './containers.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { led } from './led.ts'
import { serverAt } from './own-server.ts'
import { readTarget, type TargetFlags, warnIfAway, warnIfOwnKeys } from './target.ts'

export interface RunFlags extends TargetFlags {
  /** A server, where none answers. */
  readonly start?: boolean | undefined
  readonly container?: readonly string[] | undefined
  readonly envId?: string | undefined
}

function reportUnstartable(command: string, error: NodeJS.ErrnoException, warn: Context['warn']): number {
  const code = error.code === 'EACCES' ? 'notExecutable' : 'notFound'
  const why = {
    notExecutable: { zh: '没有执行权限', en: 'is not executable' },
    notFound: { zh: '找不到这个命令', en: 'no such command' },
  }[code]
  warn({ zh: `${command}：${why.zh}`, en: `${command}: ${why.en}` })
  return exitCodes[code]
}

/** A terminal delivers these to the whole group: the child has them already, twice would mean "at once". */
const fromTerminal: readonly NodeJS.Signals[] = ['SIGINT', 'SIGHUP', 'SIGQUIT']

const signalled = (signal: NodeJS.Signals) => exitCodes.signalled + constants.signals[signal]

/** Signals, from the first moment on: what was prepared must be put away. Before there is a child they only wait. */
function takeSignals() {
  let child: ChildProcess | undefined
  let early: NodeJS.Signals | undefined
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
    process.on(signal, () => {
      if (child === undefined) early ??= signal
      else if (!(process.stdin.isTTY && fromTerminal.includes(signal))) child.kill(signal)
    })
  }
  return {
    early: () => early,
    passTo(started: ChildProcess) {
      child = started
    },
  }
}
type Signals = ReturnType<typeof takeSignals>

/** @returns the child's exit code, or 128 + n when signal n ended it */
const runChild = (
  command: string,
  args: readonly string[],
  env: Variables,
  signals: Signals,
  warn: Context['warn'],
): Promise<number> =>
  new Promise((resolve) => {
    const early = signals.early()
    if (early !== undefined) return resolve(signalled(early))
    const child = spawn(command, args, { stdio: 'inherit', env })
    signals.passTo(child)
    child.on('error', (error: NodeJS.ErrnoException) => {
      if (child.pid === undefined) resolve(reportUnstartable(command, error, warn))
    })
    child.on('exit', (code, signal) => {
      resolve(signal === null ? (code ?? 1) : signalled(signal))
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
  context: Context,
): Promise<number> {
  const { variables: own, warn } = context
  if (command === '')
    throw new StartRefused({
      zh: '命令为空：-- 之后写要运行的命令',
      en: 'the command is empty: write it after --',
    })
  const target = readTarget(flags, own)
  const { origin, secretId, secretKey } = target
  const signals = takeSignals()
  const containers = readContainers(flags.container ?? [])
  const server = flags.start === true ? await serverAt(origin, 'quiet', context) : undefined
  if (server === undefined)
    await warnIfAway(origin, { zh: '命令照常运行', en: 'running the command anyway' }, context)
  await warnIfOwnKeys(target, flags.envId, context)
  const names = await led(origin, context)
  const unsay = await sayContainers(containers, origin, flags.envId, context)
  try {
    const env = variablesForSdk({ ...own, ...names.variables }, origin, secretId, secretKey)
    return await runChild(command, args, env, signals, warn)
  } finally {
    await Promise.all([names.close(), unsay()])
    await server?.stop()
  }
}

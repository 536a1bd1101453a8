/**
 * `cloudpay run -- <command>`: starts a program whose official SDK talks to this server instead of Tencent's.
 * Owns the child's variables and life; the server is only looked for, never started.
 */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { demoEnvironment } from '../app/demo-environment.ts'
import { brokenSetting, StartRefused } from '../app/refusals.ts'
import { defaultServerUrl, serverOrigin, variablesForSdk } from '../client/sdk-variables.ts'

type Variables = Readonly<Record<string, string | undefined>>

export interface RunFlags {
  readonly url?: string | undefined
  readonly secretId?: string | undefined
  readonly secretKey?: string | undefined
}

interface Target {
  readonly origin: string
  readonly secretId: string
  readonly secretKey: string
}

/** @throws StartRefused */
export function readTarget(flags: RunFlags, variables: Variables): Target {
  const { CLOUDPAY_URL, CLOUDPAY_SECRET_ID, CLOUDPAY_SECRET_KEY } = variables
  const url = flags.url ?? (CLOUDPAY_URL || defaultServerUrl)
  const origin = serverOrigin(url)
  if (origin === undefined) {
    throw brokenSetting(flags.url === undefined ? 'CLOUDPAY_URL' : '--url', url, {
      zh: `应为服务器地址，不带路径，例如 ${defaultServerUrl}`,
      en: `it must be the server's address without a path, such as ${defaultServerUrl}`,
    })
  }
  const secretId = flags.secretId ?? (CLOUDPAY_SECRET_ID || undefined)
  const secretKey = flags.secretKey ?? (CLOUDPAY_SECRET_KEY || undefined)
  // Half of one pair and half of the demo's would only fail later, as a bad signature.
  if ((secretId === undefined) !== (secretKey === undefined) && secretId !== demoEnvironment.secretId) {
    throw new StartRefused({
      zh: 'SecretId 和 SecretKey 必须同时给出：--secret-id 与 --secret-key，或 CLOUDPAY_SECRET_ID 与 CLOUDPAY_SECRET_KEY；都不给则使用演示环境的密钥。',
      en: "SecretId and SecretKey belong together: give --secret-id and --secret-key, or CLOUDPAY_SECRET_ID and CLOUDPAY_SECRET_KEY, or neither for the demo environment's.",
    })
  }
  return {
    origin,
    secretId: secretId ?? demoEnvironment.secretId,
    secretKey: secretKey ?? demoEnvironment.secretKey,
  }
}

async function warnIfAway(origin: string): Promise<void> {
  try {
    await fetch(`${origin}/healthz`, { signal: AbortSignal.timeout(1000) })
  } catch {
    process.stderr.write(
      `cloudpay: 连不上 ${origin}，请先启动服务（cloudpay start）；命令照常运行 / cannot reach ${origin}: start the server (cloudpay start); running the command anyway\n`,
    )
  }
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
export async function run(
  command: string,
  args: readonly string[],
  { origin, secretId, secretKey }: Target,
): Promise<number> {
  await warnIfAway(origin)
  return new Promise((resolve) => {
    const env = { ...variablesForSdk(process.env, origin, secretId, secretKey) }
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
}

/** Which server a command is about, and as whom: flags, variables, defaults. The server is only looked for. */
import { demoEnvironment } from '../app/demo-environment.ts'
import { brokenSetting, StartRefused } from '../app/refusals.ts'
import { adminTokenVariable } from '../app/settings.ts'
import { CloudPay } from '../client/cloud-pay.ts'
import { defaultServerUrl, serverOrigin } from '../client/sdk-variables.ts'
import type { Variables } from '../client/without-proxy.ts'
import { printable } from '../protocol/printable.ts'
import type { Text } from '../protocol/text.ts'
import type { Context } from './context.ts'
import { hintsOf } from './hints.ts'
import { unreachableText } from './unreachable.ts'

export interface TargetFlags {
  readonly url?: string | undefined
  readonly secretId?: string | undefined
  readonly secretKey?: string | undefined
}

export interface Target {
  readonly origin: string
  readonly secretId: string
  readonly secretKey: string
  /** Nobody gave them: they are the demo's. */
  readonly byDefault: boolean
}

/** @throws StartRefused */
export function readOrigin(flag: string | undefined, { CLOUDPAY_URL }: Variables): string {
  const url = flag ?? (CLOUDPAY_URL || defaultServerUrl)
  const origin = serverOrigin(url)
  if (origin !== undefined) return origin
  throw brokenSetting(flag === undefined ? 'CLOUDPAY_URL' : '--url', url, {
    zh: `应为服务器地址，不带路径，例如 ${defaultServerUrl}`,
    en: `it must be the server's address without a path, such as ${defaultServerUrl}`,
  })
}

/** @throws StartRefused */
export function readTarget(flags: TargetFlags, variables: Variables): Target {
  const { CLOUDPAY_SECRET_ID, CLOUDPAY_SECRET_KEY } = variables
  const origin = readOrigin(flags.url, variables)
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
    byDefault: secretId === undefined,
  }
}

/** Only a server that is there and says nothing makes anyone wait so long. */
const lookingMs = 3_000

/** @param anyway what goes on without it */
export async function warnIfAway(
  origin: string,
  anyway: Text,
  { warn, command }: Pick<Context, 'warn' | 'command'>,
): Promise<void> {
  try {
    await fetch(`${origin}/healthz`, { signal: AbortSignal.timeout(lookingMs) })
  } catch {
    const { zh, en } = unreachableText(origin, hintsOf(command, { origin }).start())
    warn({ zh: `${zh}；${anyway.zh}`, en: `${en}; ${anyway.en}` })
  }
}

/** The SDK would be refused with the demo's keys, and say so in words that name no environment. */
export async function warnIfOwnKeys(
  { origin, byDefault }: Target,
  envId: string | undefined,
  { variables, warn }: Pick<Context, 'variables' | 'warn'>,
): Promise<void> {
  if (!byDefault) return
  const token = variables[adminTokenVariable] || undefined
  const cloudPay = new CloudPay({ baseUrl: origin, envId, token, timeoutMs: lookingMs, retryPausesMs: [] })
  // Whoever does not answer is warned of elsewhere.
  const connect = await cloudPay.connect().catch(() => undefined)
  if (connect === undefined || connect.demo) return
  const its = printable(connect.envId)
  warn({
    zh: `环境 ${its} 有自己的密钥，而没有给出：请设置 CLOUDPAY_SECRET_ID=${printable(connect.secretId)} 与 CLOUDPAY_SECRET_KEY，否则 SDK 的调用会被拒绝`,
    en: `environment ${its} has keys of its own, and none were given: set CLOUDPAY_SECRET_ID=${printable(connect.secretId)} and CLOUDPAY_SECRET_KEY, or the SDK's calls are refused`,
  })
}

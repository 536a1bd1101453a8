/** Which server a command is about, and as whom: flags, variables, defaults. The server is only looked for. */
import { demoEnvironment } from '../app/demo-environment.ts'
import { brokenSetting, StartRefused } from '../app/refusals.ts'
import { defaultServerUrl, serverOrigin } from '../client/sdk-variables.ts'
import type { Variables } from '../client/without-proxy.ts'
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

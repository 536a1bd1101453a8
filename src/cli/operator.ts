/** What operators' commands share: which server and whose orders, and what a failed call is told as. */
import { brokenSetting } from '../app/refusals.ts'
import { adminTokenVariable } from '../app/settings.ts'
import { CloudPay } from '../client/cloud-pay.ts'
import { CloudPayRefused, CloudPayUnanswered, type Unanswered } from '../client/errors.ts'
import { env_id, out_trade_no, sub_mch_id } from '../protocol/api/fields.ts'
import { firstProblem } from '../protocol/format-problem.ts'
import { printable } from '../protocol/printable.ts'
import type { Text } from '../protocol/text.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { type Hints, hintsOf } from './hints.ts'
import { readOrigin } from './target.ts'
import type { Terminal } from './terminal.ts'
import { unreachableText } from './unreachable.ts'

export interface OperatorFlags {
  readonly url?: string | undefined
  readonly envId?: string | undefined
  /** The same, shorter. */
  readonly env?: string | undefined
  readonly subMchId?: string | undefined
  readonly json?: boolean | undefined
}

export interface Operator {
  readonly cloudPay: CloudPay
  readonly origin: string
  /** As it was given. */
  readonly envId: string | undefined
  readonly subMchId: string | undefined
  /** An administrator's token was given. */
  readonly hasToken: boolean
  /** How commands about the same are named to the reader. */
  readonly hints: Hints
}

/** @throws StartRefused */
export function checked(
  name: string,
  given: string | undefined,
  schema: Pick<typeof env_id, 'safeParse'>,
): string | undefined {
  if (given === undefined) return undefined
  const read = schema.safeParse(given)
  if (read.success) return given
  throw brokenSetting(name, given, firstProblem(read.error, given))
}

/** @throws StartRefused */
export const checkedNumber = (given: string): string => checked('<number>', given, out_trade_no) ?? given

/** @throws StartRefused */
export function readOperator(
  flags: OperatorFlags,
  { variables, language, command }: Pick<Context, 'variables' | 'language' | 'command'>,
): Operator {
  const origin = readOrigin(flags.url, variables)
  const envId = checked('--env-id', flags.envId ?? flags.env, env_id)
  const subMchId = checked('--sub-mch-id', flags.subMchId, sub_mch_id)
  const token = variables[adminTokenVariable] || undefined
  return {
    cloudPay: new CloudPay({ baseUrl: origin, token, envId, subMchId, client: 'cli', language }),
    origin,
    envId,
    subMchId,
    hasToken: token !== undefined,
    hints: hintsOf(command, { origin, envId, subMchId }),
  }
}

/** The name, to be printed, of the environment that a command was about: the server knows which one goes without saying. */
export const environmentOf = async ({ cloudPay, envId }: Operator): Promise<string> =>
  printable(envId ?? (await cloudPay.connect()).envId)

/** Said where the call may have been done, and must not be done twice. @param look the command that shows it */
const lookFirst = (look: string): Text => ({
  zh: `结果未知；请先用 ${look} 查看，再决定是否重复`,
  en: `the outcome is not known; look with ${look} before you repeat it`,
})

const repeatIt: Text = {
  zh: '结果未知；请再次运行同一命令，重复执行是安全的',
  en: 'the outcome is not known; run the same command again, which is safe',
}

const unansweredTexts: Readonly<
  Record<Unanswered, (origin: string, then: Text, start: string | undefined) => Text>
> = {
  unreachable: (origin, _then, start) => unreachableText(origin, start),
  'time-out': (origin, then) => ({
    zh: `${origin} 没有及时应答，${then.zh}`,
    en: `${origin} did not answer in time; ${then.en}`,
  }),
  unavailable: (origin, then) => ({
    zh: `${origin} 暂时无法应答（数据库不可用），${then.zh}`,
    en: `${origin} could not say (its database is away); ${then.en}`,
  }),
  failed: (origin) => ({
    zh: `${origin} 出错，结果未知；请查看服务日志`,
    en: `${origin} failed and the outcome is not known; its log says why`,
  }),
  unreadable: (origin) => ({
    zh: `${origin} 的应答不是本版本 OpenCloudPay 的；请核对 --url，并使用同一版本`,
    en: `${origin} does not answer like this version of OpenCloudPay; check --url, and use the same version`,
  }),
}

function refusedText(
  { origin, hasToken }: Pick<Operator, 'origin' | 'hasToken'>,
  { status, message }: CloudPayRefused,
): Text {
  if (status === 401 && hasToken)
    return {
      zh: `${origin} 拒绝了请求：${adminTokenVariable} 中的令牌不是该服务的`,
      en: `${origin} refused: the token in ${adminTokenVariable} is not the server's`,
    }
  if (status === 401)
    return {
      zh: `${origin} 需要管理员令牌：请设置环境变量 ${adminTokenVariable}`,
      en: `${origin} asks for the administrator's token: set ${adminTokenVariable}`,
    }
  // The server's own words, in its language.
  const its = printable(message)
  return { zh: `${origin} 拒绝了请求：${its}`, en: `${origin} refused: ${its}` }
}

export async function noSuchOrder(operator: Operator, number: string): Promise<Text> {
  const envId = await environmentOf(operator)
  return {
    zh: `环境 ${envId} 没有订单 ${number}；请核对订单号、--sub-mch-id 和 --env-id`,
    en: `environment ${envId} has no order ${number}; check the number, --sub-mch-id and --env-id`,
  }
}

export interface Failure {
  readonly text: Text
  readonly exitCode: number
}

/** The command that shows what came of a call. */
type Look = (hints: Hints) => string

/**
 * @param look the command that shows what came of it, where it must not be done twice
 * @returns undefined: it is none of the client's, and nobody foresaw it
 */
export function failureOf(
  { origin, hints, hasToken }: Pick<Operator, 'origin' | 'hints' | 'hasToken'>,
  error: unknown,
  look?: Look,
): Failure | undefined {
  if (error instanceof CloudPayRefused)
    return { text: refusedText({ origin, hasToken }, error), exitCode: exitCodes.refused }
  if (error instanceof CloudPayUnanswered)
    return {
      text: unansweredTexts[error.why](
        origin,
        look === undefined ? repeatIt : lookFirst(look(hints)),
        hints.start(),
      ),
      exitCode: exitCodes.unanswered,
    }
  return undefined
}

/**
 * Asks the server, and says what it could not be asked.
 * @param look see failureOf
 * @returns the exit code
 * @throws StartRefused
 */
export async function operated(
  flags: OperatorFlags,
  context: Context,
  command: (operator: Operator, terminal: Terminal) => Promise<number>,
  look?: Look,
): Promise<number> {
  const operator = readOperator(flags, context)
  const terminal = await context.terminal()
  try {
    return await command(operator, terminal)
  } catch (error) {
    const failure = failureOf(operator, error, look)
    if (failure === undefined) throw error
    terminal.warn(failure.text)
    return failure.exitCode
  }
}

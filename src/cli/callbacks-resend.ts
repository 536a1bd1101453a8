/** `cloudpay callbacks resend`: an order's or a refund's callbacks again, or all that stand in a state. */
import { StartRefused } from '../app/refusals.ts'
import { noticeStates } from '../protocol/api/notices.ts'
import type { Text } from '../protocol/text.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { jsonText } from './json-text.ts'
import { environmentOf, type Operator, type OperatorFlags, operated } from './operator.ts'
import { wordsOf } from './words-of.ts'

export interface ResendFlags extends OperatorFlags {
  readonly refund?: boolean | undefined
  readonly state?: string | undefined
}

const whatToResend = (example: string) =>
  new StartRefused({
    zh: `请给出一个号码，或 --state <状态>，二者只取其一，例如 ${example}。`,
    en: `Give a number, or --state <state>, and not both, as in ${example}.`,
  })

async function nothingToResend(operator: Operator, number: string): Promise<Text> {
  const envId = await environmentOf(operator)
  return {
    zh: `环境 ${envId} 没有 ${number}；请核对号码、--sub-mch-id 和 --env-id；退款单号须加 --refund`,
    en: `environment ${envId} has no ${number}; check the number, --sub-mch-id and --env-id; that of a refund needs --refund`,
  }
}

/** @throws StartRefused */
function askedFor(number: string | undefined, { refund = false, state }: ResendFlags, example: string) {
  if ((number === undefined) === (state === undefined)) throw whatToResend(example)
  if (number !== undefined) return refund ? { outRefundNo: number } : { outTradeNo: number }
  const [only, other] = wordsOf('--state', state, noticeStates) ?? []
  if (only === undefined || other !== undefined || refund) throw whatToResend(example)
  return { state: only }
}

/**
 * @returns the exit code
 * @throws StartRefused
 */
export const resendCallbacks = (
  number: string | undefined,
  flags: ResendFlags,
  context: Context,
): Promise<number> =>
  operated(flags, context, async (operator, { print, warn, language }) => {
    const { hints } = operator
    const asked = askedFor(number, flags, hints.same('callbacks resend TEA-0001'))
    const resent = await operator.cloudPay.callbacks.resend(asked)
    if (resent.outcome === 'not-found') {
      warn(await nothingToResend(operator, number ?? ''))
      return exitCodes.unknown
    }
    const { count } = resent
    const look =
      number === undefined ? hints.same('callbacks list') : hints.ofNumber('callbacks show', number)
    const said: Text = {
      zh: `已重发 ${count} 个订单或退款的回调；结果见 ${look}`,
      en: `sent again: ${count}, orders and refunds; what comes of it: ${look}`,
    }
    print(flags.json === true ? jsonText({ outcome: 'resent', count }) : said[language])
    return exitCodes.done
  })

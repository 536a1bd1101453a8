/** `cloudpay callbacks list`: what did not arrive, and why. */

import type { ApiTold } from '../protocol/api/callbacks.ts'
import { noticeStates, told as toldSchema } from '../protocol/api/notices.ts'
import type { Text } from '../protocol/text.ts'
import { toldLines } from './callback-page.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import type { Hints } from './hints.ts'
import { jsonText } from './json-text.ts'
import { type LimitFlags, pageSizeOf, readLimit, take } from './list-limit.ts'
import { environmentOf, type OperatorFlags, operated } from './operator.ts'
import { asWire } from './order-text.ts'
import { wordsOf } from './words-of.ts'

type NoticeState = ApiTold['state']

export interface CallbacksListFlags extends OperatorFlags, LimitFlags {
  readonly state?: string | undefined
}

/** Mostly good news: it says what would stand here, and how one comes to see it. */
function noneText(states: readonly NoticeState[], envId: string, { same }: Hints): Text {
  const show = { zh: same("callbacks show '<订单号>'"), en: same("callbacks show '<number>'") }
  if (states === notDelivered)
    return {
      zh: `环境 ${envId} 没有未送达的回调。支付或退款之后告知商户，没有送到的列在这里；已送达的见 ${show.zh}`,
      en: `Environment ${envId} has no callback that did not arrive. After a payment or a refund the shop is told, and what does not reach it is listed here; what did: ${show.en}`,
    }
  return {
    zh: `环境 ${envId} 没有处于 ${states.join('、')} 状态的回调。支付或退款之后才有回调；一个订单的全部回调见 ${show.zh}`,
    en: `Environment ${envId} has no callback that is ${states.join(' or ')}. There are callbacks after a payment or a refund; all of an order's: ${show.en}`,
  }
}

const notDelivered: readonly NoticeState[] = noticeStates.filter((state) => state !== 'delivered')

/**
 * @returns the exit code
 * @throws StartRefused
 */
export const listCallbacks = (flags: CallbacksListFlags, context: Context): Promise<number> =>
  operated(flags, context, async (operator, { print, warn, paint, language }) => {
    const { cloudPay, hints } = operator
    const limit = readLimit(flags)
    const states = wordsOf('--state', flags.state, noticeStates) ?? notDelivered
    const lines = (all: readonly ApiTold[]) =>
      flags.json === true
        ? all.map((told) => jsonText(asWire(toldSchema, told)))
        : toldLines(all, language, paint, hints)
    const pages = cloudPay.callbacks.list({ states, pageSize: pageSizeOf(limit) }).pages()
    const { count, more } = await take(
      pages,
      ({ callbacks }) => callbacks,
      limit,
      (all) => {
        for (const line of lines(all)) print(line)
      },
    )
    if (count === 0) {
      if (flags.json !== true) print(noneText(states, await environmentOf(operator), hints)[language])
    } else if (more)
      warn({ zh: '还有更多：--limit <数量> 或 --all', en: 'there are more: --limit <number>, or --all' })
    else if (flags.json !== true)
      warn({
        zh: `每次尝试的内容：${hints.same("callbacks show '<号码>'")}；修好后重发：${hints.same("callbacks resend '<号码>'")}`,
        en: `every attempt: ${hints.same("callbacks show '<number>'")}; once it is mended: ${hints.same("callbacks resend '<number>'")}`,
      })
    return exitCodes.done
  })

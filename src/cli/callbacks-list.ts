/** `cloudpay callbacks list`: what did not arrive, and why. */

import type { ApiTold } from '../protocol/api/callbacks.ts'
import { noticeStates, told as toldSchema } from '../protocol/api/notices.ts'
import { toldLines } from './callback-page.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { type LimitFlags, pageSizeOf, readLimit, take } from './list-limit.ts'
import { type OperatorFlags, operated } from './operator.ts'
import { asWire } from './order-text.ts'
import { wordsOf } from './words-of.ts'

export interface CallbacksListFlags extends OperatorFlags, LimitFlags {
  readonly state?: string | undefined
}

const notDelivered = noticeStates.filter((state) => state !== 'delivered')

/**
 * @returns the exit code
 * @throws StartRefused
 */
export const listCallbacks = (flags: CallbacksListFlags, context: Context): Promise<number> =>
  operated(flags, context, async ({ cloudPay, envId }, { print, warn, paint, language }) => {
    const limit = readLimit(flags)
    const states = wordsOf('--state', flags.state, noticeStates) ?? notDelivered
    const lines = (all: readonly ApiTold[]) =>
      flags.json === true
        ? all.map((told) => JSON.stringify(asWire(toldSchema, told)))
        : toldLines(all, language, paint)
    const pages = cloudPay.callbacks.list({ states, pageSize: pageSizeOf(limit) }).pages()
    const { count, more } = await take(
      pages,
      ({ callbacks }) => callbacks,
      limit,
      (all) => {
        for (const line of lines(all)) print(line)
      },
    )
    if (count === 0)
      warn({ zh: `环境 ${envId} 没有这样的回调`, en: `environment ${envId} has no such callback` })
    else if (more)
      warn({ zh: '还有更多：--limit <数量> 或 --all', en: 'there are more: --limit <number>, or --all' })
    else if (flags.json !== true)
      warn({
        zh: '每次尝试的内容：cloudpay callbacks show <号码>；修好后重发：cloudpay callbacks resend',
        en: 'every attempt: cloudpay callbacks show <number>; once it is mended: cloudpay callbacks resend',
      })
    return exitCodes.done
  })

/** `cloudpay callbacks show <number>`: where an order's callbacks go, and what became of every attempt. */
import { z } from 'zod'
import { attempt, notice } from '../protocol/api/notices.ts'
import type { ApiOrderDetail } from '../protocol/api/order-detail.ts'
import { printable } from '../protocol/printable.ts'
import { attemptLines, noticeLines } from './callback-page.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { findOrder, nothingFound } from './find-order.ts'
import { jsonText } from './json-text.ts'
import { type OperatorFlags, operated } from './operator.ts'
import { asWire } from './order-text.ts'

const shown = z.object({
  env_id: z.string(),
  sub_mch_id: z.string(),
  out_trade_no: z.string(),
  target: z.string().optional(),
  notices: z.array(notice),
  refunds: z.array(z.object({ out_refund_no: z.string(), notices: z.array(notice) })),
  attempts: z.array(attempt),
})

const json = ({ envId, subMchId, outTradeNo, target, notices, refunds, attempts }: ApiOrderDetail) =>
  asWire(shown, {
    envId,
    subMchId,
    outTradeNo,
    target,
    notices,
    refunds: refunds.map((refund) => ({ outRefundNo: refund.outRefundNo, notices: refund.notices })),
    attempts,
  })

/**
 * @returns the exit code
 * @throws StartRefused
 */
export const showCallbacks = (number: string, flags: OperatorFlags, context: Context): Promise<number> =>
  operated(flags, context, async (operator, { print, warn, paint, language }) => {
    const order = await findOrder(operator, number)
    if (order === undefined) {
      warn(await nothingFound(operator, number))
      return exitCodes.unknown
    }
    if (flags.json === true) {
      print(jsonText(json(order)))
      return exitCodes.done
    }
    const { outTradeNo, target, attempts } = order
    print(`${paint('bold', outTradeNo)}${target === undefined ? '' : `  → ${printable(target)}`}`)
    const notices = noticeLines(order, language, paint, operator.hints)
    for (const line of notices) print(line)
    // The last one at the end, where people look.
    for (const attempted of attempts.toReversed())
      for (const line of ['', ...attemptLines(attempted, language, paint, operator.hints)]) print(line)
    if (notices.length === 0)
      warn({
        zh: '还没有要告知的：支付或退款之后才有回调，关单没有',
        en: 'nothing to tell yet: a payment or a refund is told, a close never is',
      })
    return exitCodes.done
  })

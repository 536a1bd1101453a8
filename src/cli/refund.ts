/** `cloudpay refund <number>`: the money of a paid order goes back, all or a part of it. Running it again is harmless. */
import { brokenSetting } from '../app/refusals.ts'
import { out_refund_no, refundShown } from '../protocol/api/refund.ts'
import { printable } from '../protocol/printable.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { readFen } from './fen.ts'
import { jsonText } from './json-text.ts'
import { money } from './money.ts'
import { checked, checkedNumber, noSuchOrder, type OperatorFlags, operated } from './operator.ts'
import { asWire } from './order-text.ts'
import { refundCell } from './order-words.ts'

export interface RefundFlags extends OperatorFlags {
  readonly refundNo?: string | undefined
  readonly fee?: string | undefined
  readonly reason?: string | undefined
}

/** Longer ones the server refuses. */
const longestReason = 80

/** @throws StartRefused */
function readReason(given: string | undefined): string | undefined {
  if (given === undefined || (given !== '' && given.length <= longestReason)) return given
  throw brokenSetting('--reason', given, {
    zh: `应为 1 到 ${longestReason} 个字符`,
    en: `it must have 1 to ${longestReason} characters`,
  })
}

/**
 * @returns the exit code
 * @throws StartRefused
 */
export const refund = (given: string, flags: RefundFlags, context: Context): Promise<number> =>
  operated(flags, context, async (operator, { print, warn, language }) => {
    const outTradeNo = checkedNumber(given)
    // Derived from the order alone: the same command again is the same refund, whatever became of the first.
    const outRefundNo = checked('--refund-no', flags.refundNo, out_refund_no) ?? `${outTradeNo}-R1`
    const result = await operator.cloudPay.refund({
      outTradeNo,
      outRefundNo,
      refundFee: readFen('--fee', flags.fee),
      refundDesc: readReason(flags.reason),
    })
    const json = (more: object) =>
      print(
        jsonText({
          out_trade_no: outTradeNo,
          out_refund_no: outRefundNo,
          outcome: result.outcome,
          ...more,
        }),
      )
    switch (result.outcome) {
      case 'accepted': {
        const { refundFee, state } = result.refund
        const look = operator.hints.ofNumber('orders show', outTradeNo)
        const word = refundCell({ state }, language).text
        const said = {
          zh: `${outRefundNo}  已受理，${money(refundFee)}，${word}；到账见 ${look}`,
          en: `${outRefundNo}  accepted, ${money(refundFee)}, ${word}; see ${look}`,
        }
        if (flags.json === true) json({ refund: asWire(refundShown, result.refund) })
        else print(said[language])
        return exitCodes.done
      }
      case 'refused': {
        const { code, message } = result
        if (flags.json === true) json({ code, message })
        // The server's texts name it, as a rule.
        const its = message.includes(code) ? { zh: '', en: '' } : { zh: `（${code}）`, en: ` (${code})` }
        warn({
          zh: printable(`${outTradeNo} 不能退款${its.zh}：${message}`),
          en: printable(`${outTradeNo} cannot be refunded${its.en}: ${message}`),
        })
        return exitCodes.refused
      }
      case 'not-found':
        if (flags.json === true) json({})
        warn(await noSuchOrder(operator, outTradeNo))
        return exitCodes.unknown
    }
  })

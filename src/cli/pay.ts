/** `cloudpay pay <number>`: the customer of the sandbox, at an order. */
import { brokenSetting } from '../app/refusals.ts'
import type { PayResult } from '../protocol/api/sandbox.ts'
import { isoTime } from '../protocol/beijing-time.ts'
import { printable } from '../protocol/printable.ts'
import type { Text } from '../protocol/text.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import type { Hints } from './hints.ts'
import { jsonText } from './json-text.ts'
import { checkedNumber, noSuchOrder, type OperatorFlags, operated } from './operator.ts'
import { beijing } from './order-text.ts'

export interface PayFlags extends OperatorFlags {
  readonly openid?: string | undefined
  readonly then?: string | undefined
}

const ways = ['pay', 'cancel', 'fail', 'wait'] as const

/** @throws StartRefused */
function readWay(given: string | undefined): (typeof ways)[number] | undefined {
  const way = ways.find((known) => known === given)
  if (given === undefined || way !== undefined) return way
  throw brokenSetting('--then', given, {
    zh: `应为 ${ways.join('、')} 之一`,
    en: `it must be one of ${ways.join(', ')}`,
  })
}

/** @returns undefined: nothing came of it, and why is told apart */
function said(number: string, result: PayResult, { ofNumber }: Hints): Text | undefined {
  switch (result.outcome) {
    case 'paid':
      return {
        zh: `${number}  已支付，${beijing(result.paidAt, 'zh')}，交易号 ${result.transactionId}；回调见 ${ofNumber('callbacks show', number)}`,
        en: `${number}  paid, ${beijing(result.paidAt, 'en')}, transaction ${result.transactionId}; its callback: ${ofNumber('callbacks show', number)}`,
      }
    case 'paid-late':
      return {
        zh: `${number}  付得太迟，订单保持关闭，交易号 ${result.transactionId}：${result.note}`,
        en: `${number}  paid too late, the order stays closed, transaction ${result.transactionId}: ${result.note}`,
      }
    case 'cancelled':
      return {
        zh: `${number}  用户取消，订单仍可支付`,
        en: `${number}  the customer cancelled; it can still be paid`,
      }
    case 'failed':
      return {
        zh: `${number}  支付失败，订单仍可支付`,
        en: `${number}  the payment failed; it can still be paid`,
      }
    case 'waiting':
      return {
        zh: `${number}  用户停在密码页；继续：${ofNumber('pay', number)}`,
        en: `${number}  the customer is on the password page; go on with ${ofNumber('pay', number)}`,
      }
    case 'refused':
    case 'not-found':
      return undefined
  }
}

const cannotBePaid = (number: string, message: string): Text => ({
  zh: printable(`${number} 不能支付：${message}`),
  en: printable(`${number} cannot be paid: ${message}`),
})

const json = (outTradeNo: string, result: PayResult): string =>
  jsonText({
    out_trade_no: outTradeNo,
    outcome: result.outcome,
    ...('transactionId' in result
      ? {
          transaction_id: result.transactionId,
          openid: result.openid,
          paid_at: isoTime(result.paidAt),
        }
      : {}),
    ...('note' in result ? { note: result.note } : {}),
    ...('code' in result ? { code: result.code, message: result.message } : {}),
  })

const exitCodeOf = (result: PayResult): number => {
  switch (result.outcome) {
    case 'paid':
    case 'cancelled':
    case 'failed':
    case 'waiting':
      return exitCodes.done
    case 'paid-late':
      return exitCodes.paid
    case 'refused':
      return result.code === 'ALREADY_PAID' ? exitCodes.paid : exitCodes.refused
    case 'not-found':
      return exitCodes.unknown
  }
}

/**
 * @returns the exit code
 * @throws StartRefused
 */
export const pay = (given: string, flags: PayFlags, context: Context): Promise<number> =>
  operated(
    flags,
    context,
    async (operator, { print, warn, language }) => {
      const number = checkedNumber(given)
      const result = await operator.cloudPay.sandbox.pay(number, {
        openid: flags.openid,
        then: readWay(flags.then),
      })
      const text = said(number, result, operator.hints)
      if (flags.json === true) print(json(number, result))
      else if (text !== undefined) print(printable(text[language]))
      if (result.outcome === 'not-found') warn(await noSuchOrder(operator, number))
      if (result.outcome === 'refused') warn(cannotBePaid(number, result.message))
      return exitCodeOf(result)
    },
    ({ ofNumber }) => ofNumber('orders show', given),
  )

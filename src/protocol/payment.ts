/**
 * `payment`: what a client hands to `wx.requestPayment`, signed so that it can be verified.
 * Source: CloudPay.unifiedOrder page (keys are camelCase already on the wire); v2 pages, chapter 7_7 (JSAPI) and
 * 9_12 (APP). NATIVE and MWEB have none: their payer follows `code_url` or `mweb_url`.
 */
import type { AnswerContext } from './answer.ts'
import { sign } from './sign.ts'

export type Payment = Readonly<Record<string, string>>

const seconds = (at: Date) => String(Math.floor(at.getTime() / 1000))

function forMiniProgram(prepayId: string, context: AnswerContext, at: Date): Payment {
  const fields = {
    // The app that owns the openid: the caller's own where it has one.
    appId: context.subAppid ?? context.account.appid,
    timeStamp: seconds(at),
    nonceStr: context.nonceStr,
    package: `prepay_id=${prepayId}`,
    signType: 'MD5',
  }
  return { ...fields, paySign: sign(fields, context.account.apiKey) }
}

/** The app's OpenSDK wants other names. **Inferred** for CloudPay, whose page shows the mini-program form only. */
function forApp(prepayId: string, context: AnswerContext, at: Date): Payment {
  const fields = {
    appid: context.subAppid ?? context.account.appid,
    partnerid: context.subMchId,
    prepayid: prepayId,
    package: 'Sign=WXPay',
    noncestr: context.nonceStr,
    timestamp: seconds(at),
  }
  return { ...fields, sign: sign(fields, context.account.apiKey) }
}

export function paymentOf(
  prepay: { readonly prepayId: string; readonly tradeType: string; readonly at: Date },
  context: AnswerContext,
): Payment | undefined {
  switch (prepay.tradeType) {
    case 'JSAPI':
      return forMiniProgram(prepay.prepayId, context, prepay.at)
    case 'APP':
      return forApp(prepay.prepayId, context, prepay.at)
    default:
      return undefined
  }
}

/** What the real service was seen to answer when the order failed: signed, and worthless. */
export const emptyPayment = (context: AnswerContext, at: Date): Payment => forMiniProgram('', context, at)

/**
 * What a callback carries, in the form of whoever gets it: a function's event, a container's JSON, v2's XML.
 * Source: CloudPay.paymentCallback page and logs of real events; Cloud Run callback page; v2 chapters 9_7 and 9_16.
 */
import type { MadeAs } from './answer.ts'
import { readableTime, wireTime } from './beijing-time.ts'
import type { Target } from './callback-target.ts'
import { camelKeys } from './camel-keys.ts'
import { sign } from './sign.ts'
import { sealReqInfo } from './v2/req-info.ts'
import { writeRoot, writeXml } from './v2/xml.ts'
import { xmlText } from './v2/xml-text.ts'

/** Who is spoken of, and whose name and key a notice carries. */
export interface NoticeContext {
  readonly madeAs: MadeAs
  readonly apiKey: string
  readonly subMchId: string
  readonly subAppid: string | undefined
  /** Differs between sends (**inferred**): consumers must not tell copies apart by it. */
  readonly nonceStr: string
}

export interface PaidNotice {
  readonly kind: 'paid'
  readonly outTradeNo: string
  readonly transactionId: string
  readonly totalFee: number
  readonly feeType: string
  readonly tradeType: string
  readonly bankType: string
  readonly paidAt: Date
  /** The payer under the provider's app id and under the caller's. */
  readonly openid: string
  readonly subOpenid: string
  readonly attach: string | undefined
  readonly deviceInfo: string | undefined
}

export interface RefundedNotice {
  readonly kind: 'refunded'
  readonly outTradeNo: string
  readonly transactionId: string
  readonly outRefundNo: string
  readonly refundId: string
  readonly refundFee: number
  readonly totalFee: number
  readonly status: 'SUCCESS' | 'CHANGE' | 'REFUNDCLOSE'
  readonly succeededAt: Date | undefined
  readonly refundAccount: string
  readonly subOpenid: string
}

export type NoticeFacts = PaidNotice | RefundedNotice

type Fields = Readonly<Record<string, string | number>>

/** Where the money of a refund goes: the sandbox's payers pay from their balance. */
export const recvAccount = '支付用户零钱'

const present = (fields: Readonly<Record<string, string | number | undefined>>): Fields =>
  Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string | number] => entry[1] !== undefined),
  )

/** A direct merchant's notices say nothing of a sub-merchant. */
const whoseFields = ({ madeAs, subMchId, subAppid }: NoticeContext) => ({
  appid: madeAs.appid,
  mch_id: madeAs.mchId,
  ...(madeAs.direct ? {} : { sub_appid: subAppid, sub_mch_id: subMchId }),
})

const payerFields = ({ openid, subOpenid }: PaidNotice, { direct }: MadeAs) =>
  direct
    ? { openid: subOpenid, is_subscribe: 'N' }
    : { openid, is_subscribe: 'N', sub_openid: subOpenid, sub_is_subscribe: 'N' }

/** Snake-case names, in the order of the official sample. */
const paidFields = (facts: PaidNotice, context: NoticeContext): Fields =>
  present({
    return_code: 'SUCCESS',
    ...whoseFields(context),
    nonce_str: context.nonceStr,
    result_code: 'SUCCESS',
    device_info: facts.deviceInfo,
    ...payerFields(facts, context.madeAs),
    trade_type: facts.tradeType,
    bank_type: facts.bankType,
    total_fee: facts.totalFee,
    fee_type: facts.feeType,
    cash_fee: facts.totalFee,
    transaction_id: facts.transactionId,
    out_trade_no: facts.outTradeNo,
    // v2 echoes an attach that was never given as an empty element (**inferred** from its query replies).
    attach: facts.attach ?? (context.madeAs.wire === 'v2' ? '' : undefined),
    time_end: wireTime(facts.paidAt),
  })

/** What v2 hides in `req_info`, and CloudPay says openly. `refund_recv_accout` is WeChat's own spelling. */
const refundFields = (facts: RefundedNotice): Fields =>
  present({
    transaction_id: facts.transactionId,
    out_trade_no: facts.outTradeNo,
    refund_id: facts.refundId,
    out_refund_no: facts.outRefundNo,
    total_fee: facts.totalFee,
    settlement_total_fee: facts.totalFee,
    refund_fee: facts.refundFee,
    settlement_refund_fee: facts.refundFee,
    refund_status: facts.status,
    success_time: facts.succeededAt === undefined ? undefined : readableTime(facts.succeededAt),
    refund_recv_accout: recvAccount,
    refund_account: facts.refundAccount,
    refund_request_source: 'API',
  })

/** No `resultCode` and no `attach`, as in real logs. */
const refundedFields = (facts: RefundedNotice, context: NoticeContext): Fields => ({
  return_code: 'SUCCESS',
  ...present(whoseFields(context)),
  nonce_str: context.nonceStr,
  ...refundFields(facts),
})

const sortedByName = (fields: object) =>
  Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)))

/** camelCase, sorted as real logs show it; the platform adds whose user it is about. */
function functionEvent(facts: NoticeFacts, context: NoticeContext): Readonly<Record<string, unknown>> {
  const fields = facts.kind === 'paid' ? paidFields(facts, context) : refundedFields(facts, context)
  return {
    ...sortedByName(camelKeys(fields)),
    userInfo: { appId: context.subAppid ?? context.madeAs.appid, openId: facts.subOpenid },
  }
}

const containerBody = (facts: NoticeFacts, context: NoticeContext): string =>
  JSON.stringify(
    camelKeys(facts.kind === 'paid' ? paidFields(facts, context) : refundedFields(facts, context)),
  )

/** v2 writes texts and whole numbers; the refund notice has no `sign`: that it can be opened proves it. */
function notifyXml(facts: NoticeFacts, context: NoticeContext): string {
  const { apiKey, madeAs } = context
  if (facts.kind === 'refunded') {
    const hidden = Object.fromEntries(
      Object.entries(refundFields(facts)).map(([name, value]) => [name, xmlText(String(value))]),
    )
    return writeXml({
      return_code: 'SUCCESS',
      ...present(whoseFields(context)),
      nonce_str: context.nonceStr,
      req_info: sealReqInfo(writeRoot(hidden), apiKey),
    })
  }
  const fields: Fields = {
    ...Object.fromEntries(
      Object.entries(paidFields(facts, context)).map(([name, value]) => [
        name,
        typeof value === 'string' ? xmlText(value) : value,
      ]),
    ),
    // **Inferred**: said only where it is not the usual one.
    ...(madeAs.signType === 'MD5' ? {} : { sign_type: madeAs.signType }),
  }
  return writeXml({ ...fields, sign: sign(fields, apiKey, madeAs.signType) })
}

/** A callback ready to be sent. */
export type Callback =
  | { readonly kind: 'function'; readonly event: Readonly<Record<string, unknown>> }
  | { readonly kind: 'container' | 'url'; readonly body: string }

export function callbackFor(target: Target['kind'], facts: NoticeFacts, context: NoticeContext): Callback {
  switch (target) {
    case 'function':
      return { kind: target, event: functionEvent(facts, context) }
    case 'container':
      return { kind: target, body: containerBody(facts, context) }
    case 'url':
      return { kind: target, body: notifyXml(facts, context) }
  }
}

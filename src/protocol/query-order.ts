/** queryOrder on the wire. Source: CloudPay.queryOrder page; field sets by state from recorded answers. */
import { z } from 'zod'
import { type AnswerContext, refusal, success, type WireAnswer } from './answer.ts'
import { wireTime } from './beijing-time.ts'
import { type CamelKeys, camelKeys } from './camel-keys.ts'
import { nonce_str, out_trade_no, type Read, readWith, sub_mch_id, text } from './fields.ts'
import { brokenRule } from './format-problem.ts'
import { type CommonOutcome, encodeCommon, isCommon } from './outcome.ts'

const schema = z
  .object({
    sub_mch_id,
    /** Wins over `out_trade_no` when both are given. */
    transaction_id: text(32).optional(),
    out_trade_no: out_trade_no.optional(),
    nonce_str,
  })
  .refine(
    (asked) => asked.transaction_id !== undefined || asked.out_trade_no !== undefined,
    brokenRule(
      'transaction_id 与 out_trade_no 须给出一个',
      'transaction_id or out_trade_no: one of them is required',
    ),
  )

export type QueryOrderRequest = CamelKeys<z.output<typeof schema>>

/** @param body snake_case keys */
export function readQueryOrder(body: object): Read<QueryOrderRequest> {
  const read = readWith(schema, body)
  return 'problem' in read ? read : { request: camelKeys(read.request) }
}

/** What an answer tells of an order. */
export interface QueriedOrder {
  readonly outTradeNo: string
  readonly totalFee: number
  readonly attach: string | undefined
  readonly deviceInfo: string | undefined
  readonly tradeType: string
  readonly trade:
    | { readonly state: 'NOTPAY' | 'CLOSED' }
    | {
        /** `REFUND`: a refund of it was accepted, whatever came of it. */
        readonly state: 'SUCCESS' | 'REFUND'
        readonly transactionId: string
        readonly paidAt: Date
        /** Under the provider's app id, and under the caller's; the order named at least one. */
        readonly openid: string
        readonly subOpenid: string
        readonly bankType: string
        readonly feeType: string
      }
}

export type QueryOrderOutcome =
  | CommonOutcome
  | { readonly outcome: 'found'; readonly order: QueriedOrder }
  /** Never ordered, or only remembered by a close. */
  | { readonly outcome: 'not-found' }

/** Recorded texts of the real service, in every language. */
const stateTexts = {
  SUCCESS: '支付成功',
  REFUND: '订单发生过退款，退款详情请查询退款单',
  NOTPAY: '订单未支付',
  CLOSED: '订单已关闭',
} as const

/** Under a direct merchant's own app the payer has one id; a provider hears of both. */
const payerFields = ({ openid, subOpenid }: { openid: string; subOpenid: string }, direct: boolean) =>
  direct
    ? { openid: subOpenid, is_subscribe: 'N' }
    : { openid, is_subscribe: 'N', sub_openid: subOpenid, sub_is_subscribe: 'N' }

function orderFields(order: QueriedOrder, direct: boolean) {
  const { trade } = order
  const common = {
    out_trade_no: order.outTradeNo,
    attach: order.attach ?? '',
    trade_state: trade.state,
    trade_state_desc: stateTexts[trade.state],
  }
  switch (trade.state) {
    case 'CLOSED':
      return common
    case 'NOTPAY':
      return { ...common, device_info: order.deviceInfo ?? '', total_fee: order.totalFee }
    case 'SUCCESS':
    case 'REFUND':
      return {
        ...common,
        device_info: order.deviceInfo ?? '',
        ...payerFields(trade, direct),
        trade_type: order.tradeType,
        bank_type: trade.bankType,
        total_fee: order.totalFee,
        fee_type: trade.feeType,
        cash_fee: order.totalFee,
        cash_fee_type: trade.feeType,
        // The page lists coupon_id_$n and the like; the official sample has three lists, empty when none.
        coupon_id_list: [],
        coupon_type_list: [],
        coupon_fee_list: [],
        transaction_id: trade.transactionId,
        time_end: wireTime(trade.paidAt),
      }
  }
}

export function encodeQueryOrder(outcome: QueryOrderOutcome, context: AnswerContext): WireAnswer {
  if (isCommon(outcome)) return encodeCommon(outcome, context)
  return outcome.outcome === 'found'
    ? success(context, orderFields(outcome.order, context.direct))
    : refusal(context, 'orderNotExist')
}

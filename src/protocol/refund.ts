/**
 * refund on the wire: returns money of a paid order, all of it or a part. `SUCCESS` means accepted, not refunded: the
 * outcome comes by callback or queryRefund. Idempotent by `out_refund_no`.
 * Source: CloudPay.refund page; behaviour by situation from recorded v2 answers.
 */
import { z } from 'zod'
import { type AnswerContext, refusal, success, type WireAnswer } from './answer.ts'
import { readableTime } from './beijing-time.ts'
import {
  type CallbackTarget,
  toContainer,
  toFunction,
  wantsCallback,
  wantsContainer,
} from './callback-target.ts'
import { type CamelKeys, camelKeys } from './camel-keys.ts'
import { fenSchema } from './fen.ts'
import { nonce_str, out_refund_no, out_trade_no, type Read, readWith, sub_mch_id, text } from './fields.ts'
import { brokenRule } from './format-problem.ts'
import { type CommonOutcome, encodeCommon, isCommon } from './outcome.ts'

/** Of what is refunded from: the two accounts of merchants of the old fund flow. */
export const refundAccounts = ['REFUND_SOURCE_UNSETTLED_FUNDS', 'REFUND_SOURCE_RECHARGE_FUNDS'] as const

/** What a refund is, but for its callback target; in the order of the page's table. */
export const refundFields = {
  sub_mch_id,
  nonce_str,
  /** Wins over `out_trade_no` when both are given. */
  transaction_id: text(32).optional(),
  out_trade_no: out_trade_no.optional(),
  out_refund_no,
  total_fee: fenSchema,
  refund_fee: fenSchema,
  refund_fee_type: z.literal('CNY').optional(),
  refund_desc: text(80).optional(),
  refund_account: z.enum(refundAccounts).optional(),
}

/** One of the two numbers names the order. */
export const namesOrder = [
  (asked: { transaction_id?: string | undefined; out_trade_no?: string | undefined }) =>
    asked.transaction_id !== undefined || asked.out_trade_no !== undefined,
  brokenRule(
    'transaction_id 与 out_trade_no 须给出一个',
    'transaction_id or out_trade_no: one of them is required',
  ),
] as const

const withoutCallback = z.object(refundFields).refine(...namesOrder)
const functionRefund = z.object({ ...toFunction, ...refundFields }).refine(...namesOrder)
const containerRefund = z.object({ ...toContainer, ...refundFields }).refine(...namesOrder)

export type WireRefund = z.output<typeof withoutCallback> & CallbackTarget
export type RefundRequest = CamelKeys<WireRefund>

/** @param body snake_case keys; without a callback target nobody is told (real code leaves it out) */
export function readRefund(body: object): Read<RefundRequest> {
  const schema = wantsContainer(body) ? containerRefund : functionRefund
  const read: Read<WireRefund> = readWith(wantsCallback(body) ? schema : withoutCallback, body)
  return 'problem' in read ? read : { request: camelKeys(read.request) }
}

/** What an answer tells of an accepted refund. */
export interface AcceptedRefund {
  readonly transactionId: string
  readonly outTradeNo: string
  readonly outRefundNo: string
  readonly refundId: string
  readonly refundFee: number
  readonly totalFee: number
}

export type RefundOutcome =
  | CommonOutcome
  /** Accepted by this call, or by an earlier one with the same number and amounts: the money moves once. */
  | { readonly outcome: 'accepted'; readonly refund: AcceptedRefund }
  /** No such order, or nobody paid it. */
  | { readonly outcome: 'not-found' }
  /** No payment has this `transaction_id`. */
  | { readonly outcome: 'unknown-transaction' }
  | { readonly outcome: 'closed' }
  /** The number was used with other amounts. */
  | { readonly outcome: 'other-amounts'; readonly totalFee: number; readonly refundFee: number }
  /** The number was used for another order. */
  | { readonly outcome: 'other-order' }
  /** `total_fee` is not the order's. */
  | { readonly outcome: 'other-total'; readonly totalFee: number }
  | { readonly outcome: 'fully-refunded' }
  /** More than what is left. */
  | { readonly outcome: 'too-much'; readonly left: number }
  | { readonly outcome: 'too-many'; readonly most: number }
  /** More than a year after its payment. */
  | { readonly outcome: 'overdue'; readonly until: Date }
  /** The merchant's balance does not suffice. */
  | { readonly outcome: 'not-enough'; readonly balance: number }

function acceptedFields(refund: AcceptedRefund, { wire }: AnswerContext) {
  return {
    transaction_id: refund.transactionId,
    out_trade_no: refund.outTradeNo,
    out_refund_no: refund.outRefundNo,
    refund_id: refund.refundId,
    // Recorded v2 replies carry it empty.
    refund_channel: wire === 'v2' ? '' : undefined,
    refund_fee: refund.refundFee,
    total_fee: refund.totalFee,
    cash_fee: refund.totalFee,
    cash_refund_fee: refund.refundFee,
    coupon_refund_fee: 0,
    coupon_refund_count: 0,
    // In place of v2's numbered fields, empty when there was no coupon: official Cloud Run sample.
    coupon_type_list: [],
    coupon_refund_id_list: [],
    coupon_refund_fee_list: [],
  }
}

export function encodeRefund(outcome: RefundOutcome, context: AnswerContext): WireAnswer {
  if (isCommon(outcome)) return encodeCommon(outcome, context)
  switch (outcome.outcome) {
    case 'accepted':
      return success(context, acceptedFields(outcome.refund, context))
    case 'not-found':
      return refusal(context, 'refundOrderNotExist')
    case 'unknown-transaction':
      return refusal(context, 'invalidTransactionId')
    case 'closed':
      return refusal(context, 'refundOrderClosed')
    case 'other-amounts':
      return refusal(context, 'refundFeeMismatch', {
        total: String(outcome.totalFee),
        refund: String(outcome.refundFee),
      })
    case 'other-order':
      return refusal(context, 'refundNumberUsed')
    case 'other-total':
      return refusal(context, 'refundTotalMismatch', { total: String(outcome.totalFee) })
    case 'fully-refunded':
      return refusal(context, 'fullyRefunded')
    case 'too-much':
      return refusal(context, 'refundTooMuch', { left: String(outcome.left) })
    case 'too-many':
      return refusal(context, 'refundTooMany', { most: String(outcome.most) })
    case 'overdue':
      return refusal(context, 'tradeOverdue', { time: readableTime(outcome.until) })
    case 'not-enough':
      return refusal(context, 'notEnough', { balance: String(outcome.balance) })
  }
}

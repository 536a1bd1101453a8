/**
 * queryRefund on the wire: what became of one refund, or of an order's refunds, ten at a time, the newest first.
 * Source: CloudPay.queryRefund page, v2 refundquery; recorded answers. The real service leaves its lists empty; ours are
 * filled, and the numbered fields of v2 stand beside them.
 */
import { z } from 'zod'
import { type AnswerContext, refusal, success, type WireAnswer } from './answer.ts'
import { readableTime } from './beijing-time.ts'
import { type CamelKeys, camelKeys } from './camel-keys.ts'
import { nonce_str, out_refund_no, out_trade_no, type Read, readWith, sub_mch_id, text } from './fields.ts'
import { brokenRule } from './format-problem.ts'
import { recvAccount } from './notice.ts'
import { type CommonOutcome, encodeCommon, isCommon } from './outcome.ts'

/** Refunds of one answer. Source: page: "the first 10 refunds plus total_refund_count". */
export const refundsPerPage = 10

/** In the order in which they win when several are given. */
export const queryRefundFields = {
  sub_mch_id,
  refund_id: text(32).optional(),
  out_refund_no: out_refund_no.optional(),
  transaction_id: text(32).optional(),
  out_trade_no: out_trade_no.optional(),
  nonce_str,
}

interface Numbers {
  readonly refund_id?: string | undefined
  readonly out_refund_no?: string | undefined
  readonly transaction_id?: string | undefined
  readonly out_trade_no?: string | undefined
}

/** One of the four numbers says what is asked for. */
export const namesRefund = [
  ({ refund_id, out_refund_no, transaction_id, out_trade_no }: Numbers) =>
    [refund_id, out_refund_no, transaction_id, out_trade_no].some((number) => number !== undefined),
  brokenRule(
    'refund_id、out_refund_no、transaction_id、out_trade_no 须给出一个',
    'refund_id, out_refund_no, transaction_id or out_trade_no: one of them is required',
  ),
] as const

/** Of the first refund that is told, from 0. */
export const offset = z.number().int().min(0).max(1_000).default(0)

const schema = z.object({ ...queryRefundFields, offset }).refine(...namesRefund)

export type QueryRefundRequest = CamelKeys<z.output<typeof schema>>

/** @param body snake_case keys */
export function readQueryRefund(body: object): Read<QueryRefundRequest> {
  const read = readWith(schema, body)
  return 'problem' in read ? read : { request: camelKeys(read.request) }
}

/** What an answer tells of one refund. */
export interface QueriedRefund {
  readonly outRefundNo: string
  readonly refundId: string
  readonly refundFee: number
  readonly status: 'PROCESSING' | 'SUCCESS' | 'CHANGE' | 'REFUNDCLOSE'
  readonly refundAccount: string
  readonly succeededAt: Date | undefined
}

export interface QueriedRefunds {
  readonly transactionId: string
  readonly outTradeNo: string
  readonly totalFee: number
  /** Told only where not all are told. */
  readonly totalCount: number
  readonly refunds: readonly QueriedRefund[]
}

export type QueryRefundOutcome =
  | CommonOutcome
  | { readonly outcome: 'found'; readonly found: QueriedRefunds }
  | { readonly outcome: 'not-found' }
  /** No payment has this `transaction_id`. */
  | { readonly outcome: 'unknown-transaction' }
  /** `offset` lies beyond the last refund. */
  | { readonly outcome: 'beyond'; readonly totalCount: number }

/** The money goes back the way it came. */
const channel = 'ORIGINAL'

/** The page's names of one refund's fields, in its order, and the names of the lists that the real service answers. */
const perRefund: readonly (readonly [string, string, (refund: QueriedRefund) => string | number])[] = [
  ['out_refund_no', 'out_refund_no_list', ({ outRefundNo }) => outRefundNo],
  ['refund_id', 'refund_id_list', ({ refundId }) => refundId],
  ['refund_channel', 'refund_channel', () => channel],
  ['refund_fee', 'refund_fee_list', ({ refundFee }) => refundFee],
  ['settlement_refund_fee', 'settlement_refund_fee_list', ({ refundFee }) => refundFee],
  ['coupon_refund_fee', 'coupon_refund_fee_list', () => 0],
  ['coupon_refund_count', 'coupon_refund_count_list', () => 0],
  ['refund_status', 'refund_status_list', ({ status }) => status],
  ['refund_account', 'refund_account_list', ({ refundAccount }) => refundAccount],
  // WeChat's own spelling.
  ['refund_recv_accout', 'refund_recv_accout_list', () => recvAccount],
  [
    'refund_success_time',
    'refund_success_time_list',
    ({ succeededAt }) => (succeededAt === undefined ? '' : readableTime(succeededAt)),
  ],
]

const numbered = (refunds: readonly QueriedRefund[]) =>
  Object.fromEntries(
    refunds.flatMap((refund, n) =>
      perRefund.map(([name, , read]) => [`${name}_${n}`, read(refund)] as const),
    ),
  )

const lists = (refunds: readonly QueriedRefund[]) => ({
  ...Object.fromEntries(perRefund.map(([, list, read]) => [list, refunds.map(read)] as const)),
  // Of coupons there are none, so these stay as empty as the real ones.
  coupon_type_array: [],
  coupon_refund_id_array: [],
  coupon_refund_fee_array: [],
})

/** A time that is not there yet is not said in the numbered fields. */
const said = (fields: Readonly<Record<string, string | number>>) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''))

function foundFields(found: QueriedRefunds, { wire }: AnswerContext) {
  const { refunds } = found
  return {
    total_refund_count: found.totalCount > refunds.length ? found.totalCount : undefined,
    transaction_id: found.transactionId,
    out_trade_no: found.outTradeNo,
    total_fee: found.totalFee,
    fee_type: 'CNY',
    cash_fee: found.totalFee,
    refund_count: refunds.length,
    // Undocumented, and in every recorded v2 reply: the sum of the refunds that are told.
    refund_fee: wire === 'v2' ? refunds.reduce((sum, { refundFee }) => sum + refundFee, 0) : undefined,
    ...said(numbered(refunds)),
    ...(wire === 'v2' ? {} : lists(refunds)),
  }
}

/** As recorded replies of refundquery stand. */
const sortedByName = (answer: WireAnswer): WireAnswer =>
  Object.fromEntries(Object.entries(answer).sort(([a], [b]) => (a < b ? -1 : 1)))

export function encodeQueryRefund(outcome: QueryRefundOutcome, context: AnswerContext): WireAnswer {
  if (isCommon(outcome)) return encodeCommon(outcome, context)
  switch (outcome.outcome) {
    case 'found': {
      const answer = success(context, foundFields(outcome.found, context))
      return context.wire === 'v2' ? sortedByName(answer) : answer
    }
    case 'not-found':
      return refusal(context, 'refundNotExist')
    case 'unknown-transaction':
      return refusal(context, 'invalidTransactionId')
    case 'beyond':
      return refusal(context, 'refundOffsetBeyond', { count: String(outcome.totalCount) })
  }
}

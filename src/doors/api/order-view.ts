/** An order of the ledger as the API shows it. Never a key, nor an id that is a right in itself, such as its prepay_id. */
import type { z } from 'zod'
import type { Late } from '../../ledger/asking.ts'
import type { Notice } from '../../ledger/notices.ts'
import type { HistoryEvent, Order } from '../../ledger/order.ts'
import type { order, orderDetail } from '../../protocol/api/orders.ts'

type OrderShown = z.output<typeof order>
type Detail = z.output<typeof orderDetail>

/** Where the rules make nobody wait, that is no moment at all (deadlines.ts). */
const waited = ({ closableFrom, createdAt }: Order) =>
  closableFrom !== undefined && closableFrom > createdAt ? closableFrom : undefined

export const orderView = (order: Order): OrderShown => ({
  env_id: order.envId,
  sub_mch_id: order.subMchId,
  out_trade_no: order.outTradeNo,
  state: order.state,
  total_fee: order.totalFee,
  body: order.request?.body,
  created_at: order.createdAt,
  closable_from: waited(order),
  payable_until: order.payableUntil,
  expires_at: order.expiresAt,
  paid_at: order.paidAt,
  transaction_id: order.transactionId,
  openid: order.payerOpenid,
  closed_at: order.closedAt,
  refunded_fee: order.refundedFee,
  refund_count: order.refundCount,
  purchase: order.purchase,
  replaced_by: order.replacedBy,
})

const timeOf = (text: string | undefined) => (text === undefined ? undefined : new Date(text))

const eventView = ({ event, at, by, why, due, successor, outRefundNo, refundFee }: HistoryEvent) => ({
  event,
  at: new Date(at),
  by,
  why,
  due: timeOf(due),
  successor,
  out_refund_no: outRefundNo,
  refund_fee: refundFee,
})

const noticeView = ({ kind, state, since, attempts, next, fault }: Notice) => ({
  kind,
  state,
  since: new Date(since),
  attempts,
  next_attempt: timeOf(next),
  why: fault === undefined ? undefined : { zh: fault.zh, en: fault.en },
  why_code: fault?.code,
})

const lateView = (late: Late) => ({
  transaction_id: late.transactionId,
  openid: late.payerOpenid,
  paid_at: new Date(late.paidAt),
  found_at: new Date(late.foundAt),
  fee: late.fee,
  decision: late.decision,
  by: late.by,
  alarm: late.alarm,
  returned_at: timeOf(late.returnedAt),
})

export const orderDetailView = (order: Order, notices: readonly Notice[]): Detail => ({
  ...orderView(order),
  history: order.history.map(eventView),
  notices: notices.map(noticeView),
  late: order.late === undefined ? undefined : lateView(order.late),
})

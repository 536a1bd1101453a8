/** An order of the ledger as the API shows it. Never a key, nor an id that is a right in itself, such as its prepay_id. */
import type { z } from 'zod'
import { codeUrlOf, mwebUrlOf } from '../../channels/sandbox/prepay.ts'
import type { Late } from '../../ledger/asking.ts'
import type { Delivery } from '../../ledger/deliveries.ts'
import type { Notice } from '../../ledger/notices.ts'
import type { HistoryEvent, Order } from '../../ledger/order.ts'
import type { ToldRefund } from '../../ledger/order-refunds.ts'
import type { CallRecord } from '../../ledger/requests.ts'
import type { orderDetail } from '../../protocol/api/order-detail.ts'
import type { order } from '../../protocol/api/orders.ts'
import { targetOf, targetText } from '../../protocol/callback-target.ts'
import { snakeKeys } from '../../protocol/camel-keys.ts'
import { attemptView, noticeView } from './notice-view.ts'
import { refundView } from './refund-view.ts'
import { requestView } from './request-view.ts'

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

/** An order with the payment that came too late, which is another amount than its own where the channel had it so. */
export const lateOrderView = (order: Order) =>
  order.late === undefined ? [] : [{ ...orderView(order), late: lateView(order.late) }]

/** What hangs on an order, beside its row. */
export interface OrderAbout {
  readonly notices: readonly Notice[]
  readonly refunds: readonly ToldRefund[]
  readonly deliveries: readonly Delivery[]
  readonly calls: readonly CallRecord[]
  /** For links that a payer follows. */
  readonly publicUrl: string
}

const codeOf = ({ prepayId, asking, request }: Order, publicUrl: string) => {
  if (prepayId === undefined) return {}
  if (request?.tradeType === 'NATIVE') return { code_url: asking?.codeUrl ?? codeUrlOf(prepayId, publicUrl) }
  if (request?.tradeType === 'MWEB') return { mweb_url: asking?.mwebUrl ?? mwebUrlOf(prepayId, publicUrl) }
  return {}
}

const targetIn = (order: Order) => {
  const target = order.request === undefined ? undefined : targetOf(order.request)
  return target === undefined ? undefined : targetText(target)
}

export const orderDetailView = (order: Order, about: OrderAbout): Detail => ({
  ...orderView(order),
  history: order.history.map(eventView),
  notices: about.notices.map(noticeView),
  late: order.late === undefined ? undefined : lateView(order.late),
  trade_type: order.request?.tradeType,
  ...codeOf(order, about.publicUrl),
  target: targetIn(order),
  request: order.request === undefined ? undefined : snakeKeys(order.request),
  refunds: about.refunds.map(refundView),
  attempts: about.deliveries.map(attemptView),
  calls: about.calls.map(requestView),
})

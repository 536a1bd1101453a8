/**
 * WeChat Pay as the tests have it: its own books of orders, payments and refunds, which nobody but its payers and what is
 * asked of it can change. Knows nothing of how it is asked: see line.ts.
 */
import type {
  CloseAnswer,
  CreateAnswer,
  QueryAnswer,
  RefundAnswer,
  RefundQueryAnswer,
} from '../../src/channels/channel.ts'
import type { Order } from '../../src/ledger/order.ts'
import type { Refund } from '../../src/ledger/refund.ts'

export interface BookedOrder {
  readonly outTradeNo: string
  readonly totalFee: number
  readonly prepayId: string
  readonly expiresAt: Date
  state: 'NOTPAY' | 'PAID' | 'CLOSED'
  payment?: { readonly transactionId: string; readonly openid: string; readonly paidAt: Date }
}

export interface BookedRefund {
  readonly outRefundNo: string
  readonly outTradeNo: string
  readonly fee: number
  readonly refundId: string
  state: 'PROCESSING' | 'SUCCESS' | 'CHANGE' | 'REFUNDCLOSE'
}

export interface Books {
  readonly orders: ReadonlyMap<string, BookedOrder>
  readonly refunds: ReadonlyMap<string, BookedRefund>
  create(order: Order): CreateAnswer
  close(order: Order): CloseAnswer
  query(order: Order): QueryAnswer
  refund(refund: Refund): RefundAnswer
  queryRefund(refund: Refund): RefundQueryAnswer
  /** A payer pays what a prepay stands for. */
  pay(prepayId: string, openid: string): 'paid' | 'refused'
  /** What comes of the refunds that are under way. @param result of each */
  settleRefunds(result: () => 'SUCCESS' | 'REFUNDCLOSE' | 'CHANGE'): void
}

/** @param refuses refusals by chance: the merchant's account has no money just now */
export function openBooks(now: () => Date, refuses: () => boolean = () => false): Books {
  const orders = new Map<string, BookedOrder>()
  const refunds = new Map<string, BookedRefund>()
  let numbers = 0
  const refused = (code: string) => ({ refused: { code, message: code } })
  const spoken = (outTradeNo: string) =>
    [...refunds.values()]
      .filter((one) => one.outTradeNo === outTradeNo && one.state !== 'REFUNDCLOSE')
      .reduce((sum, { fee }) => sum + fee, 0)

  return {
    orders,
    refunds,
    create({ outTradeNo, totalFee = 0, expiresAt = now() }) {
      const known = orders.get(outTradeNo)
      if (known?.state === 'PAID') return refused('ORDERPAID')
      if (known?.state === 'CLOSED') return refused('ORDERCLOSED')
      if (known !== undefined) return { made: { prepayId: known.prepayId } }
      if (now() >= expiresAt) return refused('PARAM_ERROR')
      const prepayId = `up-${++numbers}`
      orders.set(outTradeNo, { outTradeNo, totalFee, prepayId, expiresAt, state: 'NOTPAY' })
      return { made: { prepayId } }
    },
    close({ outTradeNo }) {
      const order = orders.get(outTradeNo)
      if (order === undefined) return { said: 'unknown-number' }
      if (order.state === 'PAID') return { said: 'paid' }
      order.state = 'CLOSED'
      return { said: 'closed' }
    },
    query({ outTradeNo }) {
      const order = orders.get(outTradeNo)
      if (order === undefined) return { state: 'unknown-number' }
      const { payment } = order
      if (payment === undefined) return { state: order.state === 'CLOSED' ? 'CLOSED' : 'NOTPAY' }
      const { transactionId, openid: payerOpenid, paidAt } = payment
      return { state: 'PAID', payment: { transactionId, payerOpenid, paidAt, bankType: 'OTHERS' } }
    },
    refund({ outRefundNo, outTradeNo, refundFee }) {
      const known = refunds.get(outRefundNo)
      if (known !== undefined && known.state !== 'REFUNDCLOSE')
        return { accepted: { refundId: known.refundId } }
      if (known !== undefined) return refused('REFUNDCLOSE')
      const order = orders.get(outTradeNo)
      if (order?.state !== 'PAID') return refused('TRADE_STATE_ERROR')
      if (spoken(outTradeNo) + refundFee > order.totalFee) return refused('REFUND_FEE_MISMATCH')
      if (refuses()) return refused('NOTENOUGH')
      const refundId = `upr-${++numbers}`
      refunds.set(outRefundNo, { outRefundNo, outTradeNo, fee: refundFee, refundId, state: 'PROCESSING' })
      return { accepted: { refundId } }
    },
    queryRefund({ outRefundNo }) {
      return { state: refunds.get(outRefundNo)?.state ?? 'unknown-number' }
    },
    pay(prepayId, openid) {
      const order = [...orders.values()].find((one) => one.prepayId === prepayId)
      if (order === undefined || order.state !== 'NOTPAY' || now() >= order.expiresAt) return 'refused'
      order.state = 'PAID'
      order.payment = { transactionId: `upt-${++numbers}`, openid, paidAt: now() }
      return 'paid'
    },
    settleRefunds(result) {
      for (const refund of refunds.values()) if (refund.state === 'PROCESSING') refund.state = result()
    },
  }
}

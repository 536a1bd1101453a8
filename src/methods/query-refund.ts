/** queryRefund: what became of a refund, or of the refunds of an order. Changes nothing. */
import { findOrder, findOrderByTransaction, type Order } from '../ledger/order.ts'
import { orderKey } from '../ledger/order-key.ts'
import { findRefund, findRefundById, type Refund, refundsOfOrder } from '../ledger/refund.ts'
import {
  type QueriedRefund,
  type QueriedRefunds,
  type QueryRefundOutcome,
  type QueryRefundRequest,
  refundsPerPage,
} from '../protocol/query-refund.ts'
import { refundAccounts } from '../protocol/refund.ts'
import { findMerchant, subAppidOf } from './merchant.ts'
import type { Answered, Caller, Services } from './services.ts'

const queried = (refund: Refund): QueriedRefund => ({
  outRefundNo: refund.outRefundNo,
  refundId: refund.refundId,
  refundFee: refund.refundFee,
  status: refund.state,
  refundAccount: refund.request.refundAccount ?? refundAccounts[0],
  succeededAt: refund.succeededAt,
})

const found = (refunds: readonly Refund[], totalCount: number): QueryRefundOutcome => {
  const [first] = refunds
  if (first === undefined) return { outcome: 'not-found' }
  const told: QueriedRefunds = {
    transactionId: first.transactionId,
    outTradeNo: first.outTradeNo,
    totalFee: first.totalFee,
    totalCount,
    refunds: refunds.map(queried),
  }
  return { outcome: 'found', found: told }
}

/** A page of them; the order's own count says how many there are. */
async function ofOrder(
  { ledger }: Services,
  order: Order | undefined,
  offset: number,
): Promise<QueryRefundOutcome> {
  if (order === undefined || order.refundCount === 0) return { outcome: 'not-found' }
  if (offset >= order.refundCount) return { outcome: 'beyond', totalCount: order.refundCount }
  const key = orderKey(ledger, order.envId, order.subMchId, order.outTradeNo)
  const refunds = await refundsOfOrder(ledger.db, key, order.outTradeNo, { offset, limit: refundsPerPage })
  return found(refunds, order.refundCount)
}

/** Of several numbers the first of these wins: refund_id, out_refund_no, transaction_id, out_trade_no. */
async function query(
  services: Services,
  caller: Caller,
  request: QueryRefundRequest,
): Promise<QueryRefundOutcome> {
  const { ledger } = services
  const { refundId, outRefundNo, transactionId, outTradeNo = '', offset } = request
  const key = orderKey(ledger, caller.environment.envId, request.subMchId, outTradeNo)
  if (refundId !== undefined) {
    const refund = await findRefundById(ledger.db, key, refundId)
    return found(refund === undefined ? [] : [refund], 1)
  }
  if (outRefundNo !== undefined) {
    const refund = await findRefund(ledger.db, { ...key, outRefundNo })
    return found(refund === undefined ? [] : [refund], 1)
  }
  const order =
    transactionId === undefined
      ? await findOrder(ledger, key)
      : await findOrderByTransaction(ledger, key, transactionId)
  if (order === undefined && transactionId !== undefined) return { outcome: 'unknown-transaction' }
  return ofOrder(services, order, offset)
}

/** @throws LedgerUnavailable */
export async function queryRefund(
  services: Services,
  caller: Caller,
  request: QueryRefundRequest,
): Promise<Answered<QueryRefundOutcome>> {
  const merchant = await findMerchant(services, caller, request.subMchId)
  if ('refused' in merchant) return { outcome: merchant.refused, subAppid: subAppidOf(caller, undefined) }
  return {
    outcome: await query(services, caller, request),
    subAppid: subAppidOf(caller, merchant.merchant),
  }
}

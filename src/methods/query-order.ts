/** queryOrder: what is known of an order. Changes nothing. */

import { findOrder, findOrderByTransaction, type Order } from '../ledger/order.ts'
import { orderKey } from '../ledger/order-key.ts'
import type { QueriedOrder, QueryOrderOutcome, QueryOrderRequest } from '../protocol/query-order.ts'
import { findMerchant, subAppidOf } from './merchant.ts'
import type { Answered, Caller, Services } from './services.ts'

function tradeOf(order: Order): QueriedOrder['trade'] {
  if (order.state === 'CLOSED') return { state: 'CLOSED' }
  // Not closed yet, and nobody can pay it: the contract has no word for that.
  if (order.state === 'NOTPAY' || order.state === 'CLOSING') return { state: 'NOTPAY' }
  const { transactionId, paidAt, payerOpenid, bankType, request } = order
  if (
    transactionId === undefined ||
    paidAt === undefined ||
    payerOpenid === undefined ||
    bankType === undefined
  ) {
    throw new Error(`order ${order.outTradeNo} is paid, but its row does not say how`)
  }
  return {
    state: order.state,
    transactionId,
    paidAt,
    // An order names its payer under one app id at least; real answers carry both.
    openid: request?.openid ?? payerOpenid,
    subOpenid: request?.subOpenid ?? payerOpenid,
    bankType,
    feeType: request?.feeType ?? 'CNY',
  }
}

function queried(order: Order): QueriedOrder | undefined {
  if (order.request === undefined) return undefined
  const { attach, deviceInfo, tradeType, totalFee } = order.request
  return { outTradeNo: order.outTradeNo, totalFee, attach, deviceInfo, tradeType, trade: tradeOf(order) }
}

/** @throws LedgerUnavailable */
export async function queryOrder(
  services: Services,
  caller: Caller,
  request: QueryOrderRequest,
): Promise<Answered<QueryOrderOutcome>> {
  const found = await findMerchant(services, caller, request.subMchId)
  if ('refused' in found) return { outcome: found.refused, subAppid: subAppidOf(caller, undefined) }
  const { ledger } = services
  const { transactionId, outTradeNo } = request
  const key = orderKey(ledger, caller.environment.envId, request.subMchId, outTradeNo ?? '')
  const order =
    transactionId !== undefined
      ? await findOrderByTransaction(ledger, key, transactionId)
      : await findOrder(ledger, key)
  const answer = order === undefined ? undefined : queried(order)
  return {
    outcome: answer === undefined ? { outcome: 'not-found' } : { outcome: 'found', order: answer },
    subAppid: subAppidOf(caller, found.merchant, order?.request?.subAppid),
  }
}

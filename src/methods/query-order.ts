/** queryOrder: what is known of an order. Changes nothing. */

import { LedgerUnavailable } from '../ledger/db/db.ts'
import { findOrder, findOrderByTransaction, type Order } from '../ledger/order.ts'
import { orderKey } from '../ledger/order-key.ts'
import { isPaid } from '../ledger/purchase-rules.ts'
import { hintPaid } from '../ledger/start-close.ts'
import type { QueriedOrder, QueryOrderOutcome, QueryOrderRequest } from '../protocol/query-order.ts'
import { findMerchant, subAppidOf } from './merchant.ts'
import { type Answered, type Caller, patience, type Services } from './services.ts'

function tradeOf(order: Order): QueriedOrder['trade'] {
  if (order.state === 'CLOSED') return { state: 'CLOSED' }
  // Not made yet, or not closed yet: the contract has no words for that.
  if (!isPaid(order)) return { state: 'NOTPAY' }
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
    state: order.state === 'REFUND' ? 'REFUND' : 'SUCCESS',
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

/**
 * An unpaid order whose channel has to be asked: nobody here knows whether it was paid meanwhile.
 * @throws LedgerUnavailable the channel did not say
 */
async function asItIs(services: Services, { environment }: Caller, order: Order): Promise<Order> {
  const { ledger, asking, world } = services
  if (order.asking === undefined || order.state !== 'NOTPAY') return order
  const key = orderKey(ledger, order.envId, order.subMchId, order.outTradeNo)
  const at = world.wallClock()
  await hintPaid(ledger, key, at)
  const asked = await asking.workOn(environment, key, patience(services))
  if (asked === undefined || (asked.state === 'NOTPAY' && !wasHeard(asked, at)))
    throw new LedgerUnavailable(`whether order ${order.outTradeNo} is paid is not known`)
  return asked
}

const wasHeard = ({ asking }: Order, since: Date) =>
  asking?.heard !== undefined && new Date(asking.heard.at) >= since

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
  const known =
    transactionId !== undefined
      ? await findOrderByTransaction(ledger, key, transactionId)
      : await findOrder(ledger, key)
  const order = known === undefined ? undefined : await asItIs(services, caller, known)
  const answer = order === undefined ? undefined : queried(order)
  return {
    outcome: answer === undefined ? { outcome: 'not-found' } : { outcome: 'found', order: answer },
    subAppid: subAppidOf(caller, found.merchant, order?.request?.subAppid),
  }
}

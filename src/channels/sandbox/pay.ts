/**
 * The sandbox's payer: pays an order as a customer would, through its prepay. Never: whether an order may be paid (the
 * ledger decides), HTTP.
 */
import { environmentTime } from '../../ledger/clocks.ts'
import type { Environment } from '../../ledger/environments.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { findOrder, findOrderByPrepay, type Order } from '../../ledger/order.ts'
import { orderKey } from '../../ledger/order-key.ts'
import { payOrder } from '../../ledger/pay-order.ts'
import { newCommandId, type World } from '../../ledger/world.ts'
import { issueTransactionId, partOfPrepayId } from './prepay.ts'

/** Pays from the payer's balance: the real service says `OTHERS` for it. */
const bankType = 'OTHERS'

export type PayAsked =
  | { readonly subMchId: string; readonly outTradeNo: string }
  | { readonly prepayId: string }

export type PayOutcome =
  | { readonly outcome: 'paid'; readonly order: Order }
  | {
      readonly outcome: 'refused'
      readonly why: 'already-paid' | 'closed' | 'expired' | 'prepay-expired' | 'prepay-replaced'
      readonly order: Order
    }
  | { readonly outcome: 'not-found' }

interface Means {
  readonly ledger: Ledger
  readonly world: World
}

const findAsked = (ledger: Ledger, envId: string, asked: PayAsked): Promise<Order | undefined> => {
  if ('outTradeNo' in asked)
    return findOrder(ledger, orderKey(ledger, envId, asked.subMchId, asked.outTradeNo))
  const part = partOfPrepayId(asked.prepayId, ledger)
  return part === undefined
    ? Promise.resolve(undefined)
    : findOrderByPrepay(ledger, part, envId, asked.prepayId)
}

/** Why time refuses: the order's own, or only its prepay's, which the shop can renew. */
const outOfTime = (order: Order, at: Date) =>
  order.expiresAt !== undefined && at >= order.expiresAt ? 'expired' : 'prepay-expired'

/**
 * @param defaultPayer of an order that names nobody (NATIVE, APP, MWEB): whoever opens it pays
 * @throws LedgerUnavailable the payment may have happened: ask for the order
 */
export async function payAsCustomer(
  { ledger, world }: Means,
  environment: Environment,
  asked: PayAsked,
  defaultPayer: string,
): Promise<PayOutcome> {
  const { envId } = environment
  const order = await findAsked(ledger, envId, asked)
  // A number that was only remembered as closed was never an order that anyone could pay.
  if (order === undefined || order.request === undefined) return { outcome: 'not-found' }
  const at = await environmentTime(ledger, environment, world.wallClock())
  const settled = await payOrder(ledger, {
    ...orderKey(ledger, envId, order.subMchId, order.outTradeNo),
    commandId: newCommandId(world),
    at,
    prepayId: 'prepayId' in asked ? asked.prepayId : undefined,
    transactionId: issueTransactionId(world, at),
    payerOpenid: order.request.subOpenid ?? order.request.openid ?? defaultPayer,
    bankType,
  })
  if ('moved' in settled) return { outcome: 'paid', order: settled.moved }
  if (settled.refused === 'not-found') return { outcome: 'not-found' }
  const why = settled.refused === 'out-of-time' ? outOfTime(settled.order, at) : settled.refused
  return { outcome: 'refused', why, order: settled.order }
}

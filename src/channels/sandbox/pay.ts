/**
 * The sandbox's payer: pays an order as a customer would, through its prepay; its notice falls due in the same statement.
 * Never: whether an order may be paid (the ledger decides), HTTP.
 */
import { environmentTime } from '../../ledger/clocks.ts'
import type { Environment } from '../../ledger/environments.ts'
import { cameLate } from '../../ledger/late-payments.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import { type AskedFault, tellTarget } from '../../ledger/notices.ts'
import { findOrder, findOrderByPrepay, type Order } from '../../ledger/order.ts'
import { orderKey } from '../../ledger/order-key.ts'
import { type Pay, payOrder } from '../../ledger/pay-order.ts'
import { recordLate } from '../../ledger/record-late.ts'
import { newCommandId, type World } from '../../ledger/world.ts'
import { type Faults, struckBy } from './faults.ts'
import { firstNotice } from './first-notice.ts'
import { issueTransactionId, partOfPrepayId } from './prepay.ts'

/** Pays from the payer's balance: the real service says `OTHERS` for it. */
const bankType = 'OTHERS'

export type PayAsked =
  | { readonly subMchId: string; readonly outTradeNo: string }
  | { readonly prepayId: string }

export type PayOutcome =
  /** `faults`: those that strike its notice. */
  | { readonly outcome: 'paid'; readonly order: Order; readonly faults: readonly AskedFault[] }
  /** Too late, by a fault: it is on record, and what becomes of it is decided. */
  | { readonly outcome: 'paid-late'; readonly order: Order }
  | {
      readonly outcome: 'refused'
      readonly why:
        | 'already-paid'
        | 'closed'
        | 'expired'
        | 'prepay-expired'
        | 'prepay-replaced'
        | 'other-payer'
      readonly order: Order
    }
  | { readonly outcome: 'not-found' }

export interface Means {
  readonly ledger: Ledger
  readonly world: World
  readonly faults: Faults
}

/** Who pays, and what was asked for with the payment. */
export interface Payment {
  /** Left out: the payer that the order names, or `somebody`. */
  readonly openid?: string | undefined
  /** Pays an order that names nobody (NATIVE, APP, MWEB): whoever opens it. */
  readonly somebody: string
  readonly faults?: readonly AskedFault[]
}

/** The payer whom an order names: nobody else can pay it. */
export const namedPayer = ({ request }: Order): string | undefined => request?.subOpenid ?? request?.openid

export const findToPay = (ledger: Ledger, envId: string, asked: PayAsked): Promise<Order | undefined> => {
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

/** As it happens where a channel closes an order that its payer is paying. @returns undefined: it was late before */
const payTooLate = (ledger: Ledger, environment: Environment, pay: Pay): Promise<Order | undefined> =>
  recordLate(ledger, {
    key: pay,
    commandId: pay.commandId,
    at: pay.at,
    transactionId: pay.transactionId,
    notice: pay.notice,
    decide: ({ order, winner }) =>
      cameLate(order, { ...pay, paidAt: pay.at }, { policy: environment.latePayments, winner }, pay.at),
  })

/** @throws LedgerUnavailable the payment may have happened: ask for the order */
export async function payAsCustomer(
  { ledger, world, faults }: Means,
  environment: Environment,
  asked: PayAsked,
  payment: Payment,
): Promise<PayOutcome> {
  const { envId } = environment
  const order = await findToPay(ledger, envId, asked)
  // A number that was only remembered as closed was never an order that anyone could pay.
  if (order === undefined || order.request === undefined) return { outcome: 'not-found' }
  const named = namedPayer(order)
  if (named !== undefined && payment.openid !== undefined && payment.openid !== named)
    return { outcome: 'refused', why: 'other-payer', order }
  const struck = await faults.striking(
    envId,
    {
      strikes: ['callback', 'payment'],
      subMchId: order.subMchId,
      outTradeNo: order.outTradeNo,
      totalFee: order.totalFee,
    },
    [...order.faults, ...(payment.faults ?? [])],
  )
  const at = await environmentTime(ledger, environment, world.wallClock())
  const pay: Pay = {
    ...orderKey(ledger, envId, order.subMchId, order.outTradeNo),
    commandId: newCommandId(world),
    at,
    prepayId: 'prepayId' in asked ? asked.prepayId : undefined,
    transactionId: issueTransactionId(world, at),
    payerOpenid: named ?? payment.openid ?? payment.somebody,
    bankType,
    notice: tellTarget(order.request) === null ? undefined : firstNotice({ kind: 'paid' }, at, struck),
  }
  const settled = await payOrder(ledger, pay)
  if (
    'refused' in settled &&
    settled.refused === 'closed' &&
    struckBy(struck, 'paid-too-late') !== undefined
  ) {
    const late = await payTooLate(ledger, environment, pay)
    if (late !== undefined) return { outcome: 'paid-late', order: late }
  }
  if ('moved' in settled) return { outcome: 'paid', order: settled.moved, faults: struck }
  if (settled.refused === 'not-found') return { outcome: 'not-found' }
  const why = settled.refused === 'out-of-time' ? outOfTime(settled.order, at) : settled.refused
  return { outcome: 'refused', why, order: settled.order }
}

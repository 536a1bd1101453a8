/**
 * refund: accepts the return of money, once for each number. Idempotent by `out_refund_no`: after any trouble the same
 * call is safe. What came of it is told by callback and queryRefund.
 */
import { forNotices, struckBy } from '../channels/sandbox/faults.ts'
import { issueRefundId, unknownRefundId } from '../channels/sandbox/prepay.ts'
import { refundDueAt } from '../channels/sandbox/refund.ts'
import { type AcceptRefund, acceptRefund, type RefundRefusal } from '../ledger/accept-refund.ts'
import { clockName, environmentTime } from '../ledger/clocks.ts'
import { LedgerUnavailable } from '../ledger/db/db.ts'
import type { Environment } from '../ledger/environments.ts'
import { findOrder, findOrderByTransaction, type Order } from '../ledger/order.ts'
import { orderKey } from '../ledger/order-key.ts'
import { findRefund, type Refund } from '../ledger/refund.ts'
import { mostRefunds } from '../ledger/refund-rules.ts'
import { newCommandId } from '../ledger/world.ts'
import type { RefundOutcome, RefundRequest } from '../protocol/refund.ts'
import { unhostedTarget } from './callback-target.ts'
import { findMerchant, subAppidOf } from './merchant.ts'
import { type Answered, type Caller, patience, type Services } from './services.ts'

const accepted = (refund: Refund): RefundOutcome => ({
  outcome: 'accepted',
  refund: {
    transactionId: refund.transactionId,
    outTradeNo: refund.outTradeNo,
    outRefundNo: refund.outRefundNo,
    refundId: refund.refundId,
    refundFee: refund.refundFee,
    totalFee: refund.totalFee,
  },
})

/**
 * Where the channel has to be asked: once it took the refund on, or refused it.
 * @throws LedgerUnavailable that is not known yet; it goes on by itself, and the same call finds out
 */
async function tookOn(services: Services, environment: Environment, refund: Refund): Promise<Refund> {
  const key = {
    ...orderKey(services.ledger, refund.envId, refund.subMchId, ''),
    outRefundNo: refund.outRefundNo,
  }
  const known = await services.asking.workOnRefund(environment, key, patience(services))
  if (known === undefined || (known.state === 'PROCESSING' && known.asking?.accepted === undefined))
    throw new LedgerUnavailable(`whether refund ${refund.outRefundNo} was accepted is not known yet`)
  return known
}

/** A number that was used: the same amounts of the same order are the same refund, whatever became of it. */
function again(
  existing: Refund,
  { request, order }: { request: RefundRequest; order: Order | undefined },
): RefundOutcome {
  const { totalFee, refundFee } = existing
  if (order?.outTradeNo !== existing.outTradeNo) return { outcome: 'other-order' } as const
  if (request.totalFee !== totalFee || request.refundFee !== refundFee)
    return { outcome: 'other-amounts', totalFee, refundFee } as const
  const { refusal } = existing.state === 'REFUNDCLOSE' ? (existing.asking ?? {}) : {}
  return refusal === undefined ? accepted(existing) : { outcome: 'channel-refused', ...refusal }
}

function whyNot(refusal: RefundRefusal): RefundOutcome {
  switch (refusal.refused) {
    case 'not-found':
    case 'not-paid':
      return { outcome: 'not-found' }
    case 'closed':
    case 'fully-refunded':
      return { outcome: refusal.refused }
    case 'overdue':
      return { outcome: 'overdue', until: refusal.order?.refundableUntil ?? new Date(0) }
    case 'other-total':
      return { outcome: 'other-total', totalFee: refusal.order.totalFee ?? 0 }
    case 'too-much':
      return { outcome: 'too-much', left: (refusal.order.totalFee ?? 0) - refusal.order.refundedFee }
    case 'too-many':
      return { outcome: 'too-many', most: mostRefunds }
    case 'not-enough':
      return { outcome: 'not-enough', balance: refusal.balance }
  }
}

/** transaction_id wins when both numbers are given. */
function findTheOrder({ ledger }: Services, { environment }: Caller, request: RefundRequest) {
  const key = orderKey(ledger, environment.envId, request.subMchId, request.outTradeNo ?? '')
  return request.transactionId === undefined
    ? findOrder(ledger, key)
    : findOrderByTransaction(ledger, key, request.transactionId)
}

async function accept(
  services: Services,
  caller: Caller,
  request: RefundRequest,
  order: Order | undefined,
): Promise<RefundOutcome> {
  const { ledger, world, faults } = services
  const { environment } = caller
  const key = orderKey(ledger, environment.envId, request.subMchId, order?.outTradeNo ?? '')
  // A repetition, before all else: it uses up no fault, and needs nobody who hosts its target.
  const existing = await findRefund(ledger.db, { ...key, outRefundNo: request.outRefundNo })
  const isAsked = services.channelOf(environment) !== undefined
  const known = async (refund: Refund) =>
    again(isAsked ? await tookOn(services, environment, refund) : refund, { request, order })
  if (existing !== undefined) return known(existing)
  if (order === undefined)
    return { outcome: request.transactionId === undefined ? 'not-found' : 'unknown-transaction' }
  const unhosted = await unhostedTarget(services, caller, request)
  if (unhosted !== undefined) return unhosted
  const site = { ...key, strikes: ['callback', 'refund'], totalFee: request.totalFee } as const
  const struck = await faults.striking(environment.envId, site, forNotices(caller.faults))
  const at = await environmentTime(ledger, environment, world.wallClock())
  const asked: AcceptRefund = {
    key,
    commandId: newCommandId(world),
    at,
    clock: clockName(environment),
    request,
    refundId: isAsked ? unknownRefundId(request.outRefundNo) : issueRefundId(world, at),
    madeAs: caller.madeAs,
    faults: struck,
    dueAt: isAsked ? at : refundDueAt(environment, at, struck),
    ...(isAsked ? { asking: { next: 'refund', tries: 0 } as const } : {}),
  }
  const settled = await acceptRefund(ledger, asked)
  if ('refused' in settled) return whyNot(settled)
  if ('existing' in settled) return known(settled.existing)
  services.onMade('refunded', environment.envId)
  if (isAsked) return known(settled.accepted)
  services.workIsDue()
  if (struckBy(struck, 'callback-before-answer') !== undefined) await services.untilQuiet(environment)
  return accepted(settled.accepted)
}

/** @throws LedgerUnavailable nothing is known: not done, or not answered */
export async function refund(
  services: Services,
  caller: Caller,
  request: RefundRequest,
): Promise<Answered<RefundOutcome>> {
  const found = await findMerchant(services, caller, request.subMchId)
  if ('refused' in found) return { outcome: found.refused, subAppid: subAppidOf(caller, undefined) }
  const order = await findTheOrder(services, caller, request)
  return {
    outcome: await accept(services, caller, request, order),
    subAppid: subAppidOf(caller, found.merchant, order?.request?.subAppid),
  }
}

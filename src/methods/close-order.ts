/**
 * closeOrder: makes an unpaid order unpayable for good. Whoever commits first wins, the payer or this call; the answer
 * tells which. Idempotent by its number: after any trouble the same call is safe, and finds out.
 */
import { takesEffectBefore } from '../channels/channel.ts'
import { struckBy } from '../channels/sandbox/faults.ts'
import type { Settled } from '../ledger/carry-out.ts'
import { clockName, environmentTime } from '../ledger/clocks.ts'
import { closeOrder as closeInLedger, rememberClosed } from '../ledger/close-order.ts'
import { LedgerUnavailable } from '../ledger/db/db.ts'
import type { Environment } from '../ledger/environments.ts'
import { findOrder, type Order } from '../ledger/order.ts'
import { type OrderKey, orderKey } from '../ledger/order-key.ts'
import { isPaid } from '../ledger/purchase-rules.ts'
import { decide, type RefusalOf } from '../ledger/rules.ts'
import { startClose } from '../ledger/start-close.ts'
import { newCommandId } from '../ledger/world.ts'
import type { CloseOrderOutcome, CloseOrderRequest } from '../protocol/close-order.ts'
import { ruleOf } from '../protocol/rule-profiles.ts'
import { findMerchant, subAppidOf, takeIn } from './merchant.ts'
import { type Answered, type Caller, patience, type Services } from './services.ts'

function whyNot(refused: RefusalOf<'close'>, order: Order): CloseOrderOutcome {
  switch (refused) {
    case 'unsure':
      throw new LedgerUnavailable(`whether order ${order.outTradeNo} is closed is not known yet`)
    case 'already-paid':
      return { outcome: 'paid' }
    case 'closed':
      return { outcome: 'already-closed' }
    case 'too-early':
      return { outcome: 'too-early', closableFrom: order.closableFrom ?? order.createdAt }
  }
}

/** A fault that was asked for: where this would close the order, it only says so. */
async function saysSo(
  { ledger }: Services,
  { faults }: Caller,
  asked: OrderKey & { at: Date },
): Promise<Order | undefined> {
  if (struckBy(faults, 'close-without-effect') === undefined) return undefined
  const order = await findOrder(ledger, asked)
  if (order === undefined) return undefined
  const decision = decide(order, 'close', asked.at)
  // It was seen within the five minutes too.
  return 'to' in decision || decision.no === 'too-early' ? order : undefined
}

/**
 * Where the channel has to be asked: to be closed, durably, and then worked on until that is certain. Who hears that it is
 * paid, or that nothing is known, may call again.
 * @throws LedgerUnavailable whether it is closed is not known yet; it goes on by itself
 */
async function closeByAsking(
  services: Services,
  environment: Environment,
  asked: OrderKey & { readonly at: Date; readonly commandId: string },
): Promise<Settled<RefusalOf<'close'>>> {
  const { ledger, asking } = services
  const until = patience(services)
  const started = await startClose(ledger, { ...asked, unsureUntil: takesEffectBefore(asked.at) })
  if ('refused' in started) {
    if (started.refused === 'not-found') return started
    if (started.refused !== 'unsure') return started
  }
  const order = await asking.workOn(environment, asked, until)
  if (order === undefined) return { refused: 'not-found' }
  if (isPaid(order)) return { refused: 'already-paid', order }
  if (order.state !== 'CLOSED')
    throw new LedgerUnavailable(`whether order ${asked.outTradeNo} is closed is not known yet`)
  // Who found it being closed closed nothing.
  return 'moved' in started ? { moved: order } : { refused: 'closed', order }
}

/** More rounds than a number has ways to come and go between two looks at it. */
const rounds = 5

/** @throws LedgerUnavailable nothing is known: not done, or not answered */
export async function closeOrder(
  services: Services,
  caller: Caller,
  request: CloseOrderRequest,
): Promise<Answered<CloseOrderOutcome>> {
  const { ledger, world } = services
  const { environment } = caller
  const found = await findMerchant(services, caller, request.subMchId)
  if ('refused' in found) return { outcome: found.refused, subAppid: subAppidOf(caller, undefined) }
  const asked = {
    ...orderKey(ledger, environment.envId, request.subMchId, request.outTradeNo),
    commandId: newCommandId(world),
    at: await environmentTime(ledger, environment, world.wallClock()),
  }
  const left = await saysSo(services, caller, asked)
  if (left !== undefined) {
    const subAppid = subAppidOf(caller, found.merchant, left.request?.subAppid)
    return { outcome: { outcome: 'closed' }, subAppid }
  }
  const isAsked = services.channelOf(environment) !== undefined
  for (let round = 0; round < rounds; round++) {
    const settled = isAsked
      ? await closeByAsking(services, environment, asked)
      : await closeInLedger(ledger, asked)
    if ('moved' in settled) {
      return {
        outcome: { outcome: 'closed' },
        subAppid: subAppidOf(caller, found.merchant, settled.moved.request?.subAppid),
      }
    }
    if (settled.refused !== 'not-found') {
      const { order } = settled
      return {
        outcome: whyNot(settled.refused, order),
        subAppid: subAppidOf(caller, found.merchant, order.request?.subAppid),
      }
    }
    const subAppid = subAppidOf(caller, found.merchant)
    if (ruleOf('closeOfUnknownNumber', environment.profile) === 'ORDERNOTEXIST') {
      return { outcome: { outcome: 'not-found' }, subAppid }
    }
    // Before the number: whoever looks for it asks each merchant that is known. What ends between the two leaves a merchant alone.
    if (found.merchant === undefined)
      await takeIn(services, environment.envId, request.subMchId, { with: 'number that it closed' })
    if (await rememberClosed(ledger, { ...asked, clock: clockName(environment) }))
      return { outcome: { outcome: 'remembered' }, subAppid }
    // Someone ordered, or closed, the number between the two statements: it is there now, so ask again.
  }
  throw new LedgerUnavailable(`number ${request.outTradeNo} kept moving while it was asked for`)
}

/**
 * unifiedOrder: makes a prepay order, or hands the same one out again. Idempotent by its number and parameters: a
 * repeated call never makes a second payable order.
 */
import { takesEffectBefore } from '../channels/channel.ts'
import { forNotices, struckBy } from '../channels/sandbox/faults.ts'
import { codeUrlOf, issuePrepayId, mwebUrlOf } from '../channels/sandbox/prepay.ts'
import { clockName, environmentTime } from '../ledger/clocks.ts'
import { type Create, createOrder, type Renew, renewPrepay } from '../ledger/create-order.ts'
import { LedgerUnavailable } from '../ledger/db/db.ts'
import {
  type Closing,
  closableFrom,
  leastTimeExpireMs,
  ordered,
  renewed,
  revived,
} from '../ledger/deadlines.ts'
import { findOrder, type Order } from '../ledger/order.ts'
import type { OrderKey } from '../ledger/order-key.ts'
import { orderKey } from '../ledger/order-key.ts'
import { findWinner } from '../ledger/purchase.ts'
import { isPaid } from '../ledger/purchase-rules.ts'
import { replaceOrder } from '../ledger/replace-order.ts'
import { decide } from '../ledger/rules.ts'
import { askForPrepay } from '../ledger/start-close.ts'
import { newCommandId } from '../ledger/world.ts'
import { parseWireTime } from '../protocol/beijing-time.ts'
import { ruleOf } from '../protocol/rule-profiles.ts'
import {
  differingFields,
  namesPayer,
  repeated,
  type UnifiedOrderOutcome,
  type UnifiedOrderRequest,
} from '../protocol/unified-order.ts'
import { unhostedTarget } from './callback-target.ts'
import { findMerchant, subAppidOf, takeIn } from './merchant.ts'
import { type Answered, type Caller, patience, type Services } from './services.ts'

/** One call, read and completed: who asks for what, and when on the environment's clock. */
interface Asked {
  readonly services: Services
  readonly caller: Caller
  readonly key: OrderKey
  /** What the caller named itself. */
  readonly named: UnifiedOrderRequest
  /** The same with its defaults. */
  readonly request: UnifiedOrderRequest
  readonly at: Date
}

/** Where a fault has it so, our clock is off by so much: the client's payment is dated wrongly. */
const skewed = ({ caller, at }: Asked) =>
  new Date(at.getTime() + (struckBy(caller.faults, 'clock-skew')?.ms ?? 0))

function prepaid(asked: Asked, order: Order): UnifiedOrderOutcome {
  const { services } = asked
  const { prepayId, request, asking } = order
  if (prepayId === undefined || request === undefined)
    throw new Error(`order ${order.outTradeNo} has no prepay`)
  const { tradeType, deviceInfo } = request
  return {
    outcome: 'prepaid',
    prepay: {
      prepayId,
      tradeType,
      deviceInfo,
      codeUrl:
        tradeType === 'NATIVE' ? (asking?.codeUrl ?? codeUrlOf(prepayId, services.publicUrl())) : undefined,
      mwebUrl:
        tradeType === 'MWEB' ? (asking?.mwebUrl ?? mwebUrlOf(prepayId, services.publicUrl())) : undefined,
      at: skewed(asked),
    },
  }
}

const newPrepay = ({ services: { world }, key, at }: Asked) => ({
  ...key,
  at,
  commandId: newCommandId(world),
  prepayId: issuePrepayId(world, key.envId, key.subMchId, at),
})

const isAsked = ({ services, caller }: Asked) => services.channelOf(caller.environment) !== undefined

/** Where the channel has to be asked for the prepay; in the place of another it waits until nobody can pay that one. */
const toBeAsked = (
  { request: { replaces } }: Asked,
  { closeAt, closeWhy }: Closing,
): Pick<Create, 'state' | 'prepayId' | 'asking'> => ({
  state: replaces === undefined ? 'CREATING' : 'WAITING',
  prepayId: undefined,
  asking: {
    tries: 0,
    ...(replaces === undefined ? { sent: true, next: 'create' } : {}),
    ...(closeAt === undefined ? {} : { closeAt: closeAt.toISOString() }),
    ...(closeWhy === undefined ? {} : { closeWhy }),
  },
})

function creationOf(asked: Asked): Create {
  const { caller, request, at } = asked
  const { environment } = caller
  const timeExpire = request.timeExpire === undefined ? undefined : parseWireTime(request.timeExpire)
  const closable = closableFrom(at, ruleOf('closeWithinFiveMinutes', environment.profile) === 'refused')
  const times = ordered(at, timeExpire, environment, closable)
  return {
    ...newPrepay(asked),
    ...times,
    ...(isAsked(asked) ? toBeAsked(asked, times) : {}),
    request,
    clock: clockName(environment),
    madeAs: caller.madeAs,
    faults: forNotices(caller.faults),
    closableFrom: closable,
  }
}

/** It was not there before. */
function madeNew(asked: Asked, order: Order): Promise<UnifiedOrderOutcome | undefined> {
  asked.services.onMade('ordered', asked.key.envId)
  return made(asked, order)
}

/**
 * What comes of an order that was made: its prepay, or, where the channel has to be asked for it, whatever it says.
 * @throws LedgerUnavailable that is not known yet; it goes on by itself, and the same call finds out
 */
async function made(asked: Asked, order: Order): Promise<UnifiedOrderOutcome | undefined> {
  if (!isAsked(asked)) return prepaid(asked, order)
  const { asking, ledger } = asked.services
  const { environment } = asked.caller
  const until = patience(asked.services)
  const { replaces } = order.request ?? {}
  if (order.state === 'WAITING' && replaces !== undefined)
    await asking.workOn(environment, { ...asked.key, outTradeNo: replaces }, until)
  const known = await asking.workOn(environment, asked.key, until)
  if (known === undefined || known.state === 'WAITING' || known.state === 'CREATING')
    throw new LedgerUnavailable(`whether order ${order.outTradeNo} was made is not known yet`)
  // It may have been paid by the prepay before: what the channel refused then is no matter any more.
  if (isPaid(known)) return { outcome: 'paid' }
  if (known.asking?.refusal !== undefined) return { outcome: 'channel-refused', ...known.asking.refusal }
  const winner =
    known.purchase === undefined ? undefined : await findWinner(ledger.db, asked.key, known.purchase)
  if (winner !== undefined) return { outcome: 'purchase-paid', paid: winner }
  return known.state === 'NOTPAY' ? prepaid(asked, known) : stands(known)
}

/**
 * Makes the order, in the place of another where it says so.
 * @returns undefined: its number is taken
 */
async function make(asked: Asked): Promise<UnifiedOrderOutcome | undefined> {
  const { services, request } = asked
  const { replaces } = request
  if (replaces === undefined) {
    const created = await createOrder(services.ledger, creationOf(asked))
    return created === undefined ? undefined : madeNew(asked, created)
  }
  const replaced = await replaceOrder(services.ledger.db, {
    create: creationOf(asked),
    replaces,
    unsureUntil: takesEffectBefore(asked.at),
  })
  if ('created' in replaced) return madeNew(asked, replaced.created)
  if ('existing' in replaced) return undefined
  switch (replaced.refused) {
    case 'not-found':
      return { outcome: 'nothing-to-replace', replaces }
    case 'paid':
      return { outcome: 'purchase-paid', paid: replaced.paid }
    case 'replaced':
      return { outcome: 'already-replaced', live: replaced.live }
  }
}

/** `undefined`: the order moved while we looked; look again. */
async function freshPrepay(
  asked: Asked,
  order: Order,
  kind: Renew['kind'],
): Promise<UnifiedOrderOutcome | undefined> {
  const fresh = { ...newPrepay(asked), kind }
  const { closeAt, closeWhy, ...times } = revived(asked.at, asked.caller.environment)
  const settled = await renewPrepay(
    asked.services.ledger,
    kind === 'renew'
      ? { ...fresh, ...renewed(asked.at, order.expiresAt ?? asked.at) }
      : { ...fresh, ...times, closing: { closeAt, closeWhy } },
  )
  return 'moved' in settled ? prepaid(asked, settled.moved) : undefined
}

/** Only the channel hands out a fresh one, where it has to be asked. */
async function renew(asked: Asked, order: Order): Promise<UnifiedOrderOutcome | undefined> {
  if (order.asking === undefined) return freshPrepay(asked, order, 'renew')
  const { services, key, at } = asked
  await askForPrepay(services.ledger, key, at, newCommandId(services.world))
  return made(asked, order)
}

/** What the same number again comes to where it is paid or closed; undefined: it is neither. */
function stands(order: Order): UnifiedOrderOutcome | undefined {
  if (isPaid(order)) return { outcome: 'paid' }
  return order.state === 'CLOSED' || order.state === 'CLOSING' || order.request === undefined
    ? { outcome: 'closed' }
    : undefined
}

/** What the same number again comes to. In this order: paid, closed, other parameters, out of time. */
async function again(asked: Asked, order: Order): Promise<UnifiedOrderOutcome | undefined> {
  const settled = stands(order)
  if (settled !== undefined) return order.asking === undefined ? settled : made(asked, order)
  if (order.request === undefined) return { outcome: 'closed' }
  const fields = differingFields(order.request, repeated(asked.named, order.request))
  if (fields.length > 0) return { outcome: 'other-parameters', fields }
  if (order.asking !== undefined && order.state !== 'NOTPAY') return made(asked, order)
  if ('to' in decide(order, 'pay', asked.at)) return prepaid(asked, order)
  if ('to' in decide(order, 'renew', asked.at)) return renew(asked, order)
  // Past its own time nobody can pay it there either, whatever the rules here.
  if (
    order.asking === undefined &&
    ruleOf('identicalAfterTimeExpire', asked.caller.environment.profile) === 'revived'
  ) {
    return freshPrepay(asked, order, 'revive')
  }
  return { outcome: 'expired', expiredAt: order.expiresAt ?? asked.at }
}

/** Only a first submission is refused for its time: a repetition is never refused for it. */
function tooSoon({ request, at }: Asked): UnifiedOrderOutcome | undefined {
  const timeExpire = request.timeExpire === undefined ? undefined : parseWireTime(request.timeExpire)
  if (timeExpire === undefined || timeExpire.getTime() >= at.getTime() + leastTimeExpireMs) return undefined
  return { outcome: 'time-expire-too-soon', now: at, past: timeExpire <= at }
}

/** More rounds than an order has moves left to make between two looks at it. */
const rounds = 5

/** @param refusal of an order that would be new: the same call again is never refused for it */
async function orderOrRepeat(
  asked: Asked,
  refusal: UnifiedOrderOutcome | undefined,
): Promise<UnifiedOrderOutcome> {
  const refused = refusal ?? tooSoon(asked)
  for (let round = 0; round < rounds; round++) {
    if (refused === undefined) {
      const made = await make(asked)
      if (made !== undefined) return made
    }
    const order = await findOrder(asked.services.ledger, asked.key)
    if (order === undefined && refused !== undefined) return refused
    const outcome = order === undefined ? undefined : await again(asked, order)
    if (outcome !== undefined) return outcome
  }
  throw new LedgerUnavailable(`order ${asked.key.outTradeNo} kept moving while it was asked for`)
}

/** @throws LedgerUnavailable nothing is known: the same call finds out */
export async function unifiedOrder(
  services: Services,
  caller: Caller,
  body: UnifiedOrderRequest,
): Promise<Answered<UnifiedOrderOutcome>> {
  const { envId, strictMerchants } = caller.environment
  const found = await findMerchant(services, caller, body.subMchId)
  if ('refused' in found)
    return { outcome: found.refused, subAppid: subAppidOf(caller, undefined, body.subAppid) }
  const { merchant } = found
  const subAppid = subAppidOf(caller, merchant, body.subAppid)
  const bound = merchant?.subAppid
  if (strictMerchants && bound !== undefined && bound !== subAppid) {
    return { outcome: { outcome: 'app-mismatch', boundSubAppid: bound }, subAppid }
  }
  const named = { ...body, subAppid: body.subAppid ?? caller.appid }
  const unhosted = await unhostedTarget(services, caller, body)
  const leavesPayerOut = body.tradeType === 'JSAPI' && !namesPayer(body)
  const request = { ...named, subAppid, ...(leavesPayerOut ? { openid: caller.payer } : {}) }
  const at = await environmentTime(services.ledger, caller.environment, services.world.wallClock())
  const key = orderKey(services.ledger, envId, body.subMchId, body.outTradeNo)
  const outcome = await orderOrRepeat({ services, caller, key, named, request, at }, unhosted)
  // With the first order that came about, and not before: what is refused leaves nothing behind.
  // One that only ever closed a number has no app id yet.
  const lacksAppid = merchant?.listed === false && merchant.subAppid === undefined && subAppid !== undefined
  if ((merchant === undefined || lacksAppid) && outcome.outcome === 'prepaid')
    await takeIn(services, envId, body.subMchId, { with: 'unifiedOrder', subAppid })
  return { outcome, subAppid }
}

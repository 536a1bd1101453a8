/**
 * The cashier: what a client does with `payment`, or with the page of a prepay. Checks what the real one checks before
 * its payer may pay. Never: HTTP, and whether the order may be paid at last (the ledger decides).
 */
import { environmentTime } from '../../ledger/clocks.ts'
import type { Environment } from '../../ledger/environments.ts'
import type { Order } from '../../ledger/order.ts'
import { decide } from '../../ledger/rules.ts'
import { isSameSecret } from '../../protocol/same-secret.ts'
import { type SignType, sign } from '../../protocol/sign.ts'
import { findToPay, type Means, namedPayer } from './pay.ts'

/** `payment` as a client holds it: of a mini program or a page (JSAPI), or of an app. */
export type ClientPayment = Readonly<Record<string, string>>

export type Cashier =
  | { readonly opens: Order; readonly openid: string }
  | { readonly refused: CashierRefusal; readonly order?: Order }

/**
 * `bad-payment`: a field is missing. `bad-sign`: paySign does not verify. `other-app`: the prepay belongs to another
 * app. `other-payer`: the order names another payer. The rest as in paying.
 */
export type CashierRefusal =
  | 'bad-payment'
  | 'bad-sign'
  | 'other-app'
  | 'not-found'
  | 'other-payer'
  | 'already-paid'
  | 'closed'
  | 'expired'
  | 'prepay-expired'
  | 'prepay-replaced'

interface Read {
  readonly appid: string
  readonly prepayId: string
  readonly signature: string
  readonly signType: SignType | undefined
  /** What is signed. */
  readonly fields: ClientPayment
}

const signTypeIn = (text: string | undefined): SignType | undefined =>
  text === 'MD5' || text === 'HMAC-SHA256' ? text : undefined

/** The two forms, told apart by their names: those of an app are all lower case. */
function readPayment(payment: ClientPayment): Read | undefined {
  if (payment.prepayid !== undefined) {
    const { sign: signature = '', appid = '', prepayid, ...rest } = payment
    return { appid, prepayId: prepayid, signature, signType: undefined, fields: { ...rest, appid, prepayid } }
  }
  const { paySign: signature = '', appId, timeStamp, nonceStr, package: packed = '', signType } = payment
  const prepayId = /^prepay_id=(.+)$/.exec(packed)?.[1]
  if (appId === undefined || timeStamp === undefined || nonceStr === undefined || prepayId === undefined)
    return undefined
  return {
    appid: appId,
    prepayId,
    signature,
    signType: signTypeIn(signType),
    fields: { appId, timeStamp, nonceStr, package: packed, signType: signType ?? '' },
  }
}

/** The key of whoever made the order: its provider, or the merchant itself. */
function keyOf({ provider, directMerchants }: Environment, { madeAs }: Order): string | undefined {
  if (madeAs?.direct !== true) return provider.apiKey
  return directMerchants.find(({ subMchId }) => subMchId === madeAs.mchId)?.apiKey
}

function isSigned(read: Read, environment: Environment, order: Order): boolean {
  const apiKey = keyOf(environment, order)
  const type = read.signType ?? (read.fields.prepayid === undefined ? undefined : order.madeAs?.signType)
  if (apiKey === undefined || type === undefined) return false
  return isSameSecret(read.signature, sign(read.fields, apiKey, type))
}

const ownsPrepay = (appid: string, { request, madeAs }: Order, { provider }: Environment) =>
  [request?.subAppid, madeAs?.appid, provider.appid].includes(appid)

/** Whether its payer may go on to the password: as things stand. */
async function mayPay(
  { ledger, world }: Means,
  environment: Environment,
  order: Order,
  prepayId: string,
): Promise<CashierRefusal | undefined> {
  const at = await environmentTime(ledger, environment, world.wallClock())
  const decision = decide(order, 'pay', at)
  if ('no' in decision) {
    if (decision.no !== 'out-of-time') return decision.no
    return order.expiresAt !== undefined && at >= order.expiresAt ? 'expired' : 'prepay-expired'
  }
  return order.prepayId === prepayId ? undefined : 'prepay-replaced'
}

/**
 * Opens the cashier of a prepay, for a page of ours: nothing is signed there.
 * @param openid left out: the payer whom the order names, or `somebody`
 * @throws LedgerUnavailable
 */
export async function openCashier(
  means: Means,
  environment: Environment,
  prepayId: string,
  { openid, somebody }: { readonly openid?: string | undefined; readonly somebody: string },
): Promise<Cashier> {
  const order = await findToPay(means.ledger, environment.envId, { prepayId })
  if (order === undefined) return { refused: 'not-found' }
  const named = namedPayer(order)
  if (named !== undefined && openid !== undefined && openid !== named)
    return { refused: 'other-payer', order }
  const refused = await mayPay(means, environment, order, prepayId)
  return refused === undefined ? { opens: order, openid: openid ?? named ?? somebody } : { refused, order }
}

/** Opens the cashier as `wx.requestPayment` does. @throws LedgerUnavailable */
export async function requestCashier(
  means: Means,
  environment: Environment,
  payment: ClientPayment,
  payer: { readonly openid?: string | undefined; readonly somebody: string },
): Promise<Cashier & { readonly prepayId?: string }> {
  const read = readPayment(payment)
  if (read === undefined) return { refused: 'bad-payment' }
  const { prepayId } = read
  const order = await findToPay(means.ledger, environment.envId, { prepayId })
  if (order === undefined) return { refused: 'not-found', prepayId }
  if (!isSigned(read, environment, order)) return { refused: 'bad-sign', order, prepayId }
  if (!ownsPrepay(read.appid, order, environment)) return { refused: 'other-app', order, prepayId }
  return { ...(await openCashier(means, environment, prepayId, payer)), prepayId }
}

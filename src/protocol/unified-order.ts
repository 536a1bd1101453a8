/**
 * unifiedOrder on the wire: makes the prepay order whose `payment` goes straight to `wx.requestPayment`.
 * Source: CloudPay.unifiedOrder page; repeated numbers and times from the v2 pages and users' reports.
 */
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { type AnswerContext, refusal, success, type WireAnswer } from './answer.ts'
import { readableTime } from './beijing-time.ts'
import { type CallbackTarget, toContainer, toFunction, wantsContainer } from './callback-target.ts'
import { type CamelKeys, camelKeys, snakeKey } from './camel-keys.ts'
import { fenSchema } from './fen.ts'
import { ip, nonce_str, out_trade_no, type Read, readWith, sub_mch_id, text, time } from './fields.ts'
import { brokenRule } from './format-problem.ts'
import { type CommonOutcome, encodeCommon, isCommon } from './outcome.ts'
import { emptyPayment, paymentOf } from './payment.ts'
import { ruleOf } from './rule-profiles.ts'
import type { Text } from './text.ts'

export const tradeTypes = ['JSAPI', 'NATIVE', 'APP', 'MWEB'] as const
export type TradeType = (typeof tradeTypes)[number]

/** What an order is, but for its callback target; in the order of the page's table. */
export const orderFields = {
  sub_mch_id,
  sub_appid: text(32).optional(),
  device_info: text(32).optional(),
  nonce_str,
  body: text(128),
  /** JSON text; not looked into. */
  detail: text(6000).optional(),
  attach: text(127).optional(),
  out_trade_no,
  fee_type: z.literal('CNY').default('CNY'),
  total_fee: fenSchema,
  spbill_create_ip: ip,
  time_start: time.optional(),
  time_expire: time.optional(),
  goods_tag: text(32).optional(),
  trade_type: z.enum(tradeTypes).default('JSAPI'),
  product_id: text(32).optional(),
  limit_pay: z.literal('no_credit').optional(),
  openid: text(128).optional(),
  sub_openid: text(128).optional(),
  receipt: text(8).optional(),
  scene_info: text(256).optional(),
  profit_sharing: z.enum(['Y', 'N']).optional(),
  /** Ours: the number of an earlier attempt at the same purchase, whose place this one takes. */
  replaces: out_trade_no.optional(),
}

/** An order cannot take its own place. */
export const replacesAnother = [
  ({ replaces, out_trade_no }: { replaces?: string | undefined; out_trade_no: string }) =>
    replaces !== out_trade_no,
  brokenRule('replaces 不能与 out_trade_no 相同', 'replaces and out_trade_no must differ'),
] as const

const orderSchema = z.object(orderFields)
const functionOrder = z.object({ ...toFunction, ...orderFields }).refine(...replacesAnother)
const containerOrder = z.object({ ...toContainer, ...orderFields }).refine(...replacesAnother)

/** `version`: v2 only, of single-item promotions. */
export type WireOrder = z.output<typeof orderSchema> &
  CallbackTarget & { readonly version?: string | undefined }
export type UnifiedOrderRequest = CamelKeys<WireOrder>

/** Elsewhere an empty text is "not given"; here it would be two payable orders of one purchase. */
const namesNobody = (body: object): boolean =>
  Object.hasOwn(body, 'replaces') && Reflect.get(body, 'replaces') === ''

const emptyReplaces: Text = {
  zh: 'replaces 不能为空；不取代任何订单时请去掉它',
  en: 'replaces must not be empty; leave it out where no order is replaced',
}

/**
 * @param body snake_case keys
 * @param payerIsKnown whether a JSAPI order may leave its payer out; otherwise such an order is refused
 */
export function readUnifiedOrder(body: object, payerIsKnown = false): Read<UnifiedOrderRequest> {
  if (namesNobody(body)) return { problem: emptyReplaces }
  const read: Read<WireOrder> = readWith(wantsContainer(body) ? containerOrder : functionOrder, body)
  if ('problem' in read) return read
  const request: UnifiedOrderRequest = camelKeys(read.request)
  if (payerIsKnown || request.tradeType !== 'JSAPI' || namesPayer(request)) return { request }
  return {
    problem: {
      zh: 'openid 缺少：JSAPI 下单须给出 openid 或 sub_openid',
      en: 'openid is missing: a JSAPI order needs openid or sub_openid',
    },
  }
}

export const namesPayer = ({ openid, subOpenid }: UnifiedOrderRequest): boolean =>
  openid !== undefined || subOpenid !== undefined

/**
 * May differ between two requests that are still the same order. Source: users' reports of re-entry.
 * `callback_type` says nothing that the target itself does not say.
 */
const mayDiffer: readonly string[] = [
  'nonceStr',
  'spbillCreateIp',
  'callbackType',
] satisfies (keyof UnifiedOrderRequest)[]

/**
 * The fields in which two requests with one number differ, in wire spelling; none: they are identical.
 * Both have their defaults filled in ({@link repeated}), so it does not matter through which door they came. The callback target is a
 * field like any other: whoever names another one would wait for a callback that goes elsewhere.
 */
export function differingFields(first: UnifiedOrderRequest, second: UnifiedOrderRequest): string[] {
  const was = new Map<string, unknown>(Object.entries(first))
  const is = new Map<string, unknown>(Object.entries(second))
  return [...new Set([...was.keys(), ...is.keys()])]
    .filter((name) => !mayDiffer.includes(name) && !isDeepStrictEqual(was.get(name), is.get(name)))
    .map(snakeKey)
    .sort()
}

/**
 * A repetition as it is compared with the first: what the caller leaves to a default is what the first one got. The
 * setting behind that default may have changed since, and the same call must stay the same call.
 */
export const repeated = (named: UnifiedOrderRequest, first: UnifiedOrderRequest): UnifiedOrderRequest => ({
  ...named,
  subAppid: named.subAppid ?? first.subAppid,
  ...(namesPayer(named) ? {} : { openid: first.openid, subOpenid: first.subOpenid }),
})

/** What an answer tells of a prepay. */
export interface Prepay {
  readonly prepayId: string
  readonly tradeType: TradeType
  readonly deviceInfo: string | undefined
  /** NATIVE: the text of the QR code. */
  readonly codeUrl: string | undefined
  /** MWEB: where the browser goes. */
  readonly mwebUrl: string | undefined
  /** For `payment.timeStamp`. */
  readonly at: Date
}

export type UnifiedOrderOutcome =
  | CommonOutcome
  | { readonly outcome: 'prepaid'; readonly prepay: Prepay }
  | { readonly outcome: 'paid' }
  | { readonly outcome: 'closed' }
  /** Unpaid, but out of time, and not to be revived. */
  | { readonly outcome: 'expired'; readonly expiredAt: Date }
  /** The number belongs to another order; `fields` in wire spelling. */
  | { readonly outcome: 'other-parameters'; readonly fields: readonly string[] }
  /** The purchase is paid already, by the attempt `paid`; nothing was ordered. */
  | { readonly outcome: 'purchase-paid'; readonly paid: string }
  /** Another attempt took its place before; `live` is the last of them. Nothing was ordered. */
  | { readonly outcome: 'already-replaced'; readonly live: string }
  /** There is no order `replaces`. */
  | { readonly outcome: 'nothing-to-replace'; readonly replaces: string }
  /** First `time_expire` less than a minute ahead of `now`, the environment's time. */
  | { readonly outcome: 'time-expire-too-soon'; readonly now: Date; readonly past: boolean }

function encodePrepay(prepay: Prepay, context: AnswerContext): WireAnswer {
  return success(context, {
    device_info: prepay.deviceInfo,
    trade_type: prepay.tradeType,
    prepay_id: prepay.prepayId,
    code_url: prepay.codeUrl,
    mweb_url: prepay.mwebUrl,
    payment: context.wire === 'v2' ? undefined : paymentOf(prepay, context),
  })
}

/** `return_code` FAIL: the real service adds a payment that breaks at the client when it is passed on blindly. */
function withFailedPayment(answer: WireAnswer, context: AnswerContext, at: Date): WireAnswer {
  const addsPayment =
    context.wire === 'cloudpay' &&
    answer.return_code === 'FAIL' &&
    ruleOf('paymentOfFailedUnifiedOrder', context.profile) === 'empty-prepay-id'
  return addsPayment ? { ...answer, payment: emptyPayment(context, at) } : answer
}

const refusalNamed = {
  ORDERCLOSED: 'orderClosed',
  OUT_TRADE_NO_USED: 'numberUsed',
  INVALID_REQUEST: 'invalidRequest',
} as const

/** @param at of a failed answer's `payment`, which nobody can use */
export function encodeUnifiedOrder(
  outcome: UnifiedOrderOutcome,
  context: AnswerContext,
  at: Date,
): WireAnswer {
  if (isCommon(outcome)) return withFailedPayment(encodeCommon(outcome, context), context, at)
  switch (outcome.outcome) {
    case 'prepaid':
      return encodePrepay(outcome.prepay, context)
    case 'paid':
      return refusal(context, 'orderPaid')
    case 'closed':
      return refusal(context, refusalNamed[ruleOf('sameNumberAfterClose', context.profile)])
    case 'expired':
      return refusal(context, 'orderExpired', { time: readableTime(outcome.expiredAt) })
    case 'other-parameters':
      return refusal(context, refusalNamed[ruleOf('sameNumberOtherParameters', context.profile)], {
        fields: outcome.fields.join(', '),
      })
    case 'purchase-paid':
      return refusal(context, 'purchasePaid', { number: outcome.paid })
    case 'already-replaced':
      return refusal(context, 'alreadyReplaced', { live: outcome.live })
    case 'nothing-to-replace':
      return refusal(context, 'nothingToReplace', { number: outcome.replaces })
    case 'time-expire-too-soon':
      return refusal(context, outcome.past ? 'timeExpirePast' : 'timeExpireTooSoon', {
        now: readableTime(outcome.now),
      })
  }
}

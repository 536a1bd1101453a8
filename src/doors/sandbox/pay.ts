/** `POST /sandbox/pay`: the customer pays an order. */
import { z } from 'zod'
import { openCashier } from '../../channels/sandbox/cashier.ts'
import { forNotices, readFaultHeader, struckBy } from '../../channels/sandbox/faults.ts'
import { findToPay, type PayOutcome, payAsCustomer } from '../../channels/sandbox/pay.ts'
import type { LateDecision } from '../../ledger/asking.ts'
import type { Environment } from '../../ledger/environments.ts'
import type { Order } from '../../ledger/order.ts'
import { subMchIdOrAll } from '../../protocol/api/fields.ts'
import { isoTime, readableTime } from '../../protocol/beijing-time.ts'
import { targetOf, targetText } from '../../protocol/callback-target.ts'
import { demoOpenid } from '../../protocol/demo-merchant.ts'
import { out_trade_no, text } from '../../protocol/fields.ts'
import { brokenRule } from '../../protocol/format-problem.ts'
import type { Text } from '../../protocol/text.ts'
import type { DoorServices } from '../door-services.ts'
import { faultHeaderOf, tell } from '../http.ts'
import { type Answer, env_id } from './answer.ts'
import { control } from './control.ts'

const schema = z
  .strictObject({
    env_id,
    sub_mch_id: subMchIdOrAll,
    out_trade_no: out_trade_no.optional(),
    prepay_id: text(64).optional(),
    openid: text(128).optional(),
    /** What the payer does. `wait`: is on the password page, and has done nothing yet. */
    then: z.enum(['pay', 'cancel', 'fail', 'wait']).default('pay'),
  })
  .refine(
    (asked) => (asked.out_trade_no === undefined) !== (asked.prepay_id === undefined),
    brokenRule(
      'out_trade_no 与 prepay_id 须恰好给出一个',
      'exactly one of out_trade_no and prepay_id is needed',
    ),
  )

/** Where its callback goes, and what to do where nobody would get it. */
async function callbackOf({ hosts }: DoorServices, environment: Environment, order: Order) {
  const target = order.request === undefined ? undefined : targetOf(order.request)
  if (target === undefined) return undefined
  const hosted = target.kind === 'url' || (await hosts.find(environment, target)) !== undefined
  const note: Text = {
    zh: '目前没有程序托管这个回调目标，会按时间表重试；启动它：cloudpay dev ./cloudfunctions，或 cloudpay run --container pay=http://127.0.0.1:8080 -- npm start',
    en: 'nobody hosts this target at the moment, it is tried again on schedule; start it: cloudpay dev ./cloudfunctions, or cloudpay run --container pay=http://127.0.0.1:8080 -- npm start',
  }
  return {
    target: targetText(target),
    state: 'pending',
    see: `GET /sandbox/callbacks?env_id=${order.envId}&sub_mch_id=${order.subMchId}&out_trade_no=${encodeURIComponent(order.outTradeNo)}`,
    ...(hosted ? {} : { note: note[environment.language] }),
  }
}

/** What a payment that came about is told as, here and by the client's own words. */
export const paidView = async (services: DoorServices, environment: Environment, order: Order) => ({
  env_id: order.envId,
  sub_mch_id: order.subMchId,
  out_trade_no: order.outTradeNo,
  transaction_id: order.transactionId,
  total_fee: order.totalFee,
  openid: order.payerOpenid,
  paid_at: order.paidAt === undefined ? undefined : isoTime(order.paidAt),
  callback: await callbackOf(services, environment, order),
})

const lateDecided: Readonly<Record<LateDecision | 'none', Text>> = {
  refund: {
    zh: '订单已关闭，付款来迟：这笔钱会自动退回付款人',
    en: 'the order was closed and the payment came too late: the money goes back to its payer by itself',
  },
  adopt: {
    zh: '订单已关闭，付款来迟：按 latePayments 的设置采纳，订单现为已支付',
    en: 'the order was closed and the payment came too late: it stays, as latePayments has it, and the order is paid',
  },
  none: {
    zh: '订单已关闭，付款来迟：latePayments 为 ask，等人决定（POST /api/orders/late）；用 refund 可退回',
    en: 'the order was closed and the payment came too late: latePayments is ask, so a person decides (POST /api/orders/late); refund returns it',
  },
}

/** What a payment is told as that came too late. The engine returns it, where that was decided. */
export async function paidLateView(services: DoorServices, environment: Environment, order: Order) {
  services.engine.nudge()
  services.onLate(order)
  const { late } = order
  return {
    result: 'paid_too_late',
    ...(await paidView(services, environment, order)),
    transaction_id: late?.transactionId,
    openid: late?.payerOpenid,
    paid_at: late === undefined ? undefined : isoTime(new Date(late.paidAt)),
    decision: late?.decision,
    note: lateDecided[late?.decision ?? 'none'][environment.language],
    ...(late?.decision === 'adopt' ? {} : { callback: undefined }),
  }
}

export type PayRefusal = Extract<PayOutcome, { outcome: 'refused' }>['why']

export const payRefusals: Readonly<Record<PayRefusal, Text>> = {
  'already-paid': { zh: '该订单已支付', en: 'the order has been paid' },
  closed: { zh: '该订单已关闭，请重新下单', en: 'the order is closed; order again with a new number' },
  expired: {
    zh: '该订单已过支付期限，不能再支付；请关闭它，并换新订单号下单',
    en: 'the order ran out of time and cannot be paid; close it and order with a new number',
  },
  'prepay-expired': {
    zh: 'prepay_id 已过两小时有效期；请以相同参数再次 unifiedOrder，取得新的 prepay_id',
    en: "the prepay_id's two hours are over; call unifiedOrder again with the same parameters for a fresh one",
  },
  'prepay-replaced': {
    zh: '该 prepay_id 已被更新的取代；请使用最新的 prepay_id',
    en: 'a fresher prepay_id has taken its place; use the latest',
  },
  'other-payer': {
    zh: '下单时指定了另一个付款人（openid），只有他能支付',
    en: 'the order names another payer (openid), and nobody else can pay it',
  },
}

const isPayRefusal = (why: string): why is PayRefusal => why in payRefusals

const replacedBy = (number: string): Text => ({
  zh: `该订单已被 ${number} 取代，不能再支付；请支付新订单`,
  en: `${number} took the place of this order, which cannot be paid any more; pay that one`,
})

const refused = (why: PayRefusal, order: Order): Answer => {
  const { expiresAt, outTradeNo } = order
  const successor = why === 'closed' ? order.replacedBy : undefined
  const reason = successor === undefined ? payRefusals[why] : replacedBy(successor)
  const at = why === 'expired' && expiresAt !== undefined ? readableTime(expiresAt) : undefined
  return {
    status: 409,
    code: why.toUpperCase().replaceAll('-', '_'),
    text:
      at === undefined
        ? reason
        : {
            zh: `${reason.zh}（期限为北京时间 ${at}）`,
            en: `${reason.en} (its time ended at ${at} Beijing time)`,
          },
    more: { result: 'refused', out_trade_no: outTradeNo },
  }
}

export const orderNotFound = (envId: string): Answer => ({
  status: 404,
  code: 'ORDER_NOT_FOUND',
  text: {
    zh: `环境 ${envId} 没有这个订单；请核对 sub_mch_id、out_trade_no 或 prepay_id（可能已被更新的取代）`,
    en: `environment ${envId} has no such order; check sub_mch_id, out_trade_no or prepay_id (a fresher one may have replaced it)`,
  },
})

/** After a payment: the engine may tell of it, and where a fault has it so, has told of it before anyone is answered. */
export async function afterPayment(
  { engine, tallies, untilQuiet }: DoorServices,
  environment: Environment,
  { order, faults }: Extract<PayOutcome, { outcome: 'paid' }>,
): Promise<void> {
  tallies.count(environment.envId, 'paid', order.totalFee)
  engine.nudge()
  if (struckBy(faults, 'callback-before-answer') !== undefined) await untilQuiet(environment)
}

/** What `x-cloudpay-fault` asks of the payment's notice. */
export function faultsAsked(header: string | undefined) {
  const read = readFaultHeader(header)
  if ('problem' in read) return { refused: { status: 400, code: 'INVALID', text: read.problem } as const }
  const ofCalls = read.asked.find((fault) => !forNotices([fault]).includes(fault))
  if (ofCalls === undefined) return { asked: read.asked }
  const text: Text = {
    zh: `${ofCalls.name} 是支付方法调用的故障，付款时只有付款和回调的故障有效，见 GET /sandbox/faults`,
    en: `${ofCalls.name} strikes calls of pay methods; a payment takes faults of payments and callbacks, see GET /sandbox/faults`,
  }
  return { refused: { status: 400, code: 'INVALID', text } as const }
}

/** A number is its merchant's, whom the door found; a prepay_id needs none. */
function whichOf({
  sub_mch_id: subMchId,
  out_trade_no: outTradeNo,
  prepay_id: prepayId,
}: z.output<typeof schema>) {
  if (prepayId !== undefined) return { prepayId }
  if (subMchId === undefined || outTradeNo === undefined) throw new Error('a number without its merchant')
  return { subMchId, outTradeNo }
}

const unpaid = { cancel: 'cancelled', fail: 'failed', wait: 'waiting' } as const

/** What comes of a payer who does not pay, or not yet: the same as if he paid, up to the password. */
async function onlyOpen(
  services: DoorServices,
  environment: Environment,
  asked: z.output<typeof schema>,
  word: keyof typeof unpaid,
  onFound: (order: Order) => void,
): Promise<Answer> {
  const { envId } = environment
  const order = await findToPay(services.ledger, envId, whichOf(asked))
  const prepayId = asked.prepay_id ?? order?.prepayId
  if (order === undefined || prepayId === undefined) return orderNotFound(envId)
  onFound(order)
  const payer = { openid: asked.openid, somebody: environment.defaultOpenid ?? demoOpenid }
  const cashier = await openCashier(services, environment, prepayId, payer)
  if ('opens' in cashier)
    return paidOrNot({ result: unpaid[word], env_id: envId, out_trade_no: order.outTradeNo })
  return isPayRefusal(cashier.refused) ? refused(cashier.refused, order) : orderNotFound(envId)
}

/** Whoever looks for a payment that came to nothing finds it among the calls by that word. */
const paidOrNot = (body: { readonly result: string } & Readonly<Record<string, unknown>>): Answer => ({
  status: 200,
  body,
  outcome: body.result,
})

export const payTheOrder = control({
  method: 'POST',
  name: 'pay',
  schema,
  async carryOut(services, environment, asked, request) {
    const header = faultsAsked(faultHeaderOf(request))
    if ('refused' in header) return header.refused
    // A prepay_id does not say whose order it is; who looks for the order finds this call all the same.
    const onFound = ({ subMchId, outTradeNo }: Order) => tell(request, { subMchId, outTradeNo })
    if (asked.then !== 'pay') return onlyOpen(services, environment, asked, asked.then, onFound)
    const payer = {
      openid: asked.openid,
      somebody: environment.defaultOpenid ?? demoOpenid,
      faults: header.asked,
    }
    const outcome = await payAsCustomer(services, environment, whichOf(asked), payer)
    if ('order' in outcome) onFound(outcome.order)
    switch (outcome.outcome) {
      case 'paid':
        await afterPayment(services, environment, outcome)
        return paidOrNot({ result: 'paid', ...(await paidView(services, environment, outcome.order)) })
      case 'paid-late':
        return paidOrNot(await paidLateView(services, environment, outcome.order))
      case 'refused':
        return refused(outcome.why, outcome.order)
      case 'not-found':
        return orderNotFound(environment.envId)
    }
  },
})

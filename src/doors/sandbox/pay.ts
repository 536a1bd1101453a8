/** `POST /sandbox/pay`: the customer pays an order. */
import { z } from 'zod'
import { type PayOutcome, payAsCustomer } from '../../channels/sandbox/pay.ts'
import type { Environment } from '../../ledger/environments.ts'
import type { Order } from '../../ledger/order.ts'
import type { Services } from '../../methods/services.ts'
import { isoTime, readableTime } from '../../protocol/beijing-time.ts'
import { out_trade_no, sub_mch_id, text } from '../../protocol/fields.ts'
import { brokenRule } from '../../protocol/format-problem.ts'
import type { Text } from '../../protocol/text.ts'
import { type Answer, env_id } from './answer.ts'

/** The demo environment's merchant, who is meant when none is named. */
const demoMerchant = '1900000109'
/** Pays what names no payer, where the environment has no default one. */
const somebody = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'

export const payRequest = z
  .strictObject({
    env_id,
    sub_mch_id: sub_mch_id.default(demoMerchant),
    out_trade_no: out_trade_no.optional(),
    prepay_id: text(64).optional(),
  })
  .refine(
    (asked) => (asked.out_trade_no === undefined) !== (asked.prepay_id === undefined),
    brokenRule(
      'out_trade_no 与 prepay_id 须恰好给出一个',
      'exactly one of out_trade_no and prepay_id is needed',
    ),
  )

/** This version stores where a callback would go, and delivers none: said in the answer, not only in the docs. */
const callbackOf = (order: Order) => ({
  delivered: false,
  env_id: order.targetEnvId,
  function_name: order.targetFunction,
  container: order.request?.container,
  notify_url: order.request?.notifyUrl,
  note: {
    zh: '当前版本只记录回调目标，不投递回调；请自行用该事件调用它',
    en: 'this version stores the callback target and delivers nothing; call it yourself',
  },
})

const paid = (order: Order, language: 'zh' | 'en'): Answer => {
  const callback = callbackOf(order)
  return {
    status: 200,
    body: {
      result: 'paid',
      env_id: order.envId,
      sub_mch_id: order.subMchId,
      out_trade_no: order.outTradeNo,
      transaction_id: order.transactionId,
      total_fee: order.totalFee,
      openid: order.payerOpenid,
      paid_at: order.paidAt === undefined ? undefined : isoTime(order.paidAt),
      callback: { ...callback, note: callback.note[language] },
    },
  }
}

type Why = Extract<PayOutcome, { outcome: 'refused' }>['why']

const reasons: Readonly<Record<Why, Text>> = {
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
}

const refused = (why: Why, { expiresAt, outTradeNo }: Order): Answer => {
  const text = reasons[why]
  const at = why === 'expired' && expiresAt !== undefined ? readableTime(expiresAt) : undefined
  return {
    status: 409,
    code: why.toUpperCase().replaceAll('-', '_'),
    text:
      at === undefined
        ? text
        : {
            zh: `${text.zh}（期限为北京时间 ${at}）`,
            en: `${text.en} (its time ended at ${at} Beijing time)`,
          },
    more: { result: 'refused', out_trade_no: outTradeNo },
  }
}

export async function payTheOrder(
  services: Services,
  environment: Environment,
  asked: z.output<typeof payRequest>,
): Promise<Answer> {
  const { sub_mch_id: subMchId, out_trade_no: outTradeNo, prepay_id: prepayId } = asked
  const outcome = await payAsCustomer(
    services,
    environment,
    prepayId === undefined ? { subMchId, outTradeNo: outTradeNo ?? '' } : { prepayId },
    environment.defaultOpenid ?? somebody,
  )
  switch (outcome.outcome) {
    case 'paid':
      return paid(outcome.order, environment.language)
    case 'refused':
      return refused(outcome.why, outcome.order)
    case 'not-found':
      return {
        status: 404,
        code: 'ORDER_NOT_FOUND',
        text: {
          zh: `环境 ${environment.envId} 没有这个订单；请核对 sub_mch_id（缺省 ${demoMerchant}）、out_trade_no 或 prepay_id（可能已被更新的取代）`,
          en: `environment ${environment.envId} has no such order; check sub_mch_id (${demoMerchant} unless given), out_trade_no or prepay_id (a fresher one may have replaced it)`,
        },
      }
  }
}

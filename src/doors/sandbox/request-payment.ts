/**
 * `POST /sandbox/request-payment`: what `wx.requestPayment(payment)` does, and then what its payer does; answers in the
 * client's own words. Source: the page of wx.requestPayment; texts of the client as users report them.
 */
import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { type CashierRefusal, requestCashier } from '../../channels/sandbox/cashier.ts'
import { struckBy } from '../../channels/sandbox/faults.ts'
import { payAsCustomer } from '../../channels/sandbox/pay.ts'
import type { Environment } from '../../ledger/environments.ts'
import { demoOpenid } from '../../protocol/demo-merchant.ts'
import { text } from '../../protocol/fields.ts'
import type { Text } from '../../protocol/text.ts'
import type { DoorServices } from '../door-services.ts'
import { faultHeaderOf } from '../http.ts'
import { type Answer, env_id } from './answer.ts'
import { control } from './control.ts'
import { afterPayment, faultsAsked, paidLateView, paidView, payRefusals } from './pay.ts'

const schema = z.strictObject({
  env_id,
  /** As unifiedOrder answered it, or a v2 client made it. */
  payment: z.record(z.string().max(64), text(512)),
  /** Who holds the phone; left out: the payer whom the order names. */
  openid: text(128).optional(),
  /** `wait`: on the password page. The same call again, with another `then`, goes on from there. */
  then: z.enum(['pay', 'cancel', 'fail', 'wait']).default('pay'),
})

/** The client speaks Chinese, and these are its words where they are known; elsewhere ours. */
const words: Readonly<Record<CashierRefusal, string>> = {
  'bad-payment': '缺少参数',
  'bad-sign': '支付验证签名失败',
  'other-app': 'appId 与 prepay_id 不匹配',
  'not-found': '该订单不存在',
  'other-payer': '当前支付账号与下单账号不一致',
  'already-paid': '该订单已支付',
  closed: '该订单已失效，请重新下单',
  expired: '该订单已过期，请重新下单',
  'prepay-expired': '支付订单已过期',
  'prepay-replaced': '支付订单已失效',
}

/** For whoever debugs: more than a client ever says. */
const explained: Readonly<Record<CashierRefusal, Text>> = {
  ...payRefusals,
  'bad-payment': {
    zh: 'payment 须含 appId、timeStamp、nonceStr、package（prepay_id=…）、signType、paySign，或 APP 的对应字段；请把 unifiedOrder 返回的 payment 原样传入',
    en: "payment must hold appId, timeStamp, nonceStr, package (prepay_id=…), signType and paySign, or an app's fields; pass on unifiedOrder's payment as it is",
  },
  'bad-sign': {
    zh: 'paySign 与各字段不符：字段被改过，或签名所用的密钥不是下单商户号的 API 密钥',
    en: 'paySign does not match the fields: one was changed, or it was signed with another key than that of the mch_id that ordered',
  },
  'other-app': {
    zh: '下单用的是另一个 appid：payment.appId 须为 sub_appid（没有时为服务商 appid）',
    en: "the order was made for another app: payment.appId must be its sub_appid, or the provider's appid where it has none",
  },
  'not-found': {
    zh: '没有这个 prepay_id 的订单；它可能已被更新的取代，或属于另一个环境',
    en: 'no order has this prepay_id; a fresher one may have replaced it, or it is of another environment',
  },
}

const ok = (errMsg: string, more: object = {}): Answer => ({ status: 200, body: { errMsg, ...more } })

const failed = (why: CashierRefusal, environment: Environment, outTradeNo?: string): Answer =>
  ok(`requestPayment:fail ${words[why]}`, {
    why,
    explained: explained[why][environment.language],
    out_trade_no: outTradeNo,
  })

async function pay(
  services: DoorServices,
  environment: Environment,
  prepayId: string,
  openid: string,
  faultHeader: string | undefined,
): Promise<Answer> {
  const header = faultsAsked(faultHeader)
  if ('refused' in header) return header.refused
  const outcome = await payAsCustomer(
    services,
    environment,
    { prepayId },
    {
      openid,
      somebody: openid,
      faults: header.asked,
    },
  )
  switch (outcome.outcome) {
    case 'paid':
      await afterPayment(services, environment, outcome)
      return ok('requestPayment:ok', await paidView(services, environment, outcome.order))
    case 'paid-late':
      return ok('requestPayment:ok', await paidLateView(services, environment, outcome.order))
    case 'refused':
      return failed(outcome.why, environment, outcome.order.outTradeNo)
    case 'not-found':
      return failed('not-found', environment)
  }
}

function comesLate(request: FastifyRequest): boolean {
  const header = faultsAsked(faultHeaderOf(request))
  return 'asked' in header && struckBy(header.asked, 'paid-too-late') !== undefined
}

export const requestThePayment = control({
  method: 'POST',
  name: 'request-payment',
  schema,
  async carryOut(services, environment, asked, request) {
    const payer = { openid: asked.openid, somebody: environment.defaultOpenid ?? demoOpenid }
    const cashier = await requestCashier(services, environment, asked.payment, payer)
    // The password page was open before the order was closed.
    if ('refused' in cashier && cashier.refused === 'closed' && asked.then === 'pay' && comesLate(request)) {
      const { prepayId = '' } = cashier
      return pay(services, environment, prepayId, payer.openid ?? payer.somebody, faultHeaderOf(request))
    }
    if ('refused' in cashier) return failed(cashier.refused, environment, cashier.order?.outTradeNo)
    const { opens, openid, prepayId = '' } = cashier
    const about = { out_trade_no: opens.outTradeNo, openid }
    switch (asked.then) {
      case 'pay':
        return pay(services, environment, prepayId, openid, faultHeaderOf(request))
      case 'cancel':
        return ok('requestPayment:fail cancel', about)
      case 'fail':
        return ok('requestPayment:fail', about)
      case 'wait':
        return { status: 200, body: { waiting: true, ...about } }
    }
  },
})

/** `POST /api/orders/close`: an operator closes one order, by what closeOrder means at every door. */
import { z } from 'zod'
import type { Environment } from '../../ledger/environments.ts'
import { findOrder, type Order } from '../../ledger/order.ts'
import { type OrderKey, orderKey } from '../../ledger/order-key.ts'
import { closeOrder } from '../../methods/close-order.ts'
import { cloudPay, madeAs } from '../../protocol/answer.ts'
import { closedAnswer, notClosedAnswer, notFoundAnswer } from '../../protocol/api/close.ts'
import { oneOrder } from '../../protocol/api/fields.ts'
import { problem } from '../../protocol/api/problem.ts'
import { isoTime, readableTime, wholeSecondFrom } from '../../protocol/beijing-time.ts'
import type { CloseOrderOutcome } from '../../protocol/close-order.ts'
import type { DoorServices } from '../door-services.ts'
import type { Answer } from '../sandbox/answer.ts'
import { orderView } from './order-view.ts'
import { orderNotFound } from './refusals.ts'
import { route, shown } from './route.ts'

type Asked = z.output<typeof oneOrder>

/** As it stands after the close was decided: what was decided is final, or no worse by now. */
async function orderOf({ ledger }: DoorServices, key: OrderKey): Promise<Order> {
  const order = await findOrder(ledger, key)
  if (order === undefined) throw new Error(`order ${key.outTradeNo} was closed, and is not there`)
  return order
}

const paidAnswer = (order: Order): Answer => ({
  status: 409,
  code: 'ORDER_PAID',
  text: {
    zh: `订单 ${order.outTradeNo} 已支付，不能关闭：请发货，或退款；不要再次下单`,
    en: `the order ${order.outTradeNo} is paid and cannot be closed: fulfil it, or refund it; do not order again`,
  },
  more: { outcome: 'paid', order: shown(closedAnswer.shape.order, orderView(order)) },
})

function tooEarlyAnswer(order: Order, closableFrom: Date): Answer {
  const from = readableTime(wholeSecondFrom(closableFrom))
  return {
    status: 409,
    code: 'CLOSE_TOO_EARLY',
    text: {
      zh: `订单 ${order.outTradeNo} 不足 5 分钟，北京时间 ${from} 起才能关闭；要马上换新订单号，请用 unifiedOrder 的 replaces`,
      en: `the order ${order.outTradeNo} is younger than five minutes and can be closed from ${from} Beijing time on; for a new number at once, use unifiedOrder with replaces`,
    },
    more: {
      outcome: 'too-early',
      order: shown(closedAnswer.shape.order, orderView(order)),
      closable_from: isoTime(closableFrom),
    },
  }
}

async function answerOf(
  services: DoorServices,
  environment: Environment,
  asked: Asked,
  outcome: CloseOrderOutcome,
): Promise<Answer> {
  const key = orderKey(services.ledger, environment.envId, asked.sub_mch_id, asked.out_trade_no)
  switch (outcome.outcome) {
    case 'closed':
    case 'already-closed':
    case 'remembered': {
      const order = orderView(await orderOf(services, key))
      return { status: 200, body: shown(closedAnswer, { outcome: outcome.outcome, order }) }
    }
    case 'paid':
      return paidAnswer(await orderOf(services, key))
    case 'too-early':
      return tooEarlyAnswer(await orderOf(services, key), outcome.closableFrom)
    case 'not-found':
      return { ...orderNotFound(environment, asked), more: { outcome: 'not-found' } }
    case 'merchant-unbound':
      return {
        status: 409,
        code: 'MERCHANT_UNBOUND',
        text: {
          zh: `环境 ${environment.envId} 只接受配置文件中列出的商户，${asked.sub_mch_id} 不在其中`,
          en: `environment ${environment.envId} takes only the merchants that its configuration lists, and ${asked.sub_mch_id} is not among them`,
        },
      }
    case 'channel-refused':
      return {
        status: 409,
        code: outcome.code,
        text: {
          zh: `支付渠道拒绝了：${outcome.message}`,
          en: `the channel refuses: ${outcome.message}`,
        },
      }
    case 'malformed':
    case 'app-mismatch':
    case 'target-not-hosted':
    case 'unknown':
      throw new Error(`closing an order cannot come to ${outcome.outcome}`)
  }
}

export const closeTheOrder = route({
  method: 'POST',
  path: '/api/orders/close',
  name: 'closeOrder',
  about:
    'Closes an unpaid order for good. Whoever commits first wins, the payer or this call; after any trouble the same call is safe, and finds out.',
  schema: oneOrder,
  answers: {
    200: closedAnswer,
    400: problem,
    404: z.union([notFoundAnswer, problem]),
    409: z.union([notClosedAnswer, problem]),
  },
  async carryOut(services, environment, asked) {
    const caller = {
      environment,
      appid: undefined,
      madeAs: madeAs(cloudPay(environment.provider)),
      // Faults are of calls of a shop: an operator's own calls do what they say.
      faults: [],
    }
    const { outcome } = await closeOrder(services, caller, {
      subMchId: asked.sub_mch_id,
      outTradeNo: asked.out_trade_no,
    })
    return answerOf(services, environment, asked, outcome)
  },
})

/** `POST /api/orders/refund`: gives the money of a paid order back; what refund means at every door. */
import { z } from 'zod'
import type { Environment } from '../../ledger/environments.ts'
import { findOrder, type Order } from '../../ledger/order.ts'
import { type OrderKey, orderKey } from '../../ledger/order-key.ts'
import { listOrderRefunds } from '../../ledger/order-refunds.ts'
import { findRefund } from '../../ledger/refund.ts'
import { refund } from '../../methods/refund.ts'
import { cloudPay, madeAs } from '../../protocol/answer.ts'
import { notFoundAnswer } from '../../protocol/api/close.ts'
import { problem } from '../../protocol/api/problem.ts'
import { notRefundedAnswer, refundedAnswer, refundOrder as schema } from '../../protocol/api/refund.ts'
import { fen } from '../../protocol/fen.ts'
import { encodeRefund, type RefundOutcome } from '../../protocol/refund.ts'
import type { DoorServices } from '../door-services.ts'
import type { Answer } from '../sandbox/answer.ts'
import { refundView } from './refund-view.ts'
import { orderNotFound } from './refusals.ts'
import { route, shown } from './route.ts'

/** In the words that refund has for it at every door. */
function refused(environment: Environment, subMchId: string, outcome: RefundOutcome): Answer {
  const said = encodeRefund(outcome, {
    ...cloudPay(environment.provider),
    method: 'refund',
    profile: environment.profile,
    language: environment.language,
    subMchId,
    subAppid: undefined,
    nonceStr: '',
  })
  const { err_code: code, err_code_des: reason, return_msg: problemText } = said
  const text = String(reason ?? problemText)
  return {
    status: outcome.outcome === 'unknown' ? 503 : 409,
    code: typeof code === 'string' ? code : 'PARAM_ERROR',
    text: { zh: text, en: text },
    more: outcome.outcome === 'unknown' ? {} : { outcome: 'refused' },
  }
}

async function accepted({ ledger }: DoorServices, key: OrderKey, outRefundNo: string): Promise<Answer> {
  const refunds = await listOrderRefunds(ledger.db, key)
  const its = refunds.find((one) => one.refund.outRefundNo === outRefundNo)
  if (its === undefined) throw new Error(`refund ${outRefundNo} was accepted, and is not there`)
  return { status: 200, body: shown(refundedAnswer, { outcome: 'accepted', refund: refundView(its) }) }
}

/** Who is told of the order's payment is told of its refund. */
const targetOf = ({ request }: Order) => ({
  envId: request?.envId,
  functionName: request?.functionName,
  container: request?.container,
  callbackType: request?.callbackType,
  notifyUrl: request?.notifyUrl,
})

export const refundTheOrder = route({
  method: 'POST',
  path: '/api/orders/refund',
  name: 'refundOrder',
  about:
    'Gives the money of a paid order back, all that is left of it or a part. The same number again returns nothing twice. Accepted means that it is on its way.',
  schema,
  answers: {
    200: refundedAnswer,
    400: problem,
    404: z.union([notFoundAnswer, problem]),
    409: z.union([notRefundedAnswer, problem]),
  },
  async carryOut(services, environment, asked) {
    const { ledger } = services
    const { sub_mch_id: subMchId, out_trade_no: outTradeNo, out_refund_no: outRefundNo } = asked
    const key = orderKey(ledger, environment.envId, subMchId, outTradeNo)
    const order = await findOrder(ledger, key)
    if (order?.totalFee === undefined)
      return { ...orderNotFound(environment, asked), more: { outcome: 'not-found' } }
    // Asked for again it is the same amount, whatever is left by now.
    const before = await findRefund(ledger.db, { ...key, outRefundNo })
    const refundFee = asked.refund_fee ?? before?.refundFee ?? Math.max(1, order.totalFee - order.refundedFee)
    const caller = {
      environment,
      appid: undefined,
      madeAs: order.madeAs ?? madeAs(cloudPay(environment.provider)),
      // Faults are of calls of a shop: an operator's own calls do what they say.
      faults: [],
    }
    const { outcome } = await refund(services, caller, {
      subMchId,
      outTradeNo,
      outRefundNo,
      totalFee: fen(order.totalFee),
      refundFee: fen(refundFee),
      refundDesc: asked.refund_desc,
      ...targetOf(order),
    })
    return outcome.outcome === 'accepted'
      ? accepted(services, key, outRefundNo)
      : refused(environment, subMchId, outcome)
  },
})

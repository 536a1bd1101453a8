/** `POST /api/orders/late`: an operator decides what becomes of a payment that came too late. */
import { z } from 'zod'
import { orderKey } from '../../ledger/order-key.ts'
import { decideLate } from '../../methods/decide-late.ts'
import { notFoundAnswer } from '../../protocol/api/close.ts'
import { decidedAnswer, notDecidedAnswer, decideLate as schema } from '../../protocol/api/late.ts'
import { problem } from '../../protocol/api/problem.ts'
import type { Answer } from '../sandbox/answer.ts'
import { findDetail } from './find-detail.ts'
import { orderNotFound } from './refusals.ts'
import { route, shown } from './route.ts'

const notLate = (number: string): Answer => ({
  status: 409,
  code: 'NOT_LATE',
  text: {
    zh: `订单 ${number} 没有来迟的付款，无须决定`,
    en: `the order ${number} has no payment that came too late: there is nothing to decide`,
  },
  more: { outcome: 'not-late' },
})

const decidedOtherwise = (number: string): Answer => ({
  status: 409,
  code: 'DECIDED_OTHERWISE',
  text: {
    zh: `订单 ${number} 来迟的付款已作出另一种决定，不能更改；GET /api/orders/${number} 可查看`,
    en: `of the late payment of ${number} the opposite was decided, which is not taken back; see GET /api/orders/${number}`,
  },
  more: { outcome: 'decided-otherwise' },
})

const purchasePaid = (number: string, paid: string): Answer => ({
  status: 409,
  code: 'PURCHASE_PAID',
  text: {
    zh: `同一笔购买已由 ${paid} 支付，订单 ${number} 来迟的付款只能退回（decision: refund）`,
    en: `the purchase was paid by ${paid}: the late payment of ${number} can only go back (decision: refund)`,
  },
  more: { outcome: 'purchase-paid', paid },
})

export const decideTheLate = route({
  method: 'POST',
  path: '/api/orders/late',
  name: 'decideLate',
  about:
    'Decides what becomes of a payment that came after its order was closed, where the environment left that to a person. Once; the same call again is safe.',
  schema,
  answers: {
    200: decidedAnswer,
    400: problem,
    404: z.union([notFoundAnswer, problem]),
    409: z.union([notDecidedAnswer, problem]),
  },
  async carryOut(services, environment, asked) {
    const { sub_mch_id: subMchId, out_trade_no: outTradeNo, decision } = asked
    const decided = await decideLate(services, environment, { subMchId, outTradeNo, decision })
    if ('decided' in decided) {
      const key = orderKey(services.ledger, environment.envId, subMchId, outTradeNo)
      const order = await findDetail(services, key)
      if (order === undefined) throw new Error(`order ${outTradeNo} was decided of, and is not there`)
      return { status: 200, body: shown(decidedAnswer, { outcome: 'decided', order }) }
    }
    switch (decided.refused) {
      case 'not-found':
        return { ...orderNotFound(environment, asked), more: { outcome: 'not-found' } }
      case 'not-late':
        return notLate(outTradeNo)
      case 'decided':
        return decidedOtherwise(outTradeNo)
      case 'purchase-paid':
        return purchasePaid(outTradeNo, decided.paid)
    }
  },
})

/** `GET /api/orders/{out_trade_no}`: one order, with all that became of it. */
import { orderKey } from '../../ledger/order-key.ts'
import { oneOrder } from '../../protocol/api/fields.ts'
import { orderDetail } from '../../protocol/api/order-detail.ts'
import { problem } from '../../protocol/api/problem.ts'
import { findDetail } from './find-detail.ts'
import { orderNotFound } from './refusals.ts'
import { route, shown } from './route.ts'

export const showTheOrder = route({
  method: 'GET',
  path: '/api/orders/:out_trade_no',
  name: 'showOrder',
  about: 'One order, with its history, its refunds, what is told of both, and the calls that named it.',
  schema: oneOrder,
  answers: { 200: orderDetail, 400: problem, 404: problem },
  async carryOut(services, environment, asked) {
    const key = orderKey(services.ledger, environment.envId, asked.sub_mch_id, asked.out_trade_no)
    const detail = await findDetail(services, key)
    return detail === undefined
      ? orderNotFound(environment, asked)
      : { status: 200, body: shown(orderDetail, detail) }
  },
})

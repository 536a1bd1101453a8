/** `GET /api/orders/{out_trade_no}`: one order, with its history and what is told of it. */
import { findEvidence } from '../../ledger/order-evidence.ts'
import { orderKey } from '../../ledger/order-key.ts'
import { oneOrder, orderDetail } from '../../protocol/api/orders.ts'
import { problem } from '../../protocol/api/problem.ts'
import { orderDetailView } from './order-view.ts'
import { orderNotFound } from './refusals.ts'
import { route, shown } from './route.ts'

export const showTheOrder = route({
  method: 'GET',
  path: '/api/orders/:out_trade_no',
  name: 'showOrder',
  about: 'One order, with its history and what is told of it.',
  schema: oneOrder,
  answers: { 200: orderDetail, 400: problem, 404: problem },
  async carryOut({ ledger }, environment, asked) {
    const key = orderKey(ledger, environment.envId, asked.sub_mch_id, asked.out_trade_no)
    const found = await findEvidence(ledger.db, key)
    if (found === undefined) return orderNotFound(environment, asked)
    return { status: 200, body: shown(orderDetail, orderDetailView(found.order, found.notices)) }
  },
})

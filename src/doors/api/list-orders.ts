/** `GET /api/orders`: orders of an environment, newest first, page by page. */
import { z } from 'zod'
import { environmentTime } from '../../ledger/clocks.ts'
import { type ListPlace, listOrders } from '../../ledger/list-orders.ts'
import { out_trade_no, sub_mch_id, timeMs, whenTime } from '../../protocol/api/fields.ts'
import { listOrdersQuery, ordersPage } from '../../protocol/api/orders.ts'
import { problem } from '../../protocol/api/problem.ts'
import { badCursor, cursorOf, readCursor } from './cursors.ts'
import { orderView } from './order-view.ts'
import { route, shown } from './route.ts'

/** Of a cursor, which means something to us alone: milliseconds, merchant, number. */
const place = z
  .tuple([timeMs, sub_mch_id, out_trade_no])
  .transform(([at, subMchId, outTradeNo]) => ({ createdAt: new Date(at), subMchId, outTradeNo }))

const placeText = ({ createdAt, subMchId, outTradeNo }: ListPlace) =>
  cursorOf([createdAt.getTime(), subMchId, outTradeNo])

export const listTheOrders = route({
  method: 'GET',
  path: '/api/orders',
  name: 'listOrders',
  about: 'Orders, newest first. The next page is asked for with the same parameters and `cursor`.',
  schema: listOrdersQuery,
  answers: { 200: ordersPage, 400: problem },
  async carryOut({ ledger, world }, environment, asked) {
    const now = await environmentTime(ledger, environment, world.wallClock())
    const { created_after: from, created_before: before } = asked
    const after = readCursor(place, asked.cursor)
    if (after === 'bad') return badCursor
    const createdFrom = from === undefined ? undefined : whenTime(from, now)
    const createdBefore = before === undefined ? undefined : whenTime(before, now)
    const page = await listOrders(ledger, {
      envId: environment.envId,
      subMchId: asked.sub_mch_id,
      states: asked.state,
      search: asked.search,
      unpaid: asked.unpaid !== undefined,
      createdFrom,
      createdBefore,
      after,
      limit: asked.limit,
    })
    return {
      status: 200,
      body: shown(ordersPage, {
        env_id: environment.envId,
        now,
        created_after: createdFrom,
        created_before: createdBefore,
        orders: page.orders.map(orderView),
        next_cursor: page.next === undefined ? undefined : placeText(page.next),
      }),
    }
  },
})

/** `GET /api/orders`: orders of an environment, newest first, page by page. */
import { z } from 'zod'
import { environmentTime } from '../../ledger/clocks.ts'
import { type ListPlace, listOrders } from '../../ledger/list-orders.ts'
import { whenTime } from '../../protocol/api/fields.ts'
import { listOrdersQuery, ordersPage } from '../../protocol/api/orders.ts'
import { problem } from '../../protocol/api/problem.ts'
import { orderView } from './order-view.ts'
import { route, shown } from './route.ts'

/** Of a cursor, which means something to us alone: milliseconds, merchant, number. */
const place = z.tuple([z.number().int().min(0).max(8.64e15), z.string().max(32), z.string().max(32)])

const cursorOf = ({ createdAt, subMchId, outTradeNo }: ListPlace): string =>
  Buffer.from(JSON.stringify([createdAt.getTime(), subMchId, outTradeNo])).toString('base64url')

function readCursor(cursor: string): ListPlace | undefined {
  try {
    const read = place.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
    if (!read.success) return undefined
    const [at, subMchId, outTradeNo] = read.data
    return { createdAt: new Date(at), subMchId, outTradeNo }
  } catch {
    return undefined
  }
}

const badCursor = {
  status: 400,
  code: 'INVALID',
  text: {
    zh: 'cursor 不是本服务给出的 next_cursor；要从头列出，请去掉它',
    en: 'cursor is no next_cursor of this server; leave it out to begin anew',
  },
} as const

export const listTheOrders = route({
  method: 'GET',
  path: '/api/orders',
  name: 'listOrders',
  about: 'Orders, newest first. The next page is asked for with the same parameters and `cursor`.',
  schema: listOrdersQuery,
  answers: { 200: ordersPage, 400: problem },
  async carryOut({ ledger, world }, environment, asked) {
    const now = await environmentTime(ledger, environment, world.wallClock())
    const { created_after: from, created_before: before, cursor } = asked
    const after = cursor === undefined ? undefined : readCursor(cursor)
    if (cursor !== undefined && after === undefined) return badCursor
    const createdFrom = from === undefined ? undefined : whenTime(from, now)
    const createdBefore = before === undefined ? undefined : whenTime(before, now)
    const page = await listOrders(ledger, {
      envId: environment.envId,
      subMchId: asked.sub_mch_id,
      states: asked.state,
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
        next_cursor: page.next === undefined ? undefined : cursorOf(page.next),
      }),
    }
  },
})

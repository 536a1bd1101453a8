/** `GET /api/requests`: calls to any door, and what came of them. */
import { z } from 'zod'
import { type CallRecord, listRequests } from '../../ledger/requests.ts'
import { timeMs } from '../../protocol/api/fields.ts'
import { problem } from '../../protocol/api/problem.ts'
import { listRequestsQuery, nobody, requestsPage } from '../../protocol/api/requests.ts'
import { unnamedEnvId } from '../environment-asked.ts'
import { badCursor, cursorOf, readCursor } from './cursors.ts'
import { requestView } from './request-view.ts'
import { serverRoute, shown } from './route.ts'

const place = z
  .tuple([timeMs, z.string().regex(/^[0-9a-f]{1,16}$/)])
  .transform(([at, id]) => ({ at: new Date(at), id }))

const placeText = ({ at, id }: CallRecord) => cursorOf([at.getTime(), id])

/** Of the server: calls of an environment that is no more, and those that are nobody's, are listed as well. */
export const listTheRequests = serverRoute({
  method: 'GET',
  path: '/api/requests',
  name: 'listRequests',
  about:
    'Calls to any door of the last week, newest first. Written a second after they are over, best effort. The next page is asked for with the same parameters and `cursor`.',
  schema: listRequestsQuery,
  answers: { 200: requestsPage, 400: problem },
  async carryOut({ ledger, directory }, asked) {
    const before = readCursor(place, asked.cursor)
    if (before === 'bad') return badCursor
    const envId = asked.env_id ?? (await unnamedEnvId(directory))
    const listed = await listRequests(ledger, {
      envId: envId === nobody ? '' : envId,
      withNobodys: asked.with_nobodys !== undefined,
      door: asked.door,
      method: asked.method,
      outTradeNo: asked.out_trade_no,
      failed: asked.failed !== undefined,
      before,
      limit: asked.limit + 1,
    })
    const page = listed.slice(0, asked.limit)
    const last = page.at(-1)
    return {
      status: 200,
      body: shown(requestsPage, {
        env_id: envId,
        requests: page.map(requestView),
        next_cursor: listed.length > asked.limit && last !== undefined ? placeText(last) : undefined,
      }),
    }
  },
})

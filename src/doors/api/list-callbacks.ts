/** `GET /api/callbacks`: what is told in an environment, what was, and why not. */
import { z } from 'zod'
import { environmentTime } from '../../ledger/clocks.ts'
import { listNotices, type NoticePlace } from '../../ledger/list-notices.ts'
import { subjects } from '../../ledger/tell-lane.ts'
import { callbacksPage, listCallbacksQuery } from '../../protocol/api/callbacks.ts'
import { sub_mch_id, timeMs } from '../../protocol/api/fields.ts'
import { problem } from '../../protocol/api/problem.ts'
import { out_refund_no } from '../../protocol/fields.ts'
import { badCursor, cursorOf, readCursor } from './cursors.ts'
import { toldView } from './notice-view.ts'
import { route, shown } from './route.ts'

const place = z
  .tuple([timeMs, z.enum(subjects), sub_mch_id, out_refund_no])
  .transform(([at, subject, subMchId, number]) => ({ noticedAt: new Date(at), subject, subMchId, number }))

const placeText = ({ noticedAt, subject, subMchId, number }: NoticePlace) =>
  cursorOf([noticedAt.getTime(), subject, subMchId, number])

export const listTheCallbacks = route({
  method: 'GET',
  path: '/api/callbacks',
  name: 'listCallbacks',
  about:
    'What is told of orders and refunds, by when it fell due, newest first. The next page is asked for with the same parameters and `cursor`.',
  schema: listCallbacksQuery,
  answers: { 200: callbacksPage, 400: problem },
  async carryOut({ ledger, world }, environment, { state, cursor, limit }) {
    const after = readCursor(place, cursor)
    if (after === 'bad') return badCursor
    const now = await environmentTime(ledger, environment, world.wallClock())
    const { envId } = environment
    // One more than asked for tells whether there is a next page.
    const listed = await listNotices(ledger, { envId, states: state, after, limit: limit + 1 })
    const page = listed.slice(0, limit)
    const last = page.at(-1)
    return {
      status: 200,
      body: shown(callbacksPage, {
        env_id: envId,
        now,
        callbacks: page.map(toldView),
        next_cursor: listed.length > limit && last !== undefined ? placeText(last) : undefined,
      }),
    }
  },
})

/** `GET /api/audit`: what people changed in an environment. */
import { z } from 'zod'
import { listAudit } from '../../ledger/audit.ts'
import { auditPage, listAuditQuery } from '../../protocol/api/audit.ts'
import { timeMs } from '../../protocol/api/fields.ts'
import { problem } from '../../protocol/api/problem.ts'
import { badCursor, cursorOf, readCursor } from './cursors.ts'
import { route, shown } from './route.ts'

const place = z
  .tuple([timeMs, z.string().regex(/^[0-9a-f]{1,16}$/)])
  .transform(([at, id]) => ({ at: new Date(at), id }))

export const listTheAudit = route({
  method: 'GET',
  path: '/api/audit',
  name: 'listAudit',
  about:
    'What people changed, newest first: every change through this API, and those of the sandbox that were made by a page or a command.',
  schema: listAuditQuery,
  answers: { 200: auditPage, 400: problem },
  async carryOut({ ledger }, { envId }, { cursor, limit }) {
    const before = readCursor(place, cursor)
    if (before === 'bad') return badCursor
    const listed = await listAudit(ledger, envId, { before, limit: limit + 1 })
    const page = listed.slice(0, limit)
    const last = page.at(-1)
    return {
      status: 200,
      body: shown(auditPage, {
        env_id: envId,
        entries: page.map(({ id, at, who, client, action, asked, status, outcome }) => ({
          id,
          at,
          who,
          client,
          action,
          asked,
          status,
          outcome,
        })),
        next_cursor:
          listed.length > limit && last !== undefined ? cursorOf([last.at.getTime(), last.id]) : undefined,
      }),
    }
  },
})

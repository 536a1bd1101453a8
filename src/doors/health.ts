/** `/healthz`: the process runs. `/readyz`: it can serve, that is, the ledger answers. Open to everyone, and say no more. */
import type { FastifyInstance } from 'fastify'
import type { Db } from '../ledger/db/db.ts'
import { atDoor, tell } from './http.ts'

export function healthDoor(http: FastifyInstance, db: Db): void {
  http.get('/healthz', atDoor('health'), async () => ({ ok: true }))
  http.get('/readyz', atDoor('health'), async (request, reply) => {
    const ready = await db.rows('select 1').then(
      () => true,
      () => false,
    )
    tell(request, { outcome: ready ? 'ready' : 'not-ready' })
    return reply.code(ready ? 200 : 503).send({ ready })
  })
}

/** `/healthz`: the process runs. `/readyz`: it can serve, that is, the ledger answers. Open to everyone, and say no more. */
import type { FastifyInstance } from 'fastify'
import type { Db } from '../ledger/db/db.ts'

export function healthDoor(http: FastifyInstance, db: Db): void {
  http.get('/healthz', async () => ({ ok: true }))
  http.get('/readyz', async (_request, reply) => {
    const ready = await db.rows('select 1').then(
      () => true,
      () => false,
    )
    return reply.code(ready ? 200 : 503).send({ ready })
  })
}

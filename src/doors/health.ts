/**
 * `/healthz`: the process runs. `/readyz`: it can serve, that is, the ledger answers and the engine looks for what is due;
 * it says how far the engine is behind. Open to everyone, and say no more.
 */
import type { FastifyInstance } from 'fastify'
import type { Engine } from '../engine/engine.ts'
import type { Db } from '../ledger/db/db.ts'
import { atDoor, tell } from './http.ts'

/** An engine looks every second. One that has not for so long is stuck; what others may still do is theirs. */
const stuckAfterMs = 60_000
/** Work that is due for longer is said to be late. More than one gateway is behind then: none is taken out for it. */
const behindAfterMs = 60_000

export function healthDoor(http: FastifyInstance, db: Db, engine: Pick<Engine, 'pace'>): void {
  http.get('/healthz', atDoor('health'), async () => ({ ok: true }))
  http.get('/readyz', atDoor('health'), async (request, reply) => {
    const answers = await db.rows('select 1').then(
      () => true,
      () => false,
    )
    const { sinceLookMs, dueAgeMs } = engine.pace()
    const ready = answers && sinceLookMs < stuckAfterMs
    const isBehind = dueAgeMs >= behindAfterMs
    tell(request, { outcome: ready ? 'ready' : 'not-ready' })
    return reply.code(ready ? 200 : 503).send({
      ready,
      ...(isBehind ? { degraded: 'engine-behind', behind_s: Math.round(dueAgeMs / 1_000) } : {}),
    })
  })
}

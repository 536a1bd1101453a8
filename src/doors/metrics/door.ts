/** `GET /metrics`, for Prometheus. Guarded like the sandbox's controls: it tells how much is sold here. */
import type { FastifyInstance } from 'fastify'
import { atDoor, tell } from '../http.ts'
import { turnAway, type VisitorRules } from '../visitor.ts'
import type { Metrics } from './metrics.ts'

export function metricsDoor(http: FastifyInstance, metrics: Metrics, rules: VisitorRules): void {
  http.get('/metrics', atDoor('metrics'), async (request, reply) => {
    const turned = turnAway(request, rules)
    if (turned !== undefined) {
      const { status, text } = turned
      tell(request, { outcome: 'TURNED_AWAY', why: `${text.zh} / ${text.en}` })
      return reply.code(status).send({ error: { message: `${text.zh} / ${text.en}`, id: request.id } })
    }
    tell(request, { outcome: 'ok' })
    return reply.header('content-type', metrics.contentType).send(await metrics.text())
  })
}

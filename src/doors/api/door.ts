/**
 * `/api/*`: for operators' programs, JSON. Guarded like the sandbox's controls: Host, Origin, the administrator's token
 * where there is one (visitor.ts). Never: what closing means.
 */
import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Environment } from '../../ledger/environments.ts'
import { onRecord } from '../audit.ts'
import type { TransportFault } from '../call-faults.ts'
import type { DoorServices } from '../door-services.ts'
import { environmentAsked, environmentMeant } from '../environment-asked.ts'
import { atDoor, tell } from '../http.ts'
import { failed, invalid, keepAsked, languageOf, readJson, send } from '../json-answers.ts'
import { withMerchant } from '../merchant-asked.ts'
import type { Answer } from '../sandbox/answer.ts'
import { turnAway, type VisitorRules } from '../visitor.ts'
import { closeTheOrder } from './close-order.ts'
import { createTheOrder } from './create-order.ts'
import { decideTheLate } from './decide-late.ts'
import { listTheEnvironments, showHowToConnect } from './environments.ts'
import { watchTheEvents } from './events.ts'
import { listTheAudit } from './list-audit.ts'
import { listTheCallbacks } from './list-callbacks.ts'
import { listTheOrders } from './list-orders.ts'
import { listTheRequests } from './list-requests.ts'
import { openApi } from './openapi.ts'
import { showTheOverview } from './overview.ts'
import { proveTheOrder } from './prove-order.ts'
import { refundTheOrder } from './refund-order.ts'
import { resendTheCallbacks } from './resend-callbacks.ts'
import { askedByAddress, type Route } from './route.ts'
import { showTheOrder } from './show-order.ts'

const routes: readonly Route[] = [
  listTheOrders,
  showTheOrder,
  proveTheOrder,
  createTheOrder,
  closeTheOrder,
  refundTheOrder,
  decideTheLate,
  listTheCallbacks,
  resendTheCallbacks,
  listTheRequests,
  listTheEnvironments,
  showHowToConnect,
  showTheOverview,
  watchTheEvents,
  listTheAudit,
]

/** As the record of a call names them. */
export const apiNames: readonly string[] = routes.map(({ name }) => name)

async function carryOut(
  services: DoorServices,
  route: Route,
  json: unknown,
  request: FastifyRequest,
  response: ServerResponse,
): Promise<{ answer: Answer | 'streams'; environment?: Environment; keptOf?: Environment | undefined }> {
  const first = route.read(json)
  if ('problem' in first) {
    const meant = await environmentMeant(services.directory, json)
    const keptOf = meant === undefined ? undefined : keepAsked(request, meant, json)
    return { answer: invalid(first.problem), keptOf }
  }
  const spoil = (transport: TransportFault | undefined) => tell(request, { transport })
  const call = { id: request.id, response, spoil }
  if (first.whose === undefined) return { answer: await first.carryOut(services, undefined, call) }
  const found = await environmentAsked(services.directory, first.whose.envId)
  if ('refusal' in found) return { answer: found.refusal }
  // Refusals are read by whoever asked, in their language; what a shop is told stays in the environment's.
  const environment = { ...found.environment, language: languageOf(request) ?? found.environment.language }
  const { envId } = environment
  const keptOf = keepAsked(request, environment, json)
  const whole = await withMerchant(services, environment, first, json)
  if ('refusal' in whole) return { answer: whole.refusal, environment, keptOf }
  const asked = route.read(whole.json)
  if ('problem' in asked) return { answer: invalid(asked.problem), environment, keptOf }
  const { subMchId, outTradeNo } = asked
  tell(request, { subMchId, outTradeNo })
  const work = () => asked.carryOut(services, environment, call)
  if (route.method === 'GET') return { answer: await work(), environment }
  const change = { action: route.name, envId, json: whole.json }
  return { answer: await onRecord(services, request, change, work), environment, keptOf }
}

/** @param version of the package, for the description */
export function apiDoor(
  http: FastifyInstance,
  services: DoorServices,
  rules: VisitorRules,
  version: string,
): void {
  for (const route of routes) {
    const { method, path, name } = route
    http.route({
      method,
      url: path,
      ...atDoor('api'),
      handler: async (request, reply) => {
        // Whoever looks is no news to whoever looks.
        tell(request, { method: name, routine: method === 'GET' })
        const turned = turnAway(request, rules)
        if (turned !== undefined) return send(reply, request, { ...turned, code: 'TURNED_AWAY' }, undefined)
        try {
          const read = method === 'GET' ? { json: askedByAddress(request) } : readJson(request)
          if ('status' in read) return send(reply, request, read, undefined)
          const came = await carryOut(services, route, read.json, request, reply.raw)
          const { answer, environment, keptOf } = came
          if (answer === 'streams') return reply.hijack()
          return send(reply, request, answer, environment?.language, keptOf)
        } catch (error) {
          return send(reply, request, failed(error, request, services), undefined)
        }
      },
    })
  }
  // Made for whoever asks first: it is a tenth of a start.
  let description: ReturnType<typeof openApi> | undefined
  // Says nothing of anybody's orders: no token is asked for.
  http.get('/openapi.json', atDoor('api'), async (request, reply) => {
    tell(request, { method: 'openapi', routine: true })
    const turned = turnAway(request, { ...rules, adminToken: undefined })
    if (turned !== undefined) return send(reply, request, { ...turned, code: 'TURNED_AWAY' }, undefined)
    description ??= openApi(routes, version)
    return send(reply, request, { status: 200, body: description }, undefined)
  })
}

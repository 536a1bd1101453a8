/**
 * `POST /pay/unifiedorder`, `/pay/orderquery`, `/pay/closeorder`, `/secapi/pay/refund`, `/pay/refundquery`: the door of
 * WeChat Pay v2 clients, XML both ways. One call: parse, authenticate, one method, answer. Nothing is decided here. The
 * certificate that the real service asks for under `/secapi` belongs to its TLS, and is asked of nobody here.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { LedgerUnavailable } from '../../ledger/db/db.ts'
import type { Services } from '../../methods/services.ts'
import { communicationFail } from '../../protocol/answer.ts'
import { textForAnyone } from '../../protocol/catalogue.ts'
import type { MethodName } from '../../protocol/catalogue-entry.ts'
import { readV2QueryRefund, readV2Refund } from '../../protocol/v2/refund.ts'
import { readV2UnifiedOrder } from '../../protocol/v2/unified-order.ts'
import { atDoor, faultHeaderOf, tell } from '../http.ts'
import { type PayMethod, payMethods } from '../pay-methods.ts'
import { sendXml } from './answers.ts'
import { readCall } from './read-call.ts'

const paths = {
  '/pay/unifiedorder': 'unifiedOrder',
  '/pay/orderquery': 'queryOrder',
  '/pay/closeorder': 'closeOrder',
  '/secapi/pay/refund': 'refund',
  '/pay/refundquery': 'queryRefund',
} as const satisfies Record<string, MethodName>

async function serve(
  request: FastifyRequest,
  reply: FastifyReply,
  services: Services,
  { name, method }: { name: MethodName; method: PayMethod },
) {
  tell(request, { method: name })
  const read = await readCall(request, name, services)
  if ('failed' in read) {
    // Nobody's: before the signature holds, a stranger could fill an environment's log.
    tell(request, { outcome: read.failed, why: read.text, signed: read.signed })
    return sendXml(reply, communicationFail(read.text))
  }
  const { environment, dialect, body } = read.call
  tell(request, { envId: environment.envId })
  const { answer, facts, transport } = await method({
    services,
    caller: { environment, appid: undefined },
    body,
    reads: {
      unifiedOrder: (order) => readV2UnifiedOrder(order, dialect.direct),
      refund: readV2Refund,
      queryRefund: readV2QueryRefund,
    },
    dialect,
    faultHeader: faultHeaderOf(request),
    id: request.id,
  })
  tell(request, { ...facts, transport })
  return sendXml(reply, answer)
}

/** Nothing was asked of anyone, or it is not known: the text says that the same call finds out. */
function sendSystemError(error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const { id } = request
  tell(request, { outcome: 'systemError', fault: error instanceof Error ? error.message : String(error) })
  return sendXml(reply, communicationFail(textForAnyone('systemError', { id: { zh: id, en: id } })))
}

function fail(error: unknown, request: FastifyRequest, reply: FastifyReply, services: Services) {
  if (!(error instanceof LedgerUnavailable))
    services.notice('internal error', {
      id: request.id,
      stack: error instanceof Error ? error.stack : undefined,
    })
  return sendSystemError(error, request, reply)
}

/** Clients of v2 send any type, or none, or what is none: the bytes alone are read. */
async function dropContentType({ headers }: FastifyRequest): Promise<void> {
  delete headers['content-type']
}

/** Whatever else clients of v2 ask for: they read XML, and nothing else. */
function elsewhere(http: FastifyInstance): void {
  for (const path of ['/pay/*', '/secapi/*']) {
    http.all(path, { onRequest: [atDoor('v2').onRequest, dropContentType] }, async (request, reply) => {
      tell(request, { outcome: 'apiNotFound' })
      return sendXml(reply, communicationFail(textForAnyone('apiNotFound')))
    })
  }
}

export function v2Door(http: FastifyInstance, services: Services): void {
  elsewhere(http)
  for (const [path, name] of Object.entries(paths)) {
    const method = payMethods.get(name)
    if (method === undefined) throw new Error(`no method ${name}`)
    http.all(path, {
      onRequest: [atDoor('v2').onRequest, dropContentType],
      handler: async (request, reply) => {
        try {
          return await serve(request, reply, services, { name, method })
        } catch (error) {
          return fail(error, request, reply, services)
        }
      },
      // What fastify itself refuses, such as a body that breaks off.
      errorHandler: (error: Error, request, reply) => sendSystemError(error, request, reply),
    })
  }
}

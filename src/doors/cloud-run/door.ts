/**
 * `POST /_/pay/<name>`: the door of containers on Cloud Run. On the original a sidecar proves who is calling; here an
 * environment's token does. One call: authenticate, parse, one method, answer. Nothing is decided here.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { LedgerUnavailable } from '../../ledger/db/db.ts'
import type { Services } from '../../methods/services.ts'
import { cloudPay } from '../../protocol/answer.ts'
import { cloudPayReads } from '../cloudpay-reads.ts'
import { atDoor, faultHeaderOf, tell } from '../http.ts'
import { faults, sendAnswer, sendFault } from './answers.ts'
import { type CloudRunRules, readCall } from './read-call.ts'

const prefix = '/_/pay/'

const nameIn = (request: FastifyRequest) =>
  typeof request.params === 'object' && request.params !== null
    ? String(Reflect.get(request.params, '*') ?? '')
    : ''

async function serve(request: FastifyRequest, reply: FastifyReply, services: Services, rules: CloudRunRules) {
  const { id } = request
  const read = await readCall(request, nameIn(request), services.directory, rules)
  if ('fault' in read) {
    const { fault, environment, methodName } = read
    tell(request, {
      method: methodName,
      envId: environment?.envId,
      outcome: fault.errcode,
      why: fault.errmsg,
    })
    return sendFault(reply, fault, id)
  }
  const { environment, method, methodName, appid, body } = read.call
  tell(request, { method: methodName, envId: environment.envId })
  const { answer, facts, transport } = await method({
    services,
    caller: { environment, appid },
    body,
    // The container knows its payer (X-WX-OPENID) and names it: there is no default one here.
    reads: cloudPayReads(false),
    dialect: cloudPay(environment.provider),
    faultHeader: faultHeaderOf(request),
    id,
  })
  tell(request, { ...facts, transport })
  return sendAnswer(reply, answer, id)
}

/** Ours or the database's: either way this call is not answered, and saying why in detail helps only us. */
function fail(error: unknown, request: FastifyRequest, reply: FastifyReply, services: Services) {
  const away = error instanceof LedgerUnavailable
  const why = away
    ? 'system busy：数据库暂不可用，请用相同参数重试 / the database is away, repeat the same call'
    : 'system busy：服务内部错误，请用相同参数重试，并查看服务日志 / internal error, repeat the same call and see the server log'
  tell(request, { outcome: faults.busy, fault: error instanceof Error ? error.message : String(error) })
  if (!away)
    services.notice('internal error', {
      id: request.id,
      stack: error instanceof Error ? error.stack : undefined,
    })
  return sendFault(reply, { errcode: faults.busy, errmsg: why }, request.id)
}

export function cloudRunDoor(http: FastifyInstance, services: Services, rules: CloudRunRules): void {
  http.all(`${prefix}*`, {
    ...atDoor('cloud-run'),
    handler: async (request, reply) => {
      try {
        return await serve(request, reply, services, rules)
      } catch (error) {
        return fail(error, request, reply, services)
      }
    },
    // What fastify itself refuses: a content type that is none, a body that breaks off.
    errorHandler: async (error: { code?: string; message?: string }, request, reply) => {
      const badType = error.code?.startsWith('FST_ERR_CTP') === true
      const errcode = badType ? faults.contentType : faults.busy
      tell(request, { outcome: errcode, fault: error.message })
      return sendFault(
        reply,
        { errcode, errmsg: badType ? 'invalid content type' : 'system busy' },
        request.id,
      )
    },
  })
}

/**
 * `POST /admin`: the official SDK's door. Also at `/`, where an SDK arrives whose address was given without a path.
 * One call: authenticate, parse, one method, answer. Nothing is decided here.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { LedgerUnavailable } from '../../ledger/db/db.ts'
import { cloudPay } from '../../protocol/answer.ts'
import { cloudPayReads } from '../cloudpay-reads.ts'
import type { DoorServices } from '../door-services.ts'
import { atDoor, faultHeaderOf, tell } from '../http.ts'
import { sendAnswer, sendError } from './answers.ts'
import { callFunction } from './call-function.ts'
import { readCall } from './read-call.ts'

async function serve(request: FastifyRequest, reply: FastifyReply, services: DoorServices) {
  const { id } = request
  const read = await readCall(request, services, services.world.wallClock())
  if ('refused' in read) {
    const { refused, environment, methodName, why, signed } = read
    tell(request, {
      envId: environment?.envId,
      method: methodName,
      outcome: 'code' in refused ? refused.code : refused.errcode,
      why: why ?? ('code' in refused ? refused.message : refused.errmsg),
      signed,
    })
    return sendError(reply, refused, id)
  }
  if ('functionCall' in read) return callFunction(request, reply, services, read.functionCall)
  const { environment, method, methodName, appid, body, user } = read.call
  tell(request, { method: methodName, envId: environment.envId })
  // Function code leaves its user out: the platform knows who called it.
  const payer = user?.openid ?? environment.defaultOpenid
  const { answer, facts, transport } = await method({
    services,
    caller: { environment, appid, payer },
    body,
    reads: cloudPayReads(payer !== undefined),
    dialect: cloudPay(environment.provider),
    faultHeader: faultHeaderOf(request),
    id,
  })
  tell(request, { ...facts, transport })
  return sendAnswer(reply, answer)
}

/** Ours or the database's: either way this call is not answered, and saying why in detail helps only us. */
function fail(error: unknown, request: FastifyRequest, reply: FastifyReply, services: DoorServices) {
  const away = error instanceof LedgerUnavailable
  const why = away
    ? '数据库暂不可用，请用相同参数重试 / the database is away, repeat the same call'
    : '服务内部错误，请用相同参数重试，并查看服务日志 / internal error, repeat the same call and see the server log'
  tell(request, { outcome: -604103, fault: error instanceof Error ? error.message : String(error) })
  if (!away)
    services.notice('internal error', {
      id: request.id,
      stack: error instanceof Error ? error.stack : undefined,
    })
  return sendError(reply, { errcode: -604103, errmsg: why }, request.id)
}

export function cloudFunctionDoor(http: FastifyInstance, services: DoorServices): void {
  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    try {
      return await serve(request, reply, services)
    } catch (error) {
      return fail(error, request, reply, services)
    }
  }
  for (const url of ['/admin', '/']) http.post(url, atDoor('cloud-function'), handler)
}

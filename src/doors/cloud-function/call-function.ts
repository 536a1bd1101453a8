/** `cloud.callFunction`: one cloud function calls another, at whoever hosts it. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { functionLimitMs } from '../../protocol/function-host.ts'
import type { DoorServices } from '../door-services.ts'
import { tell } from '../http.ts'
import { sendError, sendResult } from './answers.ts'
import type { FunctionCall } from './read-call.ts'

export async function callFunction(
  request: FastifyRequest,
  reply: FastifyReply,
  { invoke }: DoorServices,
  { environment, invocation }: FunctionCall,
) {
  tell(request, { method: 'callFunction', envId: environment.envId })
  const invoked = await invoke(environment, invocation, functionLimitMs)
  if ('result' in invoked) {
    tell(request, { outcome: 'called' })
    return sendResult(reply, invoked.result, request.id)
  }
  const { code, text } = invoked.fault
  tell(request, { outcome: code, why: text.en })
  const notThere = code === 'not-hosted'
  return sendError(
    reply,
    {
      code: notThere ? 'FUNCTIONS_REQUEST_FAIL' : 'FUNCTIONS_EXECUTE_FAIL',
      message: text[environment.language],
    },
    request.id,
  )
}

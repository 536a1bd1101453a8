/** `cloud.callFunction`: one cloud function calls another, at whoever hosts it. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { cloudEnvOf } from '../../engine/invoke-function.ts'
import { functionLimitMs } from '../../protocol/function-host.ts'
import { mostDepth } from '../../protocol/function-user.ts'
import type { Text } from '../../protocol/text.ts'
import type { DoorServices } from '../door-services.ts'
import { tell } from '../http.ts'
import { sendError, sendResult } from './answers.ts'
import type { FunctionCall } from './read-call.ts'

type Called = { readonly result: unknown } | { readonly code: string; readonly text: Text }

const tooDeep = (name: string): Called => ({
  code: 'too-deep',
  text: {
    zh: `云函数互相调用超过 ${mostDepth} 层（调用 ${name} 时）：是否有函数在调用自己？`,
    en: `functions call each other more than ${mostDepth} deep (when calling ${name}): does one call itself?`,
  },
})

async function called({ invoke, hosts }: DoorServices, call: FunctionCall): Promise<Called> {
  const { environment, functionName, event, cloudEnv, user } = call
  const depth = (user?.depth ?? 0) + 1
  if (depth > mostDepth) return tooDeep(functionName)
  const env_id = cloudEnv ?? (await cloudEnvOf(hosts, environment, functionName))
  const caller = { ...user, depth, source: 'scf', env_id } as const
  const invoked = await invoke(
    environment,
    { function_name: functionName, event: { ...event }, caller },
    functionLimitMs,
  )
  return 'result' in invoked ? invoked : invoked.fault
}

export async function callFunction(
  request: FastifyRequest,
  reply: FastifyReply,
  services: DoorServices,
  call: FunctionCall,
) {
  const { envId, language } = call.environment
  tell(request, { method: 'callFunction', envId })
  const answer = await called(services, call)
  if ('result' in answer) {
    tell(request, { outcome: 'called' })
    return sendResult(reply, answer.result, request.id)
  }
  const { code, text } = answer
  tell(request, { outcome: code, why: text.en })
  const refused = code === 'not-hosted' ? 'FUNCTIONS_REQUEST_FAIL' : 'FUNCTIONS_EXECUTE_FAIL'
  return sendError(reply, { code: refused, message: text[language] }, request.id)
}

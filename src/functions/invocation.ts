/**
 * What a function's code sees of a call, as the platform shows it: variables of the process (which
 * `cloud.getWXContext()` and the SDK's requests read), the event, the context. Pure. Tried with wx-server-sdk 4.0.2,
 * 3.0.4 and 2.6.3.
 */
import type { Invocation } from '../protocol/function-host.ts'
import { functionUserToken } from '../protocol/function-user.ts'
import type { FunctionSettings } from './function-settings.ts'
import type { ToInstance } from './messages.ts'

const given = (variables: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )

/** The SDK reads a variable only when a list names it. */
const listed = (variables: Readonly<Record<string, string>>) => Object.keys(variables).join(',')

export function variablesOf({
  source,
  env_id,
  appid,
  openid,
  depth,
}: Invocation['caller']): Record<string, string> {
  const nobody = appid === undefined && openid === undefined && depth === undefined
  const wx = given({
    WX_CLIENTIP: '127.0.0.1',
    WX_APPID: appid,
    WX_OPENID: openid,
    // The SDK hides it from the code, and sends it along: what the function asks for, it asks for this user.
    WX_API_TOKEN: nobody ? undefined : functionUserToken({ openid, appid, depth }),
  })
  const tcb = { TCB_ENV: env_id, TCB_SOURCE: source }
  return {
    ...wx,
    ...tcb,
    WX_CONTEXT_KEYS: listed(wx),
    TCB_CONTEXT_KEYS: listed(tcb),
    SCF_NAMESPACE: env_id,
  }
}

/** The platform puts its own knowledge of the user over whatever the caller wrote there. A payment's event has it. */
export function eventOf({ event, caller }: Invocation): Readonly<Record<string, unknown>> {
  const { source, appid, openid } = caller
  if (source === 'wx_paycallback' || (appid === undefined && openid === undefined)) return event
  return { ...event, userInfo: given({ appId: appid, openId: openid }) }
}

/** @param requestId the platform gives every call one */
export function callOf(
  invocation: Invocation,
  { timeoutMs, memoryMb }: FunctionSettings,
  id: number,
  requestId: string,
): ToInstance {
  const variables = variablesOf(invocation.caller)
  return {
    id,
    event: JSON.stringify(eventOf(invocation)),
    context: {
      callbackWaitsForEmptyEventLoop: false,
      function_name: invocation.function_name,
      function_version: '$LATEST',
      memory_limit_in_mb: memoryMb,
      namespace: invocation.caller.env_id,
      request_id: requestId,
      time_limit_in_ms: timeoutMs,
      environment: JSON.stringify(variables),
    },
    variables,
  }
}

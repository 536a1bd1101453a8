/**
 * Calls a cloud function at whoever hosts it, over HTTP. Owns what a host's answer means; never who calls, and what is
 * made of the result.
 */
import type { Environment } from '../ledger/environments.ts'
import type { HostedTarget, Hosts } from '../ledger/hosts.ts'
import type { DeliveryFault } from '../protocol/acknowledgement.ts'
import { type Invocation, invokedSchema } from '../protocol/function-host.ts'
import { shellQuoted } from '../protocol/shell-quoted.ts'
import { isWritable } from '../protocol/writable-json.ts'
import type { Poster } from './telling/post.ts'

export interface InvokeMeans {
  readonly hosts: Hosts
  readonly poster: Poster
}

export type Invoked =
  | { readonly result: unknown; readonly status: number }
  /** `shown`: more of what happened, such as the stack of what was thrown. */
  | { readonly fault: DeliveryFault; readonly shown: string | undefined; readonly status: number | undefined }

/** A function may answer as much as the platform lets it, and something goes around it. */
const mostBytes = 6 * 1024 * 1024 + 64 * 1024

/** Of what was thrown; all of it is on the host's screen. */
const mostOfMessage = 1_000

const unreadable: DeliveryFault = {
  code: 'function-failed',
  text: {
    zh: '云函数宿主的应答无法理解',
    en: 'the host of the functions answered what is none of its answers',
  },
}

/** Nobody says to serve it: what to do. */
export const notHosted = (target: HostedTarget): DeliveryFault => ({
  code: 'not-hosted',
  text:
    target.kind === 'function'
      ? {
          zh: `没有程序托管云函数 ${target.functionName}（环境 ${target.envId}）；请核对函数名，或运行 cloudpay dev ./cloudfunctions`,
          en: `nobody hosts the function ${target.functionName} (environment ${target.envId}); check its name, or run cloudpay dev ./cloudfunctions`,
        }
      : {
          zh: `没有程序托管云托管服务 ${target.service}（环境 ${target.envId}）；请运行 cloudpay run --container ${shellQuoted(target.service)}=http://127.0.0.1:8080 -- npm start`,
          en: `nobody hosts the service ${target.service} (environment ${target.envId}); run cloudpay run --container ${shellQuoted(target.service)}=http://127.0.0.1:8080 -- npm start`,
        },
})

function readInvoked(answer: Buffer, status: number): Invoked {
  const text = answer.toString('utf8')
  const strange: Invoked = { fault: unreadable, shown: text, status }
  if (status !== 200) return strange
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return strange
  }
  const invoked = invokedSchema.safeParse(json)
  if (!invoked.success || !isWritable(invoked.data)) return strange
  if (!('failed' in invoked.data)) return { result: invoked.data.result, status }
  const { why, stack } = invoked.data.failed
  const message = invoked.data.failed.message.slice(0, mostOfMessage)
  const fault: DeliveryFault =
    why === 'threw'
      ? {
          code: 'function-threw',
          text: { zh: `函数抛出异常：${message}`, en: `the function threw: ${message}` },
        }
      : {
          code: 'function-failed',
          text: { zh: `函数未能执行（${why}）：${message}`, en: `the function failed (${why}): ${message}` },
        }
  return { fault, shown: stack ?? message, status }
}

/**
 * `cloud.getWXContext().ENV` where a caller names none: that of whoever hosts the function, which may serve one alone.
 * @throws LedgerUnavailable
 */
export async function cloudEnvOf(
  hosts: Hosts,
  { envId }: Environment,
  functionName: string,
): Promise<string> {
  const host = (await hosts.list(envId)).find(
    ({ kind, names }) => kind === 'functions' && names.includes(functionName),
  )
  return host?.targetEnvId ?? envId
}

/** @throws LedgerUnavailable nobody knows who hosts it */
export async function invokeFunction(
  { hosts, poster }: InvokeMeans,
  environment: Environment,
  invocation: Invocation,
  timeoutMs: number,
): Promise<Invoked> {
  const target = {
    kind: 'function',
    envId: invocation.caller.env_id,
    functionName: invocation.function_name,
  } as const
  const host = await hosts.find(environment, target)
  if (host === undefined) return { fault: notHosted(target), shown: undefined, status: undefined }
  const posted = await poster.post({
    url: `${host.url}/invoke`,
    headers: {
      'content-type': 'application/json',
      ...(host.token === undefined ? {} : { authorization: `Bearer ${host.token}` }),
    },
    body: JSON.stringify(invocation),
    timeoutMs,
    mostBytes,
  })
  return 'fault' in posted
    ? { fault: posted.fault, shown: undefined, status: posted.status }
    : readInvoked(posted.answer, posted.status)
}

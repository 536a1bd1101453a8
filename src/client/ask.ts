/**
 * One call of the HTTP API: sent, tried again where nothing was heard, its answer read by its schema. A call says by its
 * type why it may be sent twice; one that may not is sent once. Runs in Node and in browsers.
 */
import type { z } from 'zod'
import { clientHeader } from '../protocol/api/audit.ts'
import { type DeepCamel, deepCamel } from '../protocol/api/deep-keys.ts'
import { problem } from '../protocol/api/problem.ts'
import { CloudPayRefused, CloudPayUnanswered } from './errors.ts'

export interface Server {
  readonly origin: string
  readonly token: string | undefined
  /** The program that a person uses, for the audit log. */
  readonly client: string | undefined
  /** Of refusals' texts; undefined: the environment's. */
  readonly language: 'zh' | 'en' | undefined
  /** How long one try may take. */
  readonly timeoutMs: number
  /** Pauses before the tries after the first. */
  readonly pausesMs: readonly number[]
}

export interface Call {
  readonly path: string
  /** Why it can be sent again: it changes nothing, or the second does no more than the first. `never`: it would do more. */
  readonly repeatable: 'reads' | 'idempotent' | 'never'
  readonly query?: Readonly<Record<string, string | undefined>>
  /** A POST, then. */
  readonly body?: object
  /** Of one try, where it takes longer than others. */
  readonly timeoutMs?: number
}

interface Heard {
  readonly status: number
  readonly json: unknown
}

const given = (query: Call['query']) =>
  Object.entries(query ?? {}).filter((entry): entry is [string, string] => entry[1] !== undefined)

/** Who asks. */
export const headersOf = ({ token, client, language }: Server): Record<string, string> => ({
  ...(language === undefined ? {} : { 'accept-language': language }),
  ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  ...(client === undefined ? {} : { [clientHeader]: client }),
})

const patienceOf = ({ timeoutMs }: Server, call: Call) => call.timeoutMs ?? timeoutMs

const requestOf = (
  server: Server,
  { body }: Call,
  late: AbortSignal,
  signal: AbortSignal | undefined,
): RequestInit => ({
  method: body === undefined ? 'GET' : 'POST',
  headers: {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...headersOf(server),
  },
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  // A token goes to nobody else.
  redirect: 'manual',
  signal: signal === undefined ? late : AbortSignal.any([late, signal]),
})

const isTimeout = (error: unknown) => error instanceof Error && error.name === 'TimeoutError'

/** Statuses of a server, or of a proxy in front of it, that could not say. */
const cannotSay = [502, 503, 504]

/** @throws CloudPayUnanswered; whatever `signal` was aborted with */
async function once(server: Server, call: Call, signal: AbortSignal | undefined): Promise<Heard> {
  const query = new URLSearchParams(given(call.query)).toString()
  const address = `${server.origin}${call.path}${query === '' ? '' : `?${query}`}`
  let status: number
  let text: string
  // A timer of our own: that of AbortSignal.timeout keeps no process alive, and Node was seen to end while it waited.
  const late = new AbortController()
  const timer = setTimeout(
    () => late.abort(new DOMException('too late', 'TimeoutError')),
    patienceOf(server, call),
  )
  try {
    const response = await fetch(address, requestOf(server, call, late.signal, signal))
    status = response.status
    text = await response.text()
  } catch (cause) {
    signal?.throwIfAborted()
    throw isTimeout(cause)
      ? new CloudPayUnanswered(
          'time-out',
          `${server.origin} did not answer within ${patienceOf(server, call)} ms`,
          {
            cause,
          },
        )
      : new CloudPayUnanswered('unreachable', `${server.origin} cannot be reached`, { cause })
  } finally {
    clearTimeout(timer)
  }
  // Asked again it would go wrong again.
  if (status === 500)
    throw new CloudPayUnanswered('failed', `${server.origin} failed (HTTP 500); its log says why`)
  if (cannotSay.includes(status))
    throw new CloudPayUnanswered('unavailable', `${server.origin} could not say (HTTP ${status})`)
  try {
    return { status, json: JSON.parse(text) }
  } catch (cause) {
    throw new CloudPayUnanswered('unreadable', `${server.origin} answered HTTP ${status}, and no JSON`, {
      cause,
    })
  }
}

const isWorthRepeating = (error: unknown) =>
  error instanceof CloudPayUnanswered && error.why !== 'unreadable' && error.why !== 'failed'

/** Not all callers at once. */
export const scattered = (ms: number) => ms * (0.5 + Math.random() / 2)

/** @throws what `signal` was aborted with */
export const pause = (ms: number, signal: AbortSignal | undefined) =>
  new Promise<void>((resolve, reject) => {
    const over = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', over)
      resolve()
    }, ms)
    if (signal?.aborted === true) return over()
    signal?.addEventListener('abort', over, { once: true })
  })

async function heard(server: Server, call: Call, signal: AbortSignal | undefined): Promise<Heard> {
  for (const ms of call.repeatable === 'never' ? [] : server.pausesMs) {
    try {
      return await once(server, call, signal)
    } catch (error) {
      if (!isWorthRepeating(error)) throw error
      await pause(scattered(ms), signal)
    }
  }
  return once(server, call, signal)
}

/**
 * @param schema of the answers that are results; anything else that the server says is a refusal
 * @throws CloudPayRefused; @throws CloudPayUnanswered; whatever `signal` was aborted with
 */
export async function ask<Schema extends z.ZodType>(
  server: Server,
  call: Call,
  schema: Schema,
  signal?: AbortSignal,
): Promise<DeepCamel<z.output<Schema>>> {
  const { status, json } = await heard(server, call, signal)
  const answer = schema.safeParse(json)
  if (answer.success) return deepCamel(answer.data)
  const refused = problem.safeParse(json)
  if (refused.success) {
    const { code, message, id } = refused.data.error
    throw new CloudPayRefused(status, code, message, id)
  }
  throw new CloudPayUnanswered(
    'unreadable',
    `${server.origin} answered HTTP ${status} in a form that this version does not know`,
    { cause: answer.error },
  )
}

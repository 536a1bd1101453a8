/**
 * What changes, as it does: the server's events, read from a stream; goes on by itself after the line broke. Not by
 * EventSource, which cannot name a token.
 */

import { deepCamel } from '../protocol/api/deep-keys.ts'
import { type ApiChange, change } from '../protocol/api/events.ts'
import { problem } from '../protocol/api/problem.ts'
import { headersOf, pause, type Server, scattered } from './ask.ts'
import { CloudPayRefused, CloudPayUnanswered } from './errors.ts'

/** The server says something every fifteen seconds: a line that is silent for so long is dead. */
const silentMs = 45_000
const pausesMs = [500, 1_000, 2_000, 5_000]

export interface WatchOptions {
  readonly signal?: AbortSignal | undefined
  /** Hears whenever the line broke, or could not be had again; with what it broke with, undefined where it just ended. */
  readonly onBroken?: ((why: unknown) => void) | undefined
}

const isStream = ({ status, headers }: Response) =>
  status === 200 && headers.get('content-type')?.startsWith('text/event-stream') === true

const unreadable = ({ origin }: Server, what: string) =>
  new CloudPayUnanswered('unreadable', `${origin} ${what}: it is another program, or another version`)

/** A door that is not there is no refusal: older servers have none, and other programs have others. */
async function whyNoStream(server: Server, response: Response): Promise<Error> {
  const { status } = response
  const refused = problem.safeParse(await response.json().catch(() => undefined))
  const code = refused.success ? refused.data.error.code : undefined
  if (status >= 500) {
    const why = refused.success ? refused.data.error.message : `HTTP ${status}`
    return new CloudPayUnanswered('unavailable', `${server.origin} could not say: ${why}`)
  }
  if (!refused.success || (status === 404 && code !== 'ENV_NOT_FOUND'))
    return unreadable(server, `answered HTTP ${status} in the place of events`)
  const { message, id } = refused.data.error
  return new CloudPayRefused(status, refused.data.error.code, message, id)
}

/** Trying again changes nothing. */
const isFinal = (error: unknown) =>
  error instanceof CloudPayRefused || (error instanceof CloudPayUnanswered && error.why === 'unreadable')

function readChange(server: Server, data: string): ApiChange {
  try {
    return deepCamel(change.parse(JSON.parse(data)))
  } catch (cause) {
    throw Object.assign(unreadable(server, 'sent an event that this version does not know'), { cause })
  }
}

/** Events of one line, until it ends. @throws CloudPayRefused; CloudPayUnanswered; whatever a broken line throws */
async function* eventsOf(
  server: Server,
  path: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<string> {
  const silent = new AbortController()
  const fall = () => silent.abort(new Error(`${server.origin} fell silent`))
  let timer = setTimeout(fall, silentMs)
  try {
    const response = await fetch(`${server.origin}${path}`, {
      headers: { accept: 'text/event-stream', ...headersOf(server) },
      redirect: 'manual',
      signal: signal === undefined ? silent.signal : AbortSignal.any([signal, silent.signal]),
    })
    if (response.body === null || !isStream(response)) throw await whyNoStream(server, response)
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (true) {
      const { done, value } = await reader.read()
      if (done) return
      clearTimeout(timer)
      timer = setTimeout(fall, silentMs)
      text += value
      const events = text.split('\n\n')
      text = events.pop() ?? ''
      for (const event of events) {
        const data = event.split('\n').filter((line) => line.startsWith('data: '))
        if (data.length > 0) yield data.map((line) => line.slice('data: '.length)).join('\n')
      }
    }
  } finally {
    clearTimeout(timer)
    silent.abort()
  }
}

/**
 * Never ends by itself; leave the loop, or abort `signal`. After a broken line all that is watched comes anew.
 * @throws CloudPayRefused; CloudPayUnanswered (`unreadable`): what answers there has no such events
 */
export async function* watch(
  server: Server,
  envId: string | undefined,
  { signal, onBroken = () => {} }: WatchOptions,
): AsyncGenerator<ApiChange> {
  const path = `/api/events?${new URLSearchParams(envId === undefined ? {} : { env_id: envId })}`
  for (let broken = 0; ; broken++) {
    let why: unknown
    try {
      for await (const data of eventsOf(server, path, signal)) {
        broken = 0
        yield readChange(server, data)
      }
    } catch (error) {
      if (isFinal(error)) throw error
      signal?.throwIfAborted()
      why = error
    }
    onBroken(why)
    await pause(scattered(pausesMs[Math.min(broken, pausesMs.length - 1)] ?? 0), signal)
  }
}

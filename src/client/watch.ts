/**
 * What changes, as it does: the server's events, read from a stream; goes on by itself after the line broke. Not by
 * EventSource, which cannot name a token.
 */

import { deepCamel } from '../protocol/api/deep-keys.ts'
import { type ApiChange, change } from '../protocol/api/events.ts'
import { problem } from '../protocol/api/problem.ts'
import { headersOf, pause, type Server, scattered } from './ask.ts'
import { CloudPayRefused } from './errors.ts'

/** The server says something every fifteen seconds: a line that is silent for so long is dead. */
const silentMs = 45_000
const pausesMs = [500, 1_000, 2_000, 5_000]

/** Events of one line, until it ends. @throws CloudPayRefused; whatever a broken line throws */
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
    if (!response.ok || response.body === null) {
      const refused = problem.safeParse(await response.json().catch(() => undefined))
      if (refused.success && response.status < 500) {
        const { code, message, id } = refused.data.error
        throw new CloudPayRefused(response.status, code, message, id)
      }
      throw new Error(`${server.origin} answered HTTP ${response.status}`)
    }
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
 * @throws CloudPayRefused
 */
export async function* watch(
  server: Server,
  envId: string,
  { signal, onBroken = () => {} }: { signal?: AbortSignal | undefined; onBroken?: (() => void) | undefined },
): AsyncGenerator<ApiChange> {
  const path = `/api/events?${new URLSearchParams({ env_id: envId })}`
  for (let broken = 0; ; broken++) {
    try {
      for await (const data of eventsOf(server, path, signal)) {
        broken = 0
        const read = change.safeParse(JSON.parse(data))
        if (read.success) yield deepCamel(read.data)
      }
    } catch (error) {
      if (error instanceof CloudPayRefused) throw error
      signal?.throwIfAborted()
    }
    onBroken()
    await pause(scattered(pausesMs[Math.min(broken, pausesMs.length - 1)] ?? 0), signal)
  }
}

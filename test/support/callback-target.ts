/**
 * Whoever is told: a container, a v2 merchant's `notify_url`, or a host of cloud functions, on a port of its own. Keeps what
 * arrives, and answers as a test says.
 */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { hostSaysEveryMs } from '../../src/protocol/function-host.ts'
import { readXml, writeXml } from '../../src/protocol/v2/xml.ts'
import type { Sandbox } from './sandbox.ts'

export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface Answer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** `hang`: never. `reset`: the connection breaks. */
export type Says = 'hang' | 'reset' | Answer
type Answers = Says | ((received: Received) => Says)

export interface CallbackTarget {
  readonly url: string
  readonly received: Received[]
  /** Answered from now on. */
  say(answers: Answers): void
  whenClosed(done: () => void): void
  /** Settles when so many have arrived in all. */
  arrived(count: number): Promise<Received>
  close(): Promise<void>
}

export const acknowledges = { body: JSON.stringify({ errcode: 0, errmsg: 'ok' }) }
export const acknowledgesXml = { body: writeXml({ return_code: 'SUCCESS', return_msg: 'OK' }) }
export const refuses = { body: JSON.stringify({ return_code: 'SUCCESS', return_msg: 'OK' }) }

function answer(response: ServerResponse, says: Says): void {
  if (says === 'hang') return
  if (says === 'reset') return void response.socket?.resetAndDestroy()
  response.writeHead(says.status ?? 200, { 'content-type': 'text/plain', ...says.headers })
  response.end(says.body ?? '')
}

export async function openTarget(first: Answers = acknowledges): Promise<CallbackTarget> {
  const received: Received[] = []
  const waiting: { count: number; tell: (received: Received) => void }[] = []
  let answers = first
  const closing: (() => void)[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const one = {
        path: request.url ?? '',
        headers: request.headers,
        body: Buffer.concat(chunks).toString(),
      }
      received.push(one)
      for (const { count, tell } of waiting) if (received.length >= count) tell(one)
      answer(response, typeof answers === 'function' ? answers(one) : answers)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    say(next) {
      answers = next
    },
    whenClosed: (done) => void closing.push(done),
    arrived: (count) =>
      new Promise((resolve) => {
        const last = received[count - 1]
        if (last !== undefined) resolve(last)
        else waiting.push({ count, tell: resolve })
      }),
    async close() {
      for (const done of closing) done()
      server.closeAllConnections()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
    },
  }
}

/** A target that says to host what it is asked for, and says so again while it lives; `POST /sandbox/hosts`. */
export async function hosts(
  sandbox: Sandbox,
  envId: string,
  target: CallbackTarget,
  what: { kind: 'functions' | 'container'; names: readonly string[]; token?: string; target_env_id?: string },
): Promise<void> {
  const say = async () => {
    const { status, json } = await sandbox.control('/sandbox/hosts', {
      env_id: envId,
      host_id: `host-${new URL(target.url).port}`,
      url: target.url,
      ...what,
    })
    if (status !== 200) throw new Error(`the host was not taken: ${JSON.stringify(json)}`)
  }
  await say()
  // It may be the server that closes first.
  const again = setInterval(() => void say().catch(() => {}), hostSaysEveryMs)
  target.whenClosed(() => clearInterval(again))
}

/** What a host of functions answers when the function returned `result`, or failed. */
export const returned = (result: unknown): Says => ({ body: JSON.stringify({ result }) })
export const failedBecause = (why: string, message: string, stack?: string): Says => ({
  body: JSON.stringify({ failed: { why, message, ...(stack === undefined ? {} : { stack }) } }),
})

/** The event that a function got. */
export function eventOf({ body }: Received): Record<string, unknown> {
  const { event } = JSON.parse(body) as { event: Record<string, unknown> }
  return event
}

export const jsonOf = ({ body }: Received) => JSON.parse(body) as Record<string, unknown>

export function xmlOf({ body }: Received): Record<string, string> {
  const read = readXml(Buffer.from(body))
  if ('refused' in read) throw new Error(`no flat XML (${read.text.en}): ${body}`)
  return Object.fromEntries(read.fields)
}

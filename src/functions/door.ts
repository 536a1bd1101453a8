/**
 * The host's door, on loopback: `POST /invoke`, for the server that was told its token. Owns who is let in and what a
 * call looks like on the wire; what it comes to is the functions'.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { isIP } from 'node:net'
import { firstProblem } from '../protocol/format-problem.ts'
import { type Invocation, invocationSchema } from '../protocol/function-host.ts'
import { isSameSecret } from '../protocol/same-secret.ts'
import type { Text } from '../protocol/text.ts'
import type { Outcome } from './failures.ts'
import { maxJsonBytes } from './messages.ts'

export type Invoke = (invocation: Invocation, gone: AbortSignal) => Promise<Outcome>

/** An event as large as the platform takes it, and what stands around it. */
const maxBodyBytes = maxJsonBytes + 64 * 1024
/** The server keeps its connections; it must not find one closed that it is about to use. */
const keepAliveTimeoutMs = 65_000
/** How long those who are being answered may take to hear it, when the host stops. */
const graceMs = 1_000

interface Refusal {
  readonly status: 400 | 401 | 403 | 404 | 413
  readonly text: Text
}

/** Host without its port; brackets of IPv6 taken off. */
const nameOf = (host: string) => host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1')

/** As at the sandbox's door: an address cannot be rebound to another machine, only a name can. No page has a reason to call. */
function turnAway({ method, url, headers }: IncomingMessage, token: string): Refusal | undefined {
  const host = nameOf(headers.host ?? '')
  if ((isIP(host) === 0 && host !== 'localhost') || headers.origin !== undefined)
    return {
      status: 403,
      text: { zh: '只接受本机服务的调用', en: 'only the server on this machine may call' },
    }
  const given = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? ''
  if (!isSameSecret(given, token))
    return { status: 401, text: { zh: '令牌不符', en: 'the token is not right' } }
  if (method !== 'POST' || url !== '/invoke')
    return { status: 404, text: { zh: '只有 POST /invoke', en: 'there is only POST /invoke' } }
  if (!/^application\/json\s*(;|$)/i.test(headers['content-type'] ?? ''))
    return { status: 400, text: { zh: '应为 application/json', en: 'it must be application/json' } }
  return undefined
}

/** All of a body that is too large is read, and thrown away: most clients hear nothing before they have said all. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size <= maxBodyBytes) chunks.push(chunk)
    else chunks.length = 0
  }
  return size > maxBodyBytes ? undefined : Buffer.concat(chunks)
}

function readInvocation(body: Buffer): Invocation | Refusal {
  let json: unknown
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return { status: 400, text: { zh: '不是合法的 UTF-8 JSON', en: 'it is not valid JSON in UTF-8' } }
  }
  const read = invocationSchema.safeParse(json)
  return read.success ? read.data : { status: 400, text: firstProblem(read.error, json) }
}

async function read(request: IncomingMessage, token: string): Promise<Invocation | Refusal> {
  const turned = turnAway(request, token)
  const body = await readBody(request)
  if (turned !== undefined) return turned
  if (body === undefined)
    return {
      status: 413,
      text: { zh: `请求体超过 ${maxBodyBytes} 字节`, en: `the body has more than ${maxBodyBytes} bytes` },
    }
  return readInvocation(body)
}

const send = (response: ServerResponse, status: number, json: string) =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${json}\n`)

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  token: string,
  invoke: Invoke,
): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const asked = await read(request, token)
  if ('status' in asked) {
    const { status, text } = asked
    send(response, status, JSON.stringify({ error: { message: `${text.zh} / ${text.en}` } }))
    return
  }
  const outcome = await invoke(asked, gone.signal)
  // The result is JSON already.
  send(response, 200, 'json' in outcome ? `{"result":${outcome.json}}` : JSON.stringify(outcome))
}

/** Takes no more calls; whoever waits gets the answer, or is hung up on. */
async function close(server: Server): Promise<void> {
  const closed = once(server, 'close')
  server.close()
  const hangUp = setTimeout(() => server.closeAllConnections(), graceMs)
  await closed
  clearTimeout(hangUp)
}

export interface Door {
  /** Without path. */
  readonly url: string
  close(): Promise<void>
}

/** @returns once it listens, on a port that the system chose */
export async function openDoor(token: string, invoke: Invoke): Promise<Door> {
  const server = createServer((request, response) => {
    // Whoever hung up in the middle hears nothing more; everybody else is answered.
    answer(request, response, token, invoke).catch(() => response.destroy())
  })
  server.keepAliveTimeout = keepAliveTimeoutMs
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the door has no port')
  return { url: `http://127.0.0.1:${address.port}`, close: () => close(server) }
}

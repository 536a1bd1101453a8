/**
 * The HTTP server that every door hangs on: limits, raw bodies, one record a call. Never: what a request means.
 */
import type { Socket } from 'node:net'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { CallRecord } from '../ledger/requests.ts'
import type { World } from '../ledger/world.ts'
import { quoted } from '../protocol/cloud-function/refusal.ts'
import type { SignatureCheck } from '../protocol/signature-check.ts'
import type { TransportFault } from './call-faults.ts'

/** Largest body of any request. The largest legal one is about 20 kB. */
export const maxBodyBytes = 1024 * 1024
/**
 * How much of a body that is too large is still read (and thrown away), so that the caller gets to hear the answer:
 * most clients read nothing before they have sent everything.
 */
const maxDrainedBytes = 16 * 1024 * 1024
const lingerMs = 500
/** Whole request, slowest caller; the SDK gives up after 15 s. */
const requestTimeoutMs = 30_000
const headersTimeoutMs = 10_000
/** How often Node looks for those that are over their time. */
const checkingMs = 5_000
/** Pages that watch among them. Each may hold a body of {@link maxBodyBytes} before anyone knows who it is. */
const maxConnections = 2_500
/** The SDK drops an idle connection after 4.8 s: the server must not do so first. */
const keepAliveTimeoutMs = 65_000

/** What a request's body came to. `undefined`: there was none. */
export type Body = Buffer | undefined | 'too-large'

/** Calls whose body was not read to its end: what is left of it is no next call. */
const brokenOff = new WeakSet<FastifyRequest>()

async function readBody(request: FastifyRequest, payload: NodeJS.ReadableStream): Promise<Body> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of payload) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size <= maxBodyBytes) chunks.push(bytes)
    if (size > maxDrainedBytes) {
      brokenOff.add(request)
      break
    }
  }
  return size > maxBodyBytes ? 'too-large' : Buffer.concat(chunks)
}

export const bodyOf = (request: FastifyRequest): Body =>
  request.body === 'too-large' || Buffer.isBuffer(request.body) ? request.body : undefined

/** What a call knocked at; `none`: where no door is. */
export type Door =
  | 'cloud-function'
  | 'cloud-run'
  | 'v2'
  | 'sandbox'
  | 'api'
  | 'console'
  | 'health'
  | 'metrics'
  | 'none'

/** What a door says as it learns it. Never a key, a signature or a header. */
export interface CallFacts {
  readonly door?: Door
  /** As our methods are named; what a caller named otherwise, at most 64 characters of it. */
  readonly method?: string | undefined
  readonly envId?: string | undefined
  readonly subMchId?: string | undefined
  readonly outTradeNo?: string | undefined
  /** What it came to, in one of the door's own fixed words. */
  readonly outcome?: string | number | undefined
  /** Why the caller was refused: what it was told, or less. */
  readonly why?: string | undefined
  /** What went wrong on our side. */
  readonly fault?: string | undefined
  /** What was asked and what was answered, where they are kept; signatures masked. */
  readonly body?: string | undefined
  readonly answer?: string | undefined
  /** Why a signature does not hold. */
  readonly signed?: SignatureCheck | undefined
  /** A machine says again what it said before: nobody will look for it. */
  readonly routine?: boolean
  /** How the answer is to go wrong on its way. */
  readonly transport?: TransportFault | undefined
}

const facts = new WeakMap<FastifyRequest, CallFacts>()

/** Adds to the record of this call. */
export const tell = (request: FastifyRequest, more: CallFacts): void => {
  facts.set(request, { ...facts.get(request), ...more })
}

/** Route options: every call of the route is the door's, also one whose body never arrived whole. */
export const atDoor = (door: Door) => ({
  onRequest: (request: FastifyRequest, _reply: FastifyReply, done: () => void) => {
    tell(request, { door })
    done()
  },
})

/** A call that is over. */
export interface Call extends CallRecord {
  readonly door: Door
  /** Method and path as they came; of a path that carries an id which is a right in itself, without it. */
  readonly asked: string
  readonly routine: boolean
}

const mostText = 300

/** Also where no route took it: what stands behind `/q/` is such an id. */
const pathOf = ({ url, routeOptions }: FastifyRequest) =>
  routeOptions.url?.includes(':') === true
    ? routeOptions.url
    : (url.split('?', 1)[0] ?? '').replace(/^(\/+q\/).+/s, '$1…')

function callOf(request: FastifyRequest, reply: FastifyReply, at: Date): Call {
  const {
    door = 'none',
    routine = false,
    outcome,
    why,
    fault,
    transport: _,
    ...told
  } = facts.get(request) ?? {}
  const status = reply.statusCode
  return {
    id: request.id,
    at,
    door,
    ...told,
    outcome: String(outcome ?? status),
    why: why?.slice(0, mostText),
    fault: fault?.slice(0, mostText),
    status,
    ms: Math.round(reply.elapsedTime * 10) / 10,
    routine,
    asked: quoted(`${request.method} ${pathOf(request)}`),
  }
}

/** Who wants to know of a call that is over. Must not throw, and must not keep the server busy. */
export type CallListener = (call: Call) => void

/** One line a call: what was said stays in the ledger, where it is pruned. */
export const callLines =
  (log: Logger): CallListener =>
  ({ at: _, routine, body: __, answer: ___, signed: ____, ...call }) =>
    routine ? log.debug(call, 'call') : log.info(call, 'call')

/** To a caller that hung up no answer ever goes out, so no `onResponse` comes; yet what it asked for may be done. */
function listen(http: FastifyInstance, world: World, listeners: readonly CallListener[]): void {
  http.addHook('onSend', async (request: FastifyRequest, reply: FastifyReply) => {
    const over = () => {
      const call = callOf(request, reply, world.wallClock())
      for (const listener of listeners) listener(call)
    }
    if (reply.raw.destroyed) over()
    else reply.raw.once('close', over)
  })
  // Where nobody waits for a response, fastify does not take its time.
  http.addHook('onResponse', async () => {})
}

/** The longest that a call without an answer hangs: its caller gives up before. */
const hangMs = 60_000

/** Until the time is over or the caller has hung up. */
const untilGone = (reply: FastifyReply, ms: number) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms).unref()
    reply.raw.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
  })

/** Faults of the way that an answer takes: sent late, never, or the connection is reset in its place. */
function spoilAnswers(http: FastifyInstance): void {
  http.addHook('onSend', async (request: FastifyRequest, reply: FastifyReply) => {
    const fault = facts.get(request)?.transport
    if (fault === undefined) return
    if (fault.kind === 'slow') return untilGone(reply, fault.ms)
    if (fault.kind === 'no-answer') await untilGone(reply, hangMs)
    const { socket } = reply.raw
    if (socket !== null && !socket.destroyed) socket.resetAndDestroy()
  })
}

/** Of the environment's sandbox: what shall go wrong with this very call. */
export function faultHeaderOf({ headers }: FastifyRequest): string | undefined {
  const header = headers['x-cloudpay-fault']
  return Array.isArray(header) ? header.join(',') : header
}

/**
 * What is no HTTP, or did not come whole in its time. Nothing was asked of anyone, and no door knows whose call it was. Of a time that
 * is over the caller hears nothing at all: a process that stood still says so of every call that waited for it meanwhile, and a
 * text in no protocol's words would pass for an answer.
 */
function hangUp(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code !== 'ERR_HTTP_REQUEST_TIMEOUT' && socket.writable) {
    const status =
      error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
    socket.write(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`)
  }
  socket.destroy(error)
}

/** @param listeners hear of every call once, when it is over */
export function openHttp(world: World, listeners: readonly CallListener[]): FastifyInstance {
  const http = Fastify({
    logger: false,
    // An id that the answer's error text repeats: short enough to read out.
    genReqId: () => Buffer.from(world.randomBytes(5)).toString('hex'),
    requestTimeout: requestTimeoutMs,
    http: { headersTimeout: headersTimeoutMs, connectionsCheckingInterval: checkingMs },
    keepAliveTimeout: keepAliveTimeoutMs,
    // A stopping server finishes what it began and takes no more on old connections.
    return503OnClosing: true,
    forceCloseConnections: 'idle',
    clientErrorHandler: hangUp,
    // A slash too many in a configured address is no other address: the signature is over the path as it came.
    routerOptions: { ignoreTrailingSlash: true },
    frameworkErrors: (_error, request, reply) => {
      const message = '地址不合法 / the address is malformed'
      const body = JSON.stringify({ error: { code: 'BAD_ADDRESS', message, id: request.id } })
      reply.raw.writeHead(400, { 'content-type': 'application/json; charset=utf-8' }).end(body)
    },
  })
  // Signatures need the bytes as they came, and every door answers bad bodies in its own words.
  http.removeAllContentTypeParsers()
  http.addContentTypeParser('*', (request: FastifyRequest, payload: NodeJS.ReadableStream) =>
    readBody(request, payload),
  )
  http.addHook('onSend', async (request: FastifyRequest, reply: FastifyReply) => {
    if (!brokenOff.has(request)) return
    reply.header('connection', 'close')
    // Taken now: once the caller has hung up, the request has none any more.
    const { socket } = request.raw
    // A moment for the caller to hear why; it may be sending still, and would never see the end.
    reply.raw.once('finish', () => setTimeout(() => socket?.destroy(), lingerMs).unref())
  })
  http.server.maxConnections = maxConnections
  listen(http, world, listeners)
  spoilAnswers(http)
  return http
}

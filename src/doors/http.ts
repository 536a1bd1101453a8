/**
 * The HTTP server that every door hangs on: limits, raw bodies, one log line a call. Never: what a request means.
 */
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { World } from '../ledger/world.ts'

/** Largest body of any request. The largest legal one is about 20 kB. */
export const maxBodyBytes = 1024 * 1024
/**
 * How much of a body that is too large is still read (and thrown away), so that the caller gets to hear the answer:
 * most clients read nothing before they have sent everything.
 */
const maxDrainedBytes = 16 * 1024 * 1024
/** Whole request, slowest caller; the SDK gives up after 15 s. */
const requestTimeoutMs = 30_000
/** The SDK drops an idle connection after 4.8 s: the server must not do so first. */
const keepAliveTimeoutMs = 65_000

/** What a request's body came to. `undefined`: there was none. */
export type Body = Buffer | undefined | 'too-large'

async function readBody(payload: NodeJS.ReadableStream): Promise<Body> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of payload) {
    const bytes = Buffer.from(chunk)
    size += bytes.length
    if (size <= maxBodyBytes) chunks.push(bytes)
    if (size > maxDrainedBytes) break
  }
  return size > maxBodyBytes ? 'too-large' : Buffer.concat(chunks)
}

export const bodyOf = (request: FastifyRequest): Body =>
  request.body === 'too-large' || Buffer.isBuffer(request.body) ? request.body : undefined

/** One line a call, in the log; a door says what it learns of the call. Never a key, a signature or a body. */
export type CallFacts = Record<string, string | number | undefined>

const facts = new WeakMap<FastifyRequest, CallFacts>()

/** Adds to the log line of this call. */
export const tell = (request: FastifyRequest, more: CallFacts): void => {
  facts.set(request, { ...facts.get(request), ...more })
}

export function openHttp(log: Logger, world: World): FastifyInstance {
  const http = Fastify({
    logger: false,
    // An id that the answer's error text repeats: short enough to read out.
    genReqId: () => Buffer.from(world.randomBytes(5)).toString('hex'),
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    // A stopping server finishes what it began and takes no more on old connections.
    return503OnClosing: true,
    forceCloseConnections: 'idle',
  })
  // Signatures need the bytes as they came, and every door answers bad bodies in its own words.
  http.removeAllContentTypeParsers()
  http.addContentTypeParser('*', (_request: FastifyRequest, payload: NodeJS.ReadableStream) =>
    readBody(payload),
  )
  http.addHook('onResponse', async (request: FastifyRequest, reply: FastifyReply) => {
    const path = request.url.split('?', 1)[0]
    log.info(
      {
        id: request.id,
        call: `${request.method} ${path?.slice(0, 100)}`,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        ...facts.get(request),
      },
      'call',
    )
  })
  return http
}

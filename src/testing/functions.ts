/**
 * Cloud functions and containers as a test brings them: plain functions in its own process. What it brings no function
 * for is acknowledged, so that a test that only wants the payment need not host anything.
 */
import { createServer, type IncomingMessage } from 'node:http'
import { type Invoked, invocationSchema } from '../protocol/function-host.ts'
import { writeXml } from '../protocol/v2/xml.ts'

/** `exports.main` of a cloud function; under the name of a container's service, what answers its callbacks. */
export type CloudFunction = (
  event: Readonly<Record<string, unknown>>,
  context: { readonly source: string; readonly openid: string | undefined },
) => unknown

export interface FunctionsHost {
  readonly url: string
  readonly notifyUrl: string
  /** Adds functions, or puts others in the place of those of the same name. */
  bring(functions: Readonly<Record<string, CloudFunction>>): void
  close(): Promise<void>
}

const acknowledged = { errcode: 0, errmsg: 'ok' }
const acknowledgedXml = writeXml({ return_code: 'SUCCESS', return_msg: 'OK' })
const notifyPath = '/notify'

interface Answered {
  readonly status?: number
  readonly type: string
  readonly body: string
}

const json = (body: unknown): Answered => ({ type: 'application/json', body: JSON.stringify(body) })

async function call(its: CloudFunction | undefined, ...args: Parameters<CloudFunction>): Promise<Invoked> {
  if (its === undefined) return { result: acknowledged }
  try {
    return { result: (await its(...args)) ?? null }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { failed: { why: 'threw', message, ...(error instanceof Error ? { stack: error.stack } : {}) } }
  }
}

export async function hostFunctions(): Promise<FunctionsHost> {
  const brought = new Map<string, CloudFunction>()

  /** An invocation of a function, v2's notice to its URL, or a container's callback to any path of its own. */
  async function answer({ url = '/', headers }: IncomingMessage, body: string): Promise<Answered> {
    if (url === notifyPath) return { type: 'text/xml', body: acknowledgedXml }
    const service = headers['x-wx-service']
    if (typeof service === 'string') {
      const context = { source: 'wx_paycallback', openid: String(headers['x-wx-openid'] ?? '') }
      const invoked = await call(brought.get(service), JSON.parse(body), context)
      return 'result' in invoked ? json(invoked.result) : { ...json(invoked.failed), status: 500 }
    }
    const { function_name, event, caller } = invocationSchema.parse(JSON.parse(body))
    return json(
      await call(brought.get(function_name), event, { source: caller.source, openid: caller.openid }),
    )
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      answer(request, Buffer.concat(chunks).toString('utf8')).then(
        ({ status = 200, type, body }) => response.writeHead(status, { 'content-type': type }).end(body),
        (error: unknown) => response.writeHead(400).end(String(error)),
      )
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    notifyUrl: `${url}${notifyPath}`,
    bring(functions) {
      for (const [name, its] of Object.entries(functions)) {
        if (typeof its !== 'function') throw new TypeError(`functions: ${name} is no function`)
        brought.set(name, its)
      }
    },
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
    },
  }
}

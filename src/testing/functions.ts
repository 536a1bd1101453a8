/**
 * Cloud functions and containers as a test brings them: plain functions in its own process. What it brings no function
 * for is acknowledged, so that a test that only wants the payment need not host anything.
 */
import { createServer } from 'node:http'
import { type Invoked, invocationSchema } from '../protocol/function-host.ts'

/** `exports.main` of a cloud function; whoever is called by the container's name gets the body as its event. */
export type CloudFunction = (
  event: Readonly<Record<string, unknown>>,
  context: { readonly source: string; readonly openid: string | undefined },
) => unknown

export interface FunctionsHost {
  readonly url: string
  /** Adds functions, or puts others in the place of those of the same name. */
  bring(functions: Readonly<Record<string, CloudFunction>>): void
  close(): Promise<void>
}

const acknowledged = { errcode: 0, errmsg: 'ok' }

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

  /** Of the server: an invocation. Of a container: the callback itself, to any path. */
  async function answer(path: string, body: string): Promise<unknown> {
    const json: unknown = JSON.parse(body)
    const asked = path === '/invoke' ? invocationSchema.safeParse(json) : undefined
    if (asked?.success !== true) return acknowledged
    const { function_name, event, caller } = asked.data
    return call(brought.get(function_name), event, { source: caller.source, openid: caller.openid })
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      answer(request.url ?? '/', Buffer.concat(chunks).toString('utf8')).then(
        (json) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(json)),
        (error: unknown) => response.writeHead(500).end(String(error)),
      )
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    bring(functions) {
      for (const [name, its] of Object.entries(functions)) brought.set(name, its)
    },
    async close() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
    },
  }
}

/**
 * Stands for the server where only a host of functions is tested: hears who is there, hands the calls that functions
 * make of each other over, and says of everything else that it went well.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { HostSaying } from '../../src/protocol/function-host.ts'
import { readFunctionUser } from '../../src/protocol/function-user.ts'
import { invokeAt } from './hosted-functions.ts'

type Heard = HostSaying & { authorization?: string | undefined }

async function callFunction(asked: Record<string, string>, host: { url: string; token: string } | undefined) {
  const user = readFunctionUser(asked.wxCloudApiToken ?? '')
  const event = JSON.parse(asked.request_data === '' ? '{}' : (asked.request_data ?? '{}'))
  if (host === undefined) return { code: 'FUNCTIONS_REQUEST_FAIL', message: 'no host' }
  const caller = {
    source: 'scf' as const,
    env_id: asked.envName ?? '',
    openid: user?.openid,
    appid: user?.appid,
    depth: (user?.depth ?? 0) + 1,
  }
  // The process of a function, or its host, may end in the middle of a call: whoever called it hears that.
  const invoked = await invokeAt(host, asked.function_name ?? '', event, caller).catch((error: unknown) => ({
    failed: { why: 'unreachable', message: String(error) },
  }))
  return 'failed' in invoked
    ? { code: 'FUNCTIONS_EXECUTE_FAIL', message: `${invoked.failed.why}: ${invoked.failed.message}` }
    : { data: { response_data: JSON.stringify(invoked.result) }, requestId: 'r1' }
}

export async function openStandingServer(port = 0) {
  const sayings: Heard[] = []
  /** Of its next answers to hosts. */
  let status = 200
  let host: { url: string; token: string } | undefined
  const server = createServer((request, response) => void serve(request, response))
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = Buffer.concat(await request.toArray()).toString()
    const { pathname } = new URL(request.url ?? '', 'http://any')
    if (pathname === '/healthz') response.end('{"ok":true}')
    else if (pathname === '/sandbox/hosts') {
      const saying = JSON.parse(body) as HostSaying
      const { authorization } = request.headers
      sayings.push(authorization === undefined ? saying : { ...saying, authorization })
      host = { url: saying.url, token: saying.token ?? '' }
      response.writeHead(status).end(status === 200 ? '{}' : '{"error":{"message":"not wanted"}}')
      server.emit('saying')
    } else if (/json/.test(request.headers['content-type'] ?? '')) {
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify(await callFunction(JSON.parse(body), host)))
    } else response.end('{"return_code":"SUCCESS","result_code":"SUCCESS"}')
  }
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    sayings,
    /** To whom calls of functions go, where nobody says it. */
    serves(one: { url: string; token: string }) {
      host = one
    },
    answerWith(one: number) {
      status = one
    },
    /** @returns the first saying that is so, heard already or yet to come */
    async heard(is: (saying: Heard) => boolean): Promise<Heard> {
      for (;;) {
        const found = sayings.find(is)
        if (found !== undefined) return found
        await once(server, 'saying')
      }
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

export type StandingServer = Awaited<ReturnType<typeof openStandingServer>>

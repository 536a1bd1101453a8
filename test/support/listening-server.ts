/** A plain HTTP server of the test's own that says what it heard. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'

export interface ListeningServer {
  readonly port: number
  readonly url: string
  close(): Promise<void>
}

export type Answering = RequestListener

/** @param port left out: the system chooses. @returns once it listens on loopback */
export async function listeningServer(answer: Answering, port = 0): Promise<ListeningServer> {
  const server = createServer(answer).listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('it has no port')
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

/** Which connection a request came by, counted from 1. */
export function connectionCounter(): (request: IncomingMessage) => number {
  const seen = new Map<object, number>()
  return ({ socket }) => {
    const number = seen.get(socket) ?? seen.size + 1
    seen.set(socket, number)
    return number
  }
}

export const bodyOf = async (request: IncomingMessage): Promise<Buffer> =>
  Buffer.concat(await request.toArray())

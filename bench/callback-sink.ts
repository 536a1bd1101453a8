/** Whoever is called back, in the process that measures: services of Cloud Run by their number. Keeps when what arrived. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'

export interface CallbackSink {
  readonly url: string
  /** When the callback of an order arrived first, on `performance.now()`. */
  readonly arrivedAt: ReadonlyMap<string, number>
  /** Services with these numbers hang from now on: they take the call and never answer. Those that hung until now answer. */
  hang(isHanging: (service: number) => boolean): void
  /** Settles once so many orders in all were called back. */
  arrived(count: number): Promise<void>
  close(): Promise<void>
}

const acknowledged = JSON.stringify({ errcode: 0, errmsg: 'ok' })
const mostWait = 120_000

export const pathOf = (service: number) => `/${service}`

export async function openSink(): Promise<CallbackSink> {
  const arrivedAt = new Map<string, number>()
  let isHanging: (service: number) => boolean = () => false
  let held: (() => void)[] = []
  let enough = { count: Number.POSITIVE_INFINITY, tell: () => {} }
  const take = (response: ServerResponse, body: string) => {
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': acknowledged.length })
      .end(acknowledged)
    const { outTradeNo } = JSON.parse(body)
    if (!arrivedAt.has(outTradeNo)) arrivedAt.set(outTradeNo, performance.now())
    if (arrivedAt.size >= enough.count) enough.tell()
  }

  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      if (isHanging(Number(request.url?.slice(1)))) held.push(() => take(response, body))
      else take(response, body)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    arrivedAt,
    hang(next) {
      isHanging = next
      const released = held
      held = []
      for (const answer of released) answer()
    },
    arrived: (count) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(
          () => reject(new Error(`${arrivedAt.size} of ${count} callbacks within ${mostWait / 1000} s`)),
          mostWait,
        )
        enough = {
          count,
          tell() {
            clearTimeout(late)
            resolve()
          },
        }
        if (arrivedAt.size >= count) enough.tell()
      }),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

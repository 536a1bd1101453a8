/** What `orders watch` tells of a server that has nothing to watch, that goes away, and that is back. */
import { tmpdir } from 'node:os'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import { launch } from '../../test/support/command.ts'
import { type Answering, type ListeningServer, listeningServer } from '../../test/support/listening-server.ts'

const now = '2026-12-01T09:00:00+08:00'
const orders = { env_id: 'tea', now, orders: [] }
const connect = {
  env_id: 'tea',
  demo: false,
  secret_id: 'AKID',
  appid: 'wx',
  mch_id: '1',
  merchants: [],
  door_token: false,
}

let server: ListeningServer | undefined
beforeAll(ensureBuilt)
afterEach(() => stop())

async function stop(): Promise<void> {
  await server?.close()
  server = undefined
}

/** A server of this version but for its events. */
async function serve(events: Answering, port?: number): Promise<number> {
  server = await listeningServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://x')
    if (pathname === '/api/events') return events(request, response)
    const json = pathname === '/api/connect' ? connect : orders
    response.setHeader('content-type', 'application/json').end(JSON.stringify(json))
  }, port)
  return server.port
}

const watch = (port: number) =>
  launch(['orders', 'watch', '--url', `http://127.0.0.1:${port}`], { cwd: tmpdir() })

test.each<[string, Answering]>([
  [
    'an older server',
    (_, response) => {
      const error = { code: 'NOT_FOUND', message: 'nothing is served here', id: 'a' }
      response.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify({ error }))
    },
  ],
  ['another program', (_, response) => response.end('<html>')],
  [
    'other events',
    (_, response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: {}\n\n'),
  ],
])('%s has nothing to watch: that is said, with exit code 5', async (_, events) => {
  const port = await serve(events)
  const { code, err } = await watch(port).done
  expect(code, err).toBe(5)
  expect(err).toContain('does not answer like this version of OpenCloudPay; check --url')
})

test('a server that goes away is said once, and that it is back', async () => {
  /** How things stand: one order. */
  const stands =
    (outTradeNo: string): Answering =>
    (_, response) => {
      const order = {
        env_id: 'tea',
        sub_mch_id: '19',
        out_trade_no: outTradeNo,
        state: 'NOTPAY',
        created_at: now,
        refunded_fee: 0,
        refund_count: 0,
      }
      const change = {
        env_id: 'tea',
        now,
        clock: 'running',
        orders: [order],
        callbacks: false,
        requests: false,
        faults: 0,
      }
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .write(`data: ${JSON.stringify(change)}\n\n`)
    }
  const port = await serve(stands('TEA-1'))
  const { child, done, said } = watch(port)
  await said('TEA-1')
  await stop()
  await serve(stands('TEA-2'), port)
  await said('TEA-2')
  child.kill('SIGINT')
  const { code, err } = await done
  expect(code).toBe(0)
  expect(err).toBe(
    [
      `cloudpay: watching environment tea at http://127.0.0.1:${port}; press Ctrl+C to stop`,
      `cloudpay: the line to http://127.0.0.1:${port} is broken; trying again until it answers`,
      `cloudpay: watching http://127.0.0.1:${port} again`,
      '',
    ].join('\n'),
  )
})

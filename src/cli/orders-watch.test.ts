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

/** A server of this version but for its events, and for one order. */
async function serve(events: Answering, port?: number, one?: Answering): Promise<number> {
  server = await listeningServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://x')
    if (pathname === '/api/events') return events(request, response)
    if (one !== undefined && pathname.startsWith('/api/orders/')) return one(request, response)
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

/** An order as the list has it. */
const listed = (outTradeNo: string, more: object = {}) => ({
  env_id: 'tea',
  sub_mch_id: '19',
  out_trade_no: outTradeNo,
  state: 'NOTPAY',
  created_at: '2026-12-01T08:30:00+08:00',
  refunded_fee: 0,
  refund_count: 0,
  ...more,
})

const event = (...standing: object[]) =>
  `data: ${JSON.stringify({
    env_id: 'tea',
    now,
    clock: 'running',
    orders: standing,
    callbacks: false,
    requests: false,
    faults: 0,
    spread_ms: 0,
  })}\n\n`

/** A line that stays open, so that the test says when something changes. */
function line() {
  const open: Parameters<Answering>[1][] = []
  const answer =
    (first: string): Answering =>
    (_, response) => {
      open.push(response.writeHead(200, { 'content-type': 'text/event-stream' }))
      response.write(first)
    }
  return { answer, tell: (text: string) => open.at(-1)?.write(text) }
}

test('how things stand is not told; what changes is, at its own time, and after a broken line only what differs', async () => {
  const { answer, tell } = line()
  const [old, fresh] = [listed('TEA-1'), listed('TEA-2', { created_at: '2026-12-01T08:40:00+08:00' })]
  const paid = listed('TEA-1', { state: 'SUCCESS', paid_at: '2026-12-01T08:45:00+08:00' })
  const closed = listed('TEA-2', { ...fresh, state: 'CLOSED', closed_at: '2026-12-01T08:50:00+08:00' })
  const port = await serve(answer(event(old)))
  const { child, done, said, remarked } = watch(port)
  await remarked('press Ctrl+C')
  tell(event(fresh, old))
  await said('TEA-2')
  tell(event(fresh, paid))
  await said('paid')
  await stop()
  await serve(answer(event(closed, paid)), port)
  await said('closed')
  child.kill('SIGINT')
  const { code, out, err } = await done
  expect(code).toBe(0)
  expect(out.split('\n').map((row) => row.replace(/ {2,}/g, ' | '))).toEqual([
    '2026-12-01 08:40:00 | TEA-2 | unpaid',
    '2026-12-01 08:45:00 | TEA-1 | paid',
    '2026-12-01 08:50:00 | TEA-2 | closed',
    '',
  ])
  expect(err).toBe(
    [
      `cloudpay: watching environment tea at http://127.0.0.1:${port} for changes; press Ctrl+C to stop`,
      `cloudpay: the line to http://127.0.0.1:${port} is broken; trying again until it answers`,
      `cloudpay: watching http://127.0.0.1:${port} again`,
      '',
    ].join('\n'),
  )
})

test('a refusal of one order’s history ends no watching: the change is told at the time of the news', async () => {
  const { answer, tell } = line()
  const paid = listed('TEA-1', { state: 'SUCCESS', paid_at: '2026-12-01T08:45:00+08:00' })
  const refunded = { ...paid, state: 'REFUND', total_fee: 990, refunded_fee: 990, refund_count: 1 }
  const port = await serve(answer(event(paid)), undefined, (_, response) => {
    const error = { code: 'SEVERAL_MERCHANTS', message: 'several have it', id: 'a' }
    response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ error }))
  })
  const { child, done, said, remarked } = watch(port)
  await remarked('press Ctrl+C')
  tell(event(refunded))
  expect(await said('refunded')).toMatch(/^2026-12-01 09:00:00 {2}TEA-1 +refunded /)
  child.kill('SIGINT')
  expect((await done).code).toBe(0)
})

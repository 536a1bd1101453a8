/** The client against servers that break, stall or speak otherwise: what it tries again, and what it says then. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { CloudPay, type CloudPayOptions, CloudPayRefused, CloudPayUnanswered } from './index.ts'

type Answer = (response: ServerResponse, request: IncomingMessage) => void

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** Gives these answers, one a call, the last one from then on. */
async function serverThat(...answers: readonly Answer[]) {
  const heard: { path: string; body: string; authorization: string | undefined }[] = []
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString()
    heard.push({ path: request.url ?? '', body, authorization: request.headers.authorization })
    answers[Math.min(heard.length, answers.length) - 1]?.(response, request)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closing.push(async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  const cloudPay = (options: CloudPayOptions = {}) =>
    new CloudPay({ baseUrl: `http://127.0.0.1:${port}`, retryPausesMs: [1, 1], ...options })
  return { heard, cloudPay }
}

const says =
  (status: number, json: object): Answer =>
  (response) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json))
const breaks: Answer = (_response, request) => request.socket.destroy()
const stalls: Answer = () => {}

const time = '2026-12-01T00:00:00.000+08:00'
const order = {
  env_id: 'sandbox',
  sub_mch_id: '1900000109',
  out_trade_no: 'TEA-1',
  state: 'CLOSED',
  created_at: time,
  refunded_fee: 0,
  refund_count: 0,
}
const closed = says(200, { outcome: 'closed', order })
const away = says(503, { error: { code: 'LEDGER_UNAVAILABLE', message: 'away', id: '1' } })
const refusal = (status: number, code: string) => says(status, { error: { code, message: 'why', id: '0a' } })

test.each([
  ['breaks the line', breaks],
  ['says that its database is away', away],
  ['stands behind a proxy that finds nobody', says(502, {})],
] as const)('a server that %s is asked again, and the same call finds out', async (_what, first) => {
  const { heard, cloudPay } = await serverThat(first, closed)
  expect(await cloudPay().closeOrder('TEA-1')).toEqual({
    outcome: 'closed',
    order: expect.objectContaining({ outTradeNo: 'TEA-1', createdAt: new Date(time) }),
  })
  expect(heard).toHaveLength(2)
  expect(heard[1]).toEqual(heard[0])
})

test.each([
  ['unreachable', breaks],
  ['unavailable', away],
  ['time-out', stalls],
] as const)('%s, however often: nothing is known, and that is what is said', async (why, answer) => {
  const { heard, cloudPay } = await serverThat(answer)
  const error = await cloudPay({ timeoutMs: 100, token: 'token-of-mine' })
    .closeOrder('TEA-1')
    .catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(CloudPayUnanswered)
  expect(error).toMatchObject({ why })
  expect(String(error)).not.toContain('token-of-mine')
  expect(heard, 'three times').toHaveLength(3)
})

test.each([
  ['a page of another program', ((response) => response.end('<html>hello</html>')) satisfies Answer],
  ['a result that this version does not know', says(200, { outcome: 'postponed' })],
  [
    'an address that leads elsewhere',
    ((response) => response.writeHead(302, { location: '/' }).end()) satisfies Answer,
  ],
])('%s is not guessed at, and not asked again', async (_what, answer) => {
  const { heard, cloudPay } = await serverThat(answer)
  await expect(cloudPay().closeOrder('TEA-1')).rejects.toMatchObject({
    name: 'CloudPayUnanswered',
    why: 'unreadable',
  })
  expect(heard).toHaveLength(1)
})

test('what the server refuses is an error with its code, text and id, and not asked again', async () => {
  const { heard, cloudPay } = await serverThat(refusal(401, 'TURNED_AWAY'))
  const error = await cloudPay()
    .prove('TEA-1')
    .catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(CloudPayRefused)
  expect(error).toMatchObject({ status: 401, code: 'TURNED_AWAY', message: 'why', id: '0a' })
  expect(heard).toHaveLength(1)
})

test('an order that is not there is a result; an environment that is not there is an error', async () => {
  const none = await serverThat(refusal(404, 'ORDER_NOT_FOUND'))
  expect(await none.cloudPay().orders.get('TEA-1')).toEqual({ outcome: 'not-found' })
  const nowhere = await serverThat(refusal(404, 'ENV_NOT_FOUND'))
  await expect(nowhere.cloudPay().orders.get('TEA-1')).rejects.toMatchObject({ code: 'ENV_NOT_FOUND' })
})

test('who is asked: environment, merchant and token of the client, or the merchant of the call', async () => {
  const { heard, cloudPay } = await serverThat(closed)
  const mine = cloudPay({ envId: 'shop', subMchId: '19', token: 'secret' })
  await mine.closeOrder('TEA-1')
  await mine.closeOrder('TEA-1', { subMchId: '20' })
  expect(heard.map(({ body, authorization }) => [JSON.parse(body), authorization])).toEqual([
    [{ env_id: 'shop', sub_mch_id: '19', out_trade_no: 'TEA-1' }, 'Bearer secret'],
    [{ env_id: 'shop', sub_mch_id: '20', out_trade_no: 'TEA-1' }, 'Bearer secret'],
  ])
})

test('numbers with signs in them arrive as they are', async () => {
  const { heard, cloudPay } = await serverThat(refusal(404, 'ORDER_NOT_FOUND'))
  await cloudPay().orders.get('A|*@-_')
  expect(decodeURIComponent(heard[0]?.path ?? '')).toBe('/api/orders/A|*@-_')
})

test('a list asks for a page when it is looked at, and two hours ago stays the same moment', async () => {
  const page = {
    env_id: 'sandbox',
    now: time,
    created_before: '2026-11-30T22:00:00.000+08:00',
    orders: [order],
  }
  const { heard, cloudPay } = await serverThat(says(200, { ...page, next_cursor: 'next' }), says(200, page))
  const list = cloudPay().orders.list({
    createdBefore: '2h',
    unpaid: true,
    states: ['NOTPAY', 'CLOSING'],
    pageSize: 1,
  })
  const numbers: string[] = []
  for await (const { outTradeNo } of list) {
    numbers.push(outTradeNo)
    expect(heard).toHaveLength(numbers.length)
  }
  expect(numbers).toHaveLength(2)
  const asked = heard.map(({ path }) => Object.fromEntries(new URL(path, 'http://any').searchParams))
  const both = { unpaid: 'true', state: 'NOTPAY,CLOSING', limit: '1' }
  expect(asked).toEqual([
    { ...both, created_before: '2h' },
    { ...both, created_before: '2026-11-30T14:00:00.000Z', cursor: 'next' },
  ])
})

test('a call can be given up', async () => {
  const { heard, cloudPay } = await serverThat(stalls)
  const gone = new AbortController()
  const asked = cloudPay().closeOrder('TEA-1', { signal: gone.signal })
  gone.abort()
  await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
  expect(heard.length).toBeLessThan(2)
})

test.each(['nowhere', 'http://127.0.0.1/api', 'ftp://127.0.0.1'])(
  '%s is no address of a server',
  (baseUrl) => {
    expect(() => new CloudPay({ baseUrl })).toThrow(TypeError)
  },
)

test('an option or a filter that there is not is refused: the default would be another server, or every order', () => {
  // As a program passes it that no compiler checks.
  const misspelt = (text: string) => JSON.parse(text)
  expect(() => new CloudPay(misspelt('{"url":"http://127.0.0.1:1"}'))).toThrow(
    /^CloudPay has no url; it has baseUrl, /,
  )
  const cloudPay = new CloudPay()
  const filter = misspelt('{"state":"NOTPAY"}')
  expect(() => cloudPay.orders.list(filter)).toThrow(/^orders\.list has no state; it has .*states/)
  expect(() => cloudPay.callbacks.list(filter)).toThrow(/^callbacks\.list has no state; it has states, /)
  expect(() => cloudPay.requests.list(filter)).toThrow(/^requests\.list has no state; /)
})

/** What those hear who watch an environment, few and many: with the real client. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ApiChange, CloudPay } from '../../src/client/index.ts'
import { operatorOf } from '../support/operator.ts'
import { ordered } from '../support/orders.ts'
import { environmentNamed, freshNumber, openSandbox, type Sandbox, type Shop } from '../support/sandbox.ts'

let sandbox: Sandbox
let shop: Shop
let operator: CloudPay
beforeAll(async () => {
  sandbox = await openSandbox({ environments: [environmentNamed('documented', 'documented')] })
  shop = sandbox.shop('documented')
  operator = operatorOf(sandbox, 'documented', { client: 'console' })
})
afterAll(() => sandbox.close())

test('who watches hears of a new order and of its payment within moments, and of the clock', async () => {
  const tea = freshNumber()
  const heard: ApiChange[] = []
  const over = new AbortController()
  const watching = (async () => {
    for await (const change of operator.watch({ signal: over.signal })) heard.push(change)
  })().catch(() => {})
  await expect.poll(() => heard.length, { timeout: 5_000, message: 'how things stand comes at once' }).toBe(1)
  const statesOf = () =>
    heard
      .flatMap(({ orders }) => orders.filter(({ outTradeNo }) => outTradeNo === tea))
      .map(({ state }) => state)
  await ordered(shop, tea)
  await expect.poll(statesOf, { timeout: 5_000 }).toEqual(['NOTPAY'])
  await shop.pay({ out_trade_no: tea })
  await expect.poll(statesOf, { timeout: 5_000 }).toEqual(['NOTPAY', 'SUCCESS'])
  await expect
    .poll(async () => [heard.at(-1)?.next, (await operator.sandbox.clock()).next], {
      timeout: 5_000,
      message: 'what falls due next is told with the rest: [heard, asked]',
    })
    .toSatisfy(([told, asked]) => JSON.stringify(told) === JSON.stringify(asked))
  const { now } = heard.at(-1) ?? { now: new Date(0) }
  await operator.sandbox.setClock({ advance: '3h' })
  await expect
    .poll(() => (heard.at(-1)?.now.getTime() ?? 0) - now.getTime(), { timeout: 5_000 })
    .toBeGreaterThanOrEqual(3 * 3_600_000)
  over.abort()
  await watching
})

test('where many watch, they hear over how long to spread what they ask for, and of more to ask for only then', async () => {
  const many = 100
  const page = () => {
    const over = new AbortController()
    const heard: ApiChange[] = []
    const watching = (async () => {
      for await (const change of operator.watch({ signal: over.signal })) heard.push(change)
    })()
    return { heard, over, watching }
  }
  const first = page()
  await expect.poll(() => first.heard.length, { timeout: 5_000 }).toBe(1)
  expect(first.heard[0]?.spreadMs, 'who watches alone asks at once').toBe(0)
  const others = Array.from({ length: many - 1 }, page)
  await expect
    .poll(() => others.filter(({ heard }) => heard.length > 0).length, { timeout: 20_000 })
    .toBe(many - 1)

  const tea = freshNumber()
  await ordered(shop, tea)
  // As they came there were fewer, and those had less time.
  const tells = () => first.heard.findIndex(({ requests, spreadMs }) => requests && spreadMs === many * 100)
  await expect
    .poll(tells, { timeout: 30_000, message: 'that calls came is told, with 100 ms a page' })
    .toBeGreaterThan(0)
  const told = tells()
  await shop.pay({ out_trade_no: tea })
  await expect
    .poll(
      () =>
        first.heard
          .slice(told + 1)
          .flatMap(({ orders }) => orders.filter(({ outTradeNo }) => outTradeNo === tea)),
      { timeout: 20_000, message: 'that it is paid is told at once' },
    )
    .toMatchObject([{ state: 'SUCCESS' }])
  expect(
    first.heard.slice(told + 1).map(({ requests }) => requests),
    'that there were calls again is not, until all have asked',
  ).not.toContain(true)
  for (const { over } of [first, ...others]) over.abort()
  await Promise.allSettled([first, ...others].map(({ watching }) => watching))
})

test('who asks to watch and is gone takes nobody’s place', async () => {
  const { connect } = await import('node:net')
  const { port } = new URL(sandbox.url)
  const line = 'GET /api/events?env_id=documented HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'
  for (let round = 0; round < 20; round++) {
    const socket = connect(Number(port), '127.0.0.1')
    socket.on('error', () => {})
    await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
    socket.write(line.repeat(100))
    await new Promise((resolve) => setTimeout(resolve, 30))
    socket.destroy()
  }
  const over = new AbortController()
  for await (const change of operator.watch({ signal: over.signal })) {
    expect(change.envId).toBe('documented')
    break
  }
  over.abort()
})

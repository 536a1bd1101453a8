/** A server with one environment of its own name: nobody has to say which one is meant. With several, somebody has to. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CloudPay, CloudPayRefused } from '../../src/client/index.ts'
import { here } from '../support/command-here.ts'
import { ordered } from '../support/orders.ts'
import { environmentNamed, freshNumber, openSandbox, type Sandbox } from '../support/sandbox.ts'

let single: Sandbox
let several: Sandbox
let withDemo: Sandbox
beforeAll(async () => {
  const of = (...names: string[]) =>
    openSandbox({ environments: names.map((name) => environmentNamed(name, 'documented')) })
  single = await of('tea-shop')
  several = await of('tea', 'cake')
  withDemo = await of('sandbox', 'tea')
})
afterAll(() => Promise.all([single.close(), several.close(), withDemo.close()]))

const get = async ({ url }: Sandbox, path: string): Promise<Record<string, unknown>> =>
  Object(await (await fetch(`${url}${path}`)).json())

test.each([
  '/api/orders',
  '/api/overview',
  '/api/requests',
  '/api/callbacks',
  '/api/connect',
  '/sandbox/clock',
  '/sandbox/faults',
])('%s: the only environment goes without saying, and among several the demo', async (path) => {
  expect(await get(single, path)).toMatchObject({ env_id: 'tea-shop' })
  expect(await get(withDemo, path)).toMatchObject({ env_id: 'sandbox' })
  expect(await get(withDemo, `${path}?env_id=tea`)).toMatchObject({ env_id: 'tea' })
})

test('the controls of the sandbox mean the only environment', async () => {
  const tea = freshNumber()
  await ordered(single.shop('tea-shop'), tea)
  expect(await single.control('/sandbox/pay', { out_trade_no: tea })).toMatchObject({ status: 200 })
})

test('where there are several and none is the demo, one has to be named', async () => {
  for (const path of ['/api/orders', '/sandbox/clock'])
    expect(await get(several, path)).toMatchObject({
      error: { code: 'ENV_NOT_FOUND', message: expect.stringContaining('name one by env_id: cake, tea') },
    })
})

test('the client finds its way without being told, orders and all', async () => {
  const cloudPay = new CloudPay({ baseUrl: single.url })
  const outTradeNo = freshNumber()
  expect(await cloudPay.createOrder({ outTradeNo, body: 'Tea', totalFee: 990 })).toMatchObject({
    outcome: 'created',
    envId: 'tea-shop',
  })
  expect(await cloudPay.sandbox.pay(outTradeNo)).toMatchObject({ outcome: 'paid' })
  expect(await cloudPay.orders.get(outTradeNo)).toMatchObject({
    order: { envId: 'tea-shop', state: 'SUCCESS' },
  })
  expect((await cloudPay.connect()).envId).toBe('tea-shop')
  const over = new AbortController()
  for await (const { envId } of cloudPay.watch({ signal: over.signal })) {
    expect(envId).toBe('tea-shop')
    break
  }
  await expect(new CloudPay({ baseUrl: several.url }).connect()).rejects.toThrow(CloudPayRefused)
})

test('commands do as well, and say which environment it is', async () => {
  const at = ['--url', single.url]
  const tea = freshNumber()
  await ordered(single.shop('tea-shop'), tea)
  expect((await here(['orders', 'list', ...at])).out).toContain(tea)
  expect(await here(['prove', 'TEA-none', ...at])).toMatchObject({
    code: 4,
    err: expect.stringContaining('environment tea-shop has no order TEA-none'),
  })
  expect(await here(['orders', 'list', '--url', several.url])).toMatchObject({
    code: 1,
    err: expect.stringContaining('there are several environments; name one by env_id: cake, tea'),
  })
})

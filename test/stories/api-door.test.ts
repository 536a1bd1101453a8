/** Who may use `/api`, and what `/openapi.json` says of it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Json, messageOf } from '../support/controls.ts'
import { operatorOf } from '../support/operator.ts'
import { ordered } from '../support/orders.ts'
import { rawRequest } from '../support/raw-request.ts'
import { environmentNamed, freshNumber, openSandbox, type Sandbox } from '../support/sandbox.ts'

const adminToken = 'token-of-the-administrator-7f3a'
const bearer = { authorization: `Bearer ${adminToken}` }
const json = { 'content-type': 'application/json' }

let sandbox: Sandbox
let tea: string
beforeAll(async () => {
  sandbox = await openSandbox({ environments: [environmentNamed('documented', 'documented')], adminToken })
  tea = freshNumber()
  await ordered(sandbox.shop(), tea)
  await rawRequest(sandbox.url, {
    path: '/sandbox/clock',
    headers: { ...json, ...bearer },
    body: '{"env_id":"documented","advance":"5m"}',
  })
})
afterAll(() => sandbox.close())

async function knock(method: string, path: string, headers: Record<string, string>, body = '') {
  const answer = await rawRequest(sandbox.url, { method, path, headers, body })
  if (answer === 'broken') throw new Error('the server hung up')
  return { ...answer, json: JSON.parse(answer.text) as Json }
}

const closeIt = () => JSON.stringify({ env_id: 'documented', out_trade_no: tea })
const calls = () =>
  [
    ['GET', '/api/orders?env_id=documented'],
    ['GET', `/api/orders/${tea}?env_id=documented`],
    ['GET', `/api/orders/${tea}/proof?env_id=documented`],
    ['POST', '/api/orders/close', closeIt()],
  ] as const

test.each([
  ['no token', json, 401],
  ['another token', { ...json, authorization: 'Bearer wrong-token-2b1c' }, 401],
  ["a name that is not this server's", { ...json, ...bearer, host: 'evil.example' }, 403],
  ["another site's page", { ...json, ...bearer, origin: 'https://evil.example' }, 403],
  ['a page without an origin of its own', { ...json, ...bearer, origin: 'null' }, 403],
] as const)('%s: every call is turned away, and nothing is closed', async (_what, headers, status) => {
  for (const [method, path, body] of calls()) {
    const answer = await knock(method, path, { ...headers }, body)
    expect(answer, `${method} ${path}`).toMatchObject({ status, json: { error: { code: 'TURNED_AWAY' } } })
  }
  expect(await sandbox.shop().historyOf(tea)).toEqual(['ordered'])
})

test('a form of another page cannot close: only JSON is read', async () => {
  const form = { 'content-type': 'text/plain', ...bearer }
  expect(await knock('POST', '/api/orders/close', form, closeIt())).toMatchObject({ status: 415 })
  expect(await knock('POST', '/api/orders/close', { ...json, ...bearer }, '{')).toMatchObject({
    status: 400,
    json: { error: { code: 'NOT_JSON' } },
  })
  const more = JSON.stringify({ env_id: 'documented', out_trade_no: tea, force: true })
  const refused = await knock('POST', '/api/orders/close', { ...json, ...bearer }, more)
  expect(messageOf(refused.json)).toMatch(/there is no field force/)
  expect(await sandbox.shop().historyOf(tea)).toEqual(['ordered'])
})

test('with the token it is closed; the log says what was asked of which order, and no token', async () => {
  const operator = operatorOf(sandbox, 'documented', { token: adminToken })
  expect(await operator.closeOrder(tea)).toMatchObject({ outcome: 'closed' })
  const line = sandbox
    .log()
    .split('\n')
    .findLast((one) => one.includes('"closeOrder"') && one.includes('"api"'))
  expect(JSON.parse(line ?? '{}')).toMatchObject({
    door: 'api',
    method: 'closeOrder',
    envId: 'documented',
    outTradeNo: tea,
    outcome: 'closed',
  })
  expect(sandbox.log()).not.toContain(adminToken)
})

/** All that a description refers to. */
const references = (value: unknown): string[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, inner]) =>
        key === '$ref' && typeof inner === 'string' ? [inner] : references(inner),
      )

const at = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  )

test('/openapi.json describes every call, asks for no token, and refers to nothing that is not in it', async () => {
  const { status, json: description } = await knock('GET', '/openapi.json', {})
  expect(status).toBe(200)
  expect(description).toMatchObject({
    openapi: '3.1.0',
    info: { title: 'OpenCloudPay', version: expect.stringMatching(/^\d+\.\d+\.\d+/) },
    paths: {
      '/api/orders': { get: { operationId: 'listOrders' } },
      '/api/orders/{out_trade_no}': { get: { operationId: 'showOrder' } },
      '/api/orders/{out_trade_no}/proof': { get: { operationId: 'proveOrder' } },
      '/api/orders/close': { post: { operationId: 'closeOrder', requestBody: { required: true } } },
    },
  })
  const all = new Set(references(description))
  expect([...all].sort()).toContain('#/components/schemas/Order')
  for (const reference of all)
    expect(at(description, reference.replace('#/', '').split('/')), reference).toBeTypeOf('object')
  expect(at(description, ['paths', '/api/orders/{out_trade_no}', 'get', 'parameters'])).toEqual([
    expect.objectContaining({ name: 'env_id', in: 'query', required: false }),
    expect.objectContaining({ name: 'sub_mch_id', in: 'query', required: false }),
    expect.objectContaining({ name: 'out_trade_no', in: 'path', required: true }),
  ])
  expect((await knock('GET', '/openapi.json', { host: 'evil.example' })).status).toBe(403)
})

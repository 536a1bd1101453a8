/** Who may use the sandbox's controls: the right Host, no other site's page, JSON, and the token where there is one. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Json, messageOf } from '../support/controls.ts'
import { ordered } from '../support/orders.ts'
import { type Raw, type RawAnswer, rawRequest } from '../support/raw-request.ts'
import { environmentNamed, freshNumber, openSandbox, type Sandbox } from '../support/sandbox.ts'

const adminToken = 'token-of-the-administrator-7f3a'
const bearer = { authorization: `Bearer ${adminToken}` }
const json = { 'content-type': 'application/json' }

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox({ environments: [environmentNamed('documented', 'documented')], adminToken })
})
afterAll(() => sandbox.close())

async function knock(raw: Partial<Raw>): Promise<RawAnswer & { readonly json: Json }> {
  const answer = await rawRequest(sandbox.url, {
    path: '/sandbox/clock',
    body: '{"env_id":"documented","freeze":true}',
    ...raw,
    headers: raw.headers ?? { ...json, ...bearer },
  })
  if (answer === 'broken') throw new Error('the server hung up')
  return { ...answer, json: JSON.parse(answer.text) as Json }
}

/** The clock's reading in full: it moves with real time, so a story freezes it first. */
const reading = async () =>
  (await knock({ method: 'GET', path: '/sandbox/clock?env_id=documented', body: '' })).json

const advance = '{"env_id":"documented","advance":"1h"}'

/** Sends a change that the server must turn away: the clock stays where it is. */
async function turnedAway(
  headers: Record<string, string>,
  body: string | Uint8Array = advance,
  chunked = false,
) {
  await knock({})
  const before = await reading()
  const answer = await knock({ headers, body, chunked })
  expect(await reading(), 'the clock stands as it was').toEqual(before)
  return answer
}

test('the right token opens every control', async () => {
  expect(await knock({})).toMatchObject({ status: 200, json: { mode: 'frozen' } })
  expect(await reading()).toMatchObject({ env_id: 'documented' })
  const tea = freshNumber()
  await ordered(sandbox.shop(), tea)
  const paid = await knock({
    path: '/sandbox/pay',
    body: JSON.stringify({ env_id: 'documented', out_trade_no: tea }),
  })
  expect(paid).toMatchObject({ status: 200, json: { result: 'paid' } })
})

const withoutToken: readonly (readonly [string, Record<string, string>])[] = [
  ['no token', {}],
  ['another token', { authorization: 'Bearer wrong-token-2b1c' }],
  ['the token and more', { authorization: `Bearer ${adminToken}x` }],
  ['the beginning of the token', { authorization: `Bearer ${adminToken.slice(0, -1)}` }],
  ['the token under Basic', { authorization: `Basic ${adminToken}` }],
  ['an empty token', { authorization: 'Bearer ' }],
]
test.each(withoutToken)(
  '%s opens no control: 401, and the text says what is needed',
  async (_name, headers) => {
    const answer = await turnedAway({ ...json, ...headers })
    expect(answer.status).toBe(401)
    expect(messageOf(answer.json)).toMatch(
      /管理员令牌.*CLOUDPAY_ADMIN_TOKEN.* \/ an administrator token is needed/,
    )
    for (const [method, path] of [
      ['GET', '/sandbox/clock?env_id=documented'],
      ['POST', '/sandbox/pay'],
    ] as const) {
      expect((await knock({ method, path, headers: { ...json, ...headers }, body: '' })).status, path).toBe(
        401,
      )
    }
  },
)

test('the token is asked of the controls only: the signed door and the probes go without', async () => {
  expect(await sandbox.shop().queryOrder(freshNumber())).toMatchObject({ err_code: 'ORDERNOTEXIST' })
  for (const path of ['/healthz', '/readyz']) {
    expect((await knock({ method: 'GET', path, headers: {}, body: '' })).status, path).toBe(200)
  }
})

test.each([
  'evil.example',
  'evil.example:8688',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  '127.0.0.1:80:evil.example',
  'localhost@evil.example',
  'notlocalhost',
])('a request for the host %s is turned away with 403, token or not: a name can be rebound', async (host) => {
  const answer = await turnedAway({ ...json, ...bearer, host })
  expect(answer.status).toBe(403)
  expect(messageOf(answer.json)).toMatch(
    /请求头 Host 不是本服务的地址.* \/ the Host header does not name this server/,
  )
  expect(answer.text, 'repeats nothing of a stranger').not.toContain('evil')
})

test.each(['127.0.0.1', '127.0.0.1:8688', 'localhost', 'LOCALHOST:1', '[::1]:8688', '10.1.2.3'])(
  'a request for the host %s is served: an address cannot be rebound, and localhost is ours',
  async (host) => {
    expect((await knock({ headers: { ...json, ...bearer, host } })).status).toBe(200)
  },
)

test("a page of another site is turned away with 403, this server's own page and programs are served", async () => {
  const { host } = new URL(sandbox.url)
  for (const origin of [
    'http://evil.example',
    'null',
    'file://',
    'http://127.0.0.1:1',
    `http://${host}.evil.example`,
    `http://localhost:${new URL(sandbox.url).port}`,
    '',
  ]) {
    const answer = await turnedAway({ ...json, ...bearer, origin })
    expect(answer.status, `Origin: ${origin}`).toBe(403)
    expect(messageOf(answer.json)).toMatch(/其他网站的页面.* \/ the request comes from another site's page/)
  }
  for (const origin of [`http://${host}`, `https://${host}`]) {
    expect((await knock({ headers: { ...json, ...bearer, host, origin } })).status, origin).toBe(200)
  }
})

test("a picture in another site's page cannot hold a place among the watchers; a link to a page is followed", async () => {
  const watch = { method: 'GET', path: '/api/events?env_id=documented', body: '' }
  for (const site of ['cross-site', 'same-site']) {
    const headers = { ...bearer, 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' }
    expect((await knock({ ...watch, headers })).status, site).toBe(403)
  }
  const clock = { method: 'GET', path: '/sandbox/clock?env_id=documented', body: '' }
  const frame = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }
  expect((await knock({ ...clock, headers: { ...bearer, ...frame } })).status, 'a frame').toBe(403)
  const link = { ...bearer, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }
  expect((await knock({ ...clock, headers: link })).status).toBe(200)
})

test('reading the clock obeys the same rules of Host and Origin', async () => {
  const read = { method: 'GET', path: '/sandbox/clock?env_id=documented', body: '' }
  expect((await knock({ ...read, headers: { ...bearer, host: 'evil.example' } })).status).toBe(403)
  expect((await knock({ ...read, headers: { ...bearer, origin: 'http://evil.example' } })).status).toBe(403)
})

test.each([
  undefined,
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/jsonp',
  'text/plain; application/json',
])(
  'a control is refused with 415 when the content type is %s: forms of other pages send such',
  async (type) => {
    const answer = await turnedAway({ ...bearer, ...(type === undefined ? {} : { 'content-type': type }) })
    expect(answer).toMatchObject({ status: 415, json: { error: { code: 'CONTENT_TYPE' } } })
    expect(messageOf(answer.json)).toMatch(/Content-Type: application\/json/)
  },
)

test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON;charset=UTF-8'])(
  'a control is served when the content type is %s',
  async (type) => {
    expect((await knock({ headers: { ...bearer, 'content-type': type } })).status).toBe(200)
  },
)

test.each([
  ['empty', ''],
  ['cut short', '{"advance":'],
  ['two values', '{} {}'],
  ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
] as const)('a body that is %s is refused with 400', async (_name, body) => {
  const answer = await turnedAway({ ...json, ...bearer }, body)
  expect(answer).toMatchObject({ status: 400, json: { error: { code: 'NOT_JSON' } } })
})

test.each(['null', '[]', '"advance"', '7', '[{"advance":"1h"}]'])(
  'a body that is JSON but no object, %s, is refused with 400',
  async (body) => {
    const answer = await turnedAway({ ...json, ...bearer }, body)
    expect(answer).toMatchObject({ status: 400, json: { error: { code: 'INVALID' } } })
    expect(messageOf(answer.json), 'says what is wanted').toMatch(/object/)
  },
)

test.each([
  ['announced', false],
  ['chunked', true],
] as const)('a body over 1 MiB, %s, is refused with 413', async (_name, chunked) => {
  const answer = await turnedAway({ ...json, ...bearer }, Buffer.alloc(1024 * 1024 + 1, ' '), chunked)
  expect(answer).toMatchObject({ status: 413, json: { error: { code: 'TOO_LARGE' } } })
})

test('a key named __proto__ is a field that nobody knows', async () => {
  const answer = await turnedAway(
    { ...json, ...bearer },
    '{"env_id":"documented","advance":"1h","__proto__":{"run":true}}',
  )
  expect(answer.status).toBe(400)
})

test('no token, right or wrong, is ever repeated: in no answer and in no log', async () => {
  const answers = [
    await knock({ headers: { ...json, authorization: 'Bearer wrong-token-2b1c' } }),
    await knock({ body: '{"env_id":"nowhere","run":true}' }),
    await knock({}),
  ]
  for (const text of [...answers.map((answer) => JSON.stringify(answer)), sandbox.log()]) {
    expect(text).not.toContain(adminToken)
    expect(text).not.toContain('wrong-token-2b1c')
  }
  expect(sandbox.log(), 'there is a log').toMatch(/TURNED_AWAY/)
})

/**
 * What `POST /admin` must withstand. Every bad request asks for an order that would be made if the door let it pass;
 * after all of them the server serves, the ledger is as it was, and the log holds no secret.
 */

import { randomBytes } from 'node:crypto'
import { createConnection } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Part } from '../../src/protocol/cloud-function/multipart.ts'
import {
  apiOptionsOf,
  bytesPart,
  callAdmin,
  type Heard,
  type Prepared,
  prepare,
  sdkParts,
  send,
  textPart,
  withParts,
} from '../support/admin-client.ts'
import { ordered } from '../support/orders.ts'
import { rawRequest } from '../support/raw-request.ts'
import {
  environmentNamed,
  freshNumber,
  openSandbox,
  orderRequest,
  type Sandbox,
  subMchId,
} from '../support/sandbox.ts'

/** Real time stands: the edges of the signature's window are exact. Whole seconds, as signatures have. */
const wall = new Date(Math.floor(Date.now() / 1000) * 1000)
const environments = [
  environmentNamed('documented', 'documented'),
  environmentNamed('neighbour', 'documented', {
    strictMerchants: true,
    merchants: [{ subMchId: '1900000777' }],
    provider: { appid: 'wxneighbour', mchId: '1230000999', apiKey: 'a-neighbours-key-of-32-character' },
  }),
]

let sandbox: Sandbox
let ordersAtFirst = 0
beforeAll(async () => {
  sandbox = await openSandbox({ environments, world: { wallClock: () => wall, randomBytes } })
  // The order that all bad requests ask for, in good form.
  await ordered(sandbox.shop(), freshNumber())
  ordersAtFirst = await sandbox.orders()
})
afterAll(() => sandbox.close())
afterEach(async () => {
  expect(await sandbox.orders(), 'the number of orders').toBe(ordersAtFirst)
})

const credentialsOf = (envId: string) => sandbox.shop(envId).credentials
/** Everything that was signed, to be looked for in the log. */
const authorizations: string[] = []

function prepared(
  parts: readonly Part[],
  more: { secretId?: string; secretKey?: string; at?: Date } = {},
): Prepared {
  const credentials = { ...credentialsOf('documented'), ...more }
  // `prepare` signs for the second before, as the SDK does.
  const ready = prepare(sandbox.url, credentials, parts, new Date((more.at ?? wall).getTime() + 1000))
  authorizations.push(ready.headers.authorization ?? '')
  return ready
}

const order = (more: object = {}) => JSON.stringify(orderRequest(freshNumber(), more))
const orderParts = (requestData: string | Uint8Array = order(), more = {}) =>
  sdkParts('unifiedOrder', requestData, more)
const replaced = (parts: readonly Part[], part: Part) =>
  parts.map((was) => (was.name === part.name ? part : was))
const withHeader = (ready: Prepared, name: string, value: string | undefined): Prepared => ({
  ...ready,
  headers: Object.fromEntries(
    Object.entries({ ...ready.headers, [name]: value }).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  ),
})
const withoutPart = (parts: readonly Part[], name: string) => parts.filter((part) => part.name !== name)

/** On the error channel, with the status that alone lets the SDK read it, in words and with an id. */
function expectRefused(heard: Heard, code: 'INVALID_PARAM' | 'SIGN_PARAM_INVALID' | number, says: RegExp) {
  expect(heard, 'status and channel of an error').toMatchObject({ status: 200, channel: 'error' })
  expect(heard.json.code ?? heard.json.errcode).toBe(code)
  const text = String(heard.json.message ?? heard.json.errmsg)
  expect(text, 'says what is wrong').toMatch(says)
  expect(text, 'carries the id that the log has').toMatch(/\[id [0-9a-f]{10}\]$/)
}

describe('the body', () => {
  const big = () =>
    replaced(orderParts(), bytesPart('requestData', order({ detail: 'x'.repeat(1024 * 1024) })))

  test('a body over 1 MiB is refused in words, announced or chunked', async () => {
    for (const chunked of [false, true]) {
      const { url, headers, body } = prepared(big())
      const { pathname, search } = new URL(url)
      const answer = await rawRequest(sandbox.url, { path: pathname + search, headers, body, chunked })
      if (answer === 'broken') throw new Error('the server hung up instead of answering')
      expect(answer).toMatchObject({
        status: 200,
        headers: { 'content-type': 'application/json; charset=utf-8' },
      })
      expect(answer.text).toMatch(/"code":"INVALID_PARAM".*larger than 1048576 bytes/)
    }
  })

  test('a body without end is not read without end', async () => {
    const answer = await rawRequest(sandbox.url, {
      path: '/admin',
      body: Buffer.alloc(32 * 1024 * 1024),
      chunked: true,
    })
    expect(answer === 'broken' || answer.text.includes('larger than 1048576 bytes')).toBe(true)
  })

  test('a caller who hangs up in the middle harms nobody', async () => {
    const { hostname, port } = new URL(sandbox.url)
    await new Promise<void>((resolve) => {
      const socket = createConnection(Number(port), hostname, () =>
        socket.end(
          'POST /admin HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 99\r\n\r\n--b',
        ),
      )
      socket.resume()
      socket.on('error', () => {})
      socket.on('close', () => resolve())
    })
  })

  // biome-ignore format: a table is read by its columns
  const spoilt: readonly (readonly [string, (ready: Prepared) => Prepared, RegExp])[] = [
    ['is empty', (ready) => ({ ...ready, body: Buffer.alloc(0) }), /multipart body is cut short/],
    ['is cut in half', (ready) => ({ ...ready, body: ready.body.subarray(0, ready.body.length / 2) }), /multipart/],
    ['lacks its last boundary', (ready) => ({ ...ready, body: ready.body.subarray(0, -8) }), /multipart body is cut short/],
    ['has another boundary than its header', (ready) => withHeader(ready, 'content-type', 'multipart/form-data; boundary=other'), /boundary/],
    ['has a header without boundary', (ready) => withHeader(ready, 'content-type', 'multipart/form-data'), /no usable boundary/],
    ['is multipart/mixed', (ready) => withHeader(ready, 'content-type', 'multipart/mixed; boundary=b'), /must be multipart\/form-data/],
    ['is noise', (ready) => ({ ...ready, body: randomBytes(5000) }), /multipart body is cut short/],
  ]
  test.each(spoilt)('a body that %s is refused as INVALID_PARAM', async (_name, spoil, says) => {
    expectRefused(await send(spoil(prepared(orderParts()))), 'INVALID_PARAM', says)
  })

  test('a body of another kind is refused, and the action that it asks for is named', async () => {
    const invoke = { action: 'database.getDocument', collectionName: 'orders' }
    const heard = await send({
      ...withHeader(prepared(orderParts()), 'content-type', 'application/json'),
      body: Buffer.from(JSON.stringify(invoke)),
    })
    expectRefused(
      heard,
      'INVALID_PARAM',
      /unsupported action database\.getDocument.*cloud\.cloudPay and cloud\.callFunction only/,
    )
    for (const body of ['', 'null', '[]', '{"action":7}', '{'] as const) {
      const other = await send({
        ...withHeader(prepared(orderParts()), 'content-type', 'application/json'),
        body: Buffer.from(body),
      })
      expectRefused(other, 'INVALID_PARAM', /unsupported action/)
    }
  })

  test('a request without any content type is refused', async () => {
    const { url, headers } = withHeader(prepared(orderParts()), 'content-type', undefined)
    const { pathname, search } = new URL(url)
    expect(await rawRequest(sandbox.url, { path: pathname + search, headers })).toMatchObject({
      status: 200,
      text: expect.stringMatching(/INVALID_PARAM/),
    })
  })

  test('GET on /admin makes nothing and is no success', async () => {
    const response = await fetch(`${sandbox.url}/admin?env=x`)
    expect([404, 405]).toContain(response.status)
  })
})

describe('the fields', () => {
  const more =
    (name: string, value = 'x') =>
    (parts: readonly Part[]) => [...parts, textPart(name, value)]
  // biome-ignore format: a table is read by its columns
  const cases: readonly (readonly [string, (parts: readonly Part[]) => readonly Part[], RegExp])[] = [
    ['apiName twice', more('apiName', 'closeOrder'), /"apiName" twice/],
    ['apiName twice, once in small letters', more('apiname', 'closeOrder'), /"apiname" twice \(case aside\)/],
    ['requestData twice', (parts) => [...parts, bytesPart('requestData', order())], /"requestData" twice/],
    ['a name of 65 characters', more('x'.repeat(65)), /has 1-64 printable ASCII characters/],
    ['a name that is not ASCII', more('名'), /has 1-64 printable ASCII characters|unusable headers/],
    ['65 fields', (parts) => [...parts, ...Array.from({ length: 56 }, (_each, at) => textPart(`x${at}`, 'x'))], /more than 64 parts/],
    ['a text that is not UTF-8', (parts) => [...parts, { name: 'x', kind: 'text', bytes: Buffer.from([0xff, 0xfe]) }], /"x" is not valid UTF-8/],
    ['a value that could move the seam of the signature', (parts) => [...parts, bytesPart('x', 'a\r\n&envname=b')], /holds CR LF "&"/],
  ]
  test.each(cases)('a request with %s is refused as INVALID_PARAM', async (_name, change, says) => {
    const parts = orderParts()
    expectRefused(await send(withParts(prepared(parts), change(parts))), 'INVALID_PARAM', says)
  })

  test.each(['action', 'apiName', 'envName'])('a line break in %s is refused', async (name) => {
    const parts = replaced(orderParts(), textPart(name, 'unifiedOrder\r\nx'))
    expectRefused(await send(prepared(parts)), 'SIGN_PARAM_INVALID', /holds a line break/)
  })

  test('another action is refused by its name', async () => {
    const parts = replaced(orderParts(), textPart('action', 'wx.openApi'))
    expectRefused(await send(prepared(parts)), 'INVALID_PARAM', /unsupported action wx\.openApi/)
  })

  // biome-ignore format: a table is read by its columns
  test.each([
    ['no method of CloudPay', 'closeOrders', /API not found: closeOrders.*check its spelling; offered are unifiedOrder, queryOrder, closeOrder/],
    ['an inherited name', '__proto__', /API not found: __proto__/],
    ['another inherited name', 'constructor', /API not found: constructor/],
    ['a path', 'a.b.c', /API not found: a\.b\.c/],
    ['a method of a later version', 'downloadBill', /API not found: downloadBill\. This version does not offer it yet/],
    ['the other spelling', 'unifiedorder', /API not found: unifiedorder/],
    ['a method of 5000 letters', 'x'.repeat(5000), /API not found: x{63}…/],
  ])('%s is answered with -604100', async (_name, apiName, says) => {
    expectRefused(await send(prepared(sdkParts(apiName, order()))), -604100, says)
  })

  // biome-ignore format: a table is read by its columns
  test.each([
    ['a list', '[]', /requestData must be a JSON object/],
    ['a list of orders', `[${order()}]`, /requestData must be a JSON object/],
    ['null', 'null', /requestData must be a JSON object/],
    ['a number', '7', /requestData must be a JSON object/],
    ['a text', '"unifiedOrder"', /requestData must be a JSON object/],
    ['true', 'true', /requestData must be a JSON object/],
    ['empty', '', /requestData is not valid JSON/],
    ['cut short', '{"sub_mch_id":', /requestData is not valid JSON/],
    ['not UTF-8', Buffer.from([...Buffer.from('{"body":"'), 0xff, ...Buffer.from('"}')]), /requestData is not UTF-8/],
    ['nested 17 levels', `{"a":${'['.repeat(16)}${']'.repeat(16)}}`, /nested more than 16 levels/],
    ['nested half a million levels', '['.repeat(500_000), /requestData is not valid JSON/],
    ['nested half a million levels, closed', `${'['.repeat(500_000)}${']'.repeat(500_000)}`, /requestData (must be a JSON object|is not valid JSON)/],
    ['an object nested a hundred thousand levels', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, /nested more than 16 levels/],
  ] as const)('requestData that is %s is refused as INVALID_PARAM', async (_name, requestData, says) => {
    expectRefused(await send(prepared(orderParts(requestData))), 'INVALID_PARAM', says)
  })

  // biome-ignore format: a table is read by its columns
  test.each([
    '{"__proto__":{"sub_mch_id":"1900000109","out_trade_no":"T-proto"}}',
    '{"constructor":{"prototype":{"sub_mch_id":"1900000109"}},"out_trade_no":"T-proto"}',
    '{"__proto__":null,"outTradeNo":"T-proto"}',
  ])('keys of prototypes are fields that nobody knows: %s lacks its merchant', async (requestData) => {
    const heard = await send(prepared(sdkParts('closeOrder', requestData)))
    expect(heard).toMatchObject({ channel: 'answer', json: { return_code: 'FAIL' } })
    expect(heard.json.return_msg).toMatch(/sub_mch_id is missing/)
    expect(Reflect.get({}, 'sub_mch_id'), 'no prototype of ours was touched').toBeUndefined()
  })

  test('apiOptions that is no ApiOptions is refused', async () => {
    for (const [bytes, says] of [
      ['not protobuf', /apiOptions/],
      [Buffer.from([0x0a, 0x7f, 0x77]), /not a valid protobuf/],
      [Buffer.from([0x12, 0x01, 0x61]), /unknown field 2/],
      [Buffer.concat([apiOptionsOf('wx1'), apiOptionsOf('wx2')]), /appid twice/],
      [apiOptionsOf('wx 1'), /no appid/],
    ] as const) {
      const apiOptions = Buffer.from(bytes)
      expectRefused(await send(prepared(orderParts(order(), { apiOptions }))), 'INVALID_PARAM', says)
    }
  })
})

describe('the signature', () => {
  const seconds = (count: number) => new Date(wall.getTime() + count * 1000)
  const ask = () => sdkParts('queryOrder', JSON.stringify({ sub_mch_id: subMchId, out_trade_no: 'T' }))

  test.each([-600, 600])('a request signed %i s from now is served', async (offset) => {
    expect(await send(prepared(ask(), { at: seconds(offset) }))).toMatchObject({ channel: 'answer' })
  })

  test.each([-601, 601, -86_400, 86_400, -3e9])(
    'a request signed %i s from now is refused: the text names both clocks',
    async (offset) => {
      const at = new Date(Math.max(0, seconds(offset).getTime()))
      expectRefused(
        await send(prepared(orderParts(), { at })),
        'SIGN_PARAM_INVALID',
        new RegExp(`${wall.toISOString()}.*more than 600 s apart`),
      )
    },
  )

  test('an expiry that the caller asks for makes the window no wider', async () => {
    const stale = prepared(orderParts(), { at: seconds(-601) })
    expectRefused(
      await send(withHeader(stale, 'x-signature-expires', '9999')),
      'SIGN_PARAM_INVALID',
      /more than 600 s/,
    )
  })

  test('a SecretId that nobody has is refused by its name, and a wrong key without one', async () => {
    expectRefused(
      await send(prepared(orderParts(), { secretId: 'AKIDnobody' })),
      'SIGN_PARAM_INVALID',
      /no environment has the SecretId "AKIDnobody"/,
    )
    const wrong = await send(prepared(orderParts(), { secretKey: 'not-the-secret-key' }))
    expectRefused(wrong, 'SIGN_PARAM_INVALID', /签名不符.*the signature does not match\. Check the secretKey/)
    const crossed = await send(prepared(orderParts(), { secretKey: credentialsOf('neighbour').secretKey }))
    expectRefused(crossed, 'SIGN_PARAM_INVALID', /does not match/)
  })

  // biome-ignore format: a table is read by its columns
  const spoilt: readonly (readonly [string, (ready: Prepared) => Prepared, RegExp])[] = [
    ['no Authorization', (ready) => withHeader(ready, 'authorization', undefined), /no Authorization signature/],
    ['a Bearer token', (ready) => withHeader(ready, 'authorization', 'Bearer x'), /does not start with "TC3-HMAC-SHA256 "/],
    ['an Authorization of 9 kB', (ready) => withHeader(ready, 'authorization', `TC3-HMAC-SHA256 ${'x'.repeat(9000)}`), /longer than 8192 bytes/],
    ['a signature of the cloud API', (ready) => edited(ready, '/tcb/', '/cvm/'), /scope is "cvm\/tc3_request"/],
    ['a signature with one digit changed', (ready) => edited(ready, /Signature=./, (found) => (found.endsWith('0') ? 'Signature=1' : 'Signature=0')), /does not match/],
    ['no X-Timestamp', (ready) => withHeader(ready, 'x-timestamp', undefined), /X-Timestamp is ""/],
    ['an X-Timestamp that is no number', (ready) => withHeader(ready, 'x-timestamp', '1e9'), /X-Timestamp is "1e9"/],
    ['another X-Timestamp than the signed one', (ready) => withHeader(ready, 'x-timestamp', String(wall.getTime() / 1000 - 1)), /does not match/],
    ['an order that the signature does not cover', (ready) => edited(ready, ';requestdata', ''), /does not cover requestdata/],
    ['a method that the signature does not cover', (ready) => edited(ready, 'apiname;', ''), /does not cover apiname/],
    ['an env name that the signature does not cover', (ready) => edited(ready, 'envname;', ''), /does not cover envname/],
    ['a Host that the signature does not cover', (ready) => edited(ready, 'host;', ''), /does not cover host/],
    ['a signed header taken away', (ready) => withHeader(ready, 'x-sdk-version', undefined), /no such header/],
    ['a signed header changed', (ready) => withHeader(ready, 'x-sdk-version', 'wx-server-sdk/9'), /does not match/],
    ['another query', (ready) => ({ ...ready, url: `${ready.url}&x=1` }), /does not match/],
    ['another order', (ready) => withParts(ready, orderParts()), /does not match/],
  ]
  const edited = (ready: Prepared, what: string | RegExp, by: string | ((found: string) => string)) =>
    withHeader(
      ready,
      'authorization',
      ready.headers.authorization?.replace(what, typeof by === 'string' ? () => by : by),
    )

  test.each(spoilt)('a request with %s is refused as SIGN_PARAM_INVALID', async (_name, spoil, says) => {
    expectRefused(await send(spoil(prepared(orderParts()))), 'SIGN_PARAM_INVALID', says)
  })

  test('a field that the signature does not cover has no effect', async () => {
    const signed = withoutPart(ask(), 'apiOptions')
    const added = [
      ...signed,
      bytesPart('apiOptions', apiOptionsOf('wxforged0000000000')),
      textPart('colour', 'red'),
    ]
    expect(await send(withParts(prepared(signed), added))).toMatchObject({
      channel: 'answer',
      json: { err_code: 'ORDERNOTEXIST', sub_appid: 'wx8888888888888888' },
    })
  })

  test('field names may come in any case: the signature knows them in small letters', async () => {
    const parts = ask().map((part) => ({ ...part, name: part.name.toLowerCase() }))
    expect(await send(prepared(parts))).toMatchObject({
      channel: 'answer',
      json: { err_code: 'ORDERNOTEXIST' },
    })
  })

  test("another environment's merchant is refused under strictMerchants, whoever ordered before", async () => {
    const heard = await callAdmin(
      sandbox.url,
      credentialsOf('neighbour'),
      'unifiedOrder',
      orderRequest(freshNumber()),
    )
    expect(heard).toMatchObject({ channel: 'answer', json: { return_code: 'FAIL' } })
    expect(heard.json.return_msg).toMatch(/not bound to this provider/)
  })
})

test('after all of it the server serves, nothing was written, and no secret is in the log', async () => {
  expect((await fetch(`${sandbox.url}/readyz`)).status).toBe(200)
  expect(
    await send(prepared(sdkParts('queryOrder', JSON.stringify({ sub_mch_id: subMchId, out_trade_no: 'T' })))),
  ).toMatchObject({
    channel: 'answer',
  })
  expect(await sandbox.orders(), 'the number of orders').toBe(ordersAtFirst)

  const log = sandbox.log()
  expect(log, 'the refusals are told').toMatch(/SIGN_PARAM_INVALID/)
  expect(log, 'no bug was met').not.toMatch(/internal error|-604103/)
  const secrets = environments.flatMap(({ secretKey, provider }) => [secretKey, provider.apiKey])
  const signatures = authorizations.map((value) => /Signature=([0-9a-f]{64})/.exec(value)?.[1] ?? 'none')
  expect(signatures.length, 'signatures to look for').toBeGreaterThan(80)
  for (const secret of [
    ...secrets,
    ...signatures,
    'Signature=',
    'TC3-HMAC-SHA256 Credential',
    'not-the-secret-key',
  ]) {
    expect(log.includes(secret), `the log holds ${secret}`).toBe(false)
  }
})

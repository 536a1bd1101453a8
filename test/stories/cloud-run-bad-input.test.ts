/** What `POST /_/pay/*` must withstand, and whom it serves: on this machine, and on an address open to others. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { readConfig } from '../../src/app/config.ts'
import { type RunningServer, startServer } from '../../src/app/server.ts'
import { environmentSettingSchema } from '../../src/ledger/environments.ts'
import { type CloudRunCall, cloudRunShop, postPay } from '../support/cloud-run-client.ts'
import { freshStore, partsAsked } from '../support/databases.ts'
import { ordered } from '../support/orders.ts'
import { rawRequest } from '../support/raw-request.ts'
import { environmentNamed, freshNumber, openSandbox, orderRequest, type Sandbox } from '../support/sandbox.ts'
import { payerOpenid } from '../support/v2-client.ts'

const token = 'door-token-of-chinese'
const environments = [
  environmentNamed('sandbox', 'documented'),
  environmentNamed('chinese', 'documented', { language: 'zh', doorToken: token }),
]

let sandbox: Sandbox
let ordersAtFirst = 0
beforeAll(async () => {
  sandbox = await openSandbox({ environments })
  // The order that all bad requests ask for, in good form.
  await ordered(cloudRunShop(sandbox, 'sandbox'), freshNumber())
  ordersAtFirst = await sandbox.orders()
})
afterAll(() => sandbox.close())
afterEach(async () => {
  expect(await sandbox.orders(), 'the number of orders').toBe(ordersAtFirst)
})

const order = () => JSON.stringify(orderRequest(freshNumber(), { openid: payerOpenid }))
/** Refused by the gateway: HTTP 200, no respdata, the id of the call. */
async function expectFault(heard: Awaited<ReturnType<typeof postPay>>, errcode: number, says: RegExp) {
  expect(heard).toMatchObject({ status: 200, errcode, errmsg: expect.stringMatching(says) })
  expect(heard.respdata).toBeUndefined()
  const id = heard.headers.get('x-openapi-seqid')
  expect(id).toMatch(/^[0-9a-f]{10}$/)
  if (errcode !== 45105) expect(heard.errmsg).toContain(`[id ${id}]`)
}

describe('a gateway fault', () => {
  test.each([
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/x-www-form-urlencoded',
    'foo',
    '',
  ])('of content type "%s" is 45105, in the very words of the real one', async (type) => {
    const answer = await rawRequest(sandbox.url, {
      path: '/_/pay/unifiedorder',
      body: order(),
      headers: type === '' ? {} : { 'content-type': type },
    })
    if (answer === 'broken') throw new Error('no answer')
    expect(answer.status).toBe(200)
    expect(JSON.parse(answer.text)).toEqual({ errcode: 45105, errmsg: 'invalid content type' })
    expect(answer.headers['x-openapi-seqid']).toMatch(/^[0-9a-f]{10}$/)
  })

  test.each(['GET', 'PUT', 'DELETE', 'PATCH'])('of method %s is 43002', async (method) => {
    await expectFault(
      await postPay(sandbox.url, 'unifiedorder', { method, body: order() }),
      43002,
      /use POST/,
    )
  })

  // biome-ignore format: a table is read by its columns
  test.each<[string, string | Uint8Array, number, RegExp]>([
    ['nothing', '', 47001, /data format error.*JSON object/],
    ['half a document', order().slice(0, -1), 47001, /data format error/],
    ['XML', '<xml/>', 47001, /data format error/],
    ['a list', `[${order()}]`, 47001, /data format error/],
    ['null', 'null', 47001, /data format error/],
    ['a text', '"a"', 47001, /data format error/],
    ['a number', '1', 47001, /data format error/],
    ['bytes that are not UTF-8', Buffer.concat([Buffer.from('{"body":"'), Buffer.from([0xb2, 0xe8]), Buffer.from('"}')]), 47001, /data format error/],
    ['10,000 levels', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, 40097, /invalid args.*nested/],
    ['2 MiB', JSON.stringify({ body: 'x'.repeat(2 * 1024 * 1024) }), 40097, /invalid args.*larger than 1048576 bytes/],
  ])('of %s is refused', async (_what, body, errcode, says) => {
    await expectFault(await postPay(sandbox.url, 'unifiedorder', { body }), errcode, says)
  })

  // biome-ignore format: a table is read by its columns
  test.each([
    ['downloadbill', /API not found: downloadBill\. This version does not offer it yet; it offers unifiedOrder/],
    ['ProfitSharing', /API not found: profitSharing\. This version does not offer it yet/],
    ['profitsharingreturnquery', /API not found: profitSharingReturnQuery\. This version/],
    ['closeOrders', /API not found: closeOrders\. There is no such method/],
    ['a/b/c', /API not found/],
    ['__proto__', /API not found: __proto__/],
    ['constructor', /API not found: constructor/],
    ['x'.repeat(50), /API not found/],
  ])('of the name "%s" is -604100', async (name, says) => {
    await expectFault(await postPay(sandbox.url, name, { body: order() }), -604100, says)
  })

  test.each([
    'from_appid=wx%201',
    'from_appid=wx1&from_appid=wx2',
    `from_appid=${'x'.repeat(33)}`,
    'from_appid=%3Cb%3E',
  ])('of ?%s is 40097', async (query) => {
    await expectFault(
      await postPay(sandbox.url, `unifiedorder?${query}`, { body: order() }),
      40097,
      /from_appid/,
    )
  })

  test('is told in the language of the environment, once it is known', async () => {
    await expectFault(
      await postPay(sandbox.url, 'downloadbill', { token }),
      -604100,
      /^API not found: downloadBill。当前版本尚未提供/,
    )
    await expectFault(await postPay(sandbox.url, 'closeorder', { token, body: '' }), 47001, /请求体须为/)
  })
})

describe('who is served', () => {
  const ask = (call: CloudRunCall) =>
    postPay(sandbox.url, 'queryorder', { body: '{"sub_mch_id":"1","out_trade_no":"1"}', ...call })
  const raw = (headers: Record<string, string>) =>
    rawRequest(sandbox.url, {
      path: '/_/pay/queryorder',
      body: '{"sub_mch_id":"1","out_trade_no":"1"}',
      headers: { 'content-type': 'application/json', ...headers },
    })
  const codeOf = (answer: Awaited<ReturnType<typeof raw>>) =>
    answer === 'broken' ? answer : JSON.parse(answer.text).errcode

  test("a token's environment, whatever Host and Origin say", async () => {
    expect((await ask({ token })).respdata).toMatchObject({
      err_code_des: expect.stringMatching(/^订单不存在/),
    })
    expect((await ask({ headers: { authorization: `bearer ${token}` } })).errcode).toBe(0)
    const headers = { authorization: `Bearer ${token}`, host: 'pay.internal', origin: 'https://evil.example' }
    expect(codeOf(await raw(headers))).toBe(0)
  })

  test('without a token the environment sandbox, on this machine', async () => {
    expect((await ask({})).respdata).toMatchObject({
      err_code_des: expect.stringMatching(/^the order does not/),
    })
  })

  // biome-ignore format: a table is read by its columns
  test.each<[string, string]>([
    ['of nobody', 'Bearer door-token-of-nobody'],
    ['cut', `Bearer ${token.slice(0, -1)}`],
    ['in capitals', `Bearer ${token.toUpperCase()}`],
    ['that is empty', 'Bearer'],
    ['by another scheme', `Basic ${token}`],
    ['without a scheme', token],
    ['that is a SecretId', 'Bearer AKIDsandbox'],
  ])('nobody by a token %s, though none is needed', async (_what, authorization) => {
    await expectFault(await ask({ headers: { authorization } }), 48001, /no environment's/)
  })

  test('without a token only calls meant for this server, and from no page of others', async () => {
    expect(codeOf(await raw({ host: 'evil.example' }))).toBe(48001)
    expect(codeOf(await raw({ origin: 'https://evil.example' }))).toBe(48001)
    expect(codeOf(await raw({ host: 'localhost:8688' }))).toBe(0)
    expect(codeOf(await raw({ host: 'api.weixin.qq.com' })), 'the name that containers call').toBe(0)
  })

  describe('on an address open to others', () => {
    let open: RunningServer
    beforeAll(async () => {
      const settings = environments.map((setting) => environmentSettingSchema.parse(setting))
      open = await startServer(
        { ...readConfig({ port: '0', parts: `${partsAsked}` }, {}), host: '0.0.0.0', environments: settings },
        { openStore: freshStore, logTo: { write: () => {} } },
      )
    })
    afterAll(() => open.close())

    test('nobody without a token, its environment with one', async () => {
      const body = JSON.stringify({ sub_mch_id: '1', out_trade_no: '1' })
      await expectFault(await postPay(open.url, 'queryorder', { body }), 48001, /token is needed/)
      expect(await postPay(open.url, 'queryorder', { body, token })).toMatchObject({ errcode: 0 })
    })
  })
})

test('after all of it the server serves, nothing was written, and no secret is in the log', async () => {
  expect((await fetch(`${sandbox.url}/readyz`)).status).toBe(200)
  expect(await cloudRunShop(sandbox, 'sandbox').queryOrder(freshNumber())).toMatchObject({
    err_code: 'ORDERNOTEXIST',
  })
  const log = sandbox.log()
  const lines = log.split('\n').filter((line) => line.includes('"door":"cloud-run"'))
  expect(lines.length, 'calls that the log tells of').toBeGreaterThan(50)
  expect(log.includes('internal error'), 'a bug was met').toBe(false)
  const settings = JSON.stringify(await sandbox.db.rows('select e.setting from environments e'))
  for (const { provider, secretKey, doorToken, merchants = [] } of environments) {
    for (const secret of [provider.apiKey, secretKey, doorToken, ...merchants.map(({ apiKey }) => apiKey)])
      if (secret !== undefined) expect(settings.includes(secret), `a setting holds ${secret}`).toBe(false)
    for (const secret of [provider.apiKey, secretKey, doorToken, token.slice(0, -1), 'door-token-of-nobody'])
      if (secret !== undefined) expect(log.includes(secret), `the log holds ${secret}`).toBe(false)
  }
})

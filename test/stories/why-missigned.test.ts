/** A signature that does not hold: the request log says which part of it, and nobody else hears of it. */
import { request as ask, createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { demoEnvironment } from '../../src/app/demo-environment.ts'
import { type SignType, sign } from '../../src/protocol/sign.ts'
import { writeXml } from '../../src/protocol/v2/xml.ts'
import {
  callAdmin,
  type Prepared,
  prepare,
  sdkParts,
  send,
  textPart,
  withParts,
} from '../support/admin-client.ts'
import { camelOrder, rejectedOf, startOfficialSdk } from '../support/official-sdk.ts'
import { operatorOf } from '../support/operator.ts'
import { freshNumber, openSandbox, orderRequest, type Sandbox } from '../support/sandbox.ts'
import { merchantOf, providerOf, v2Environment } from '../support/v2-accounts.ts'
import { postXml, signedFields, type Texts, v2Order } from '../support/v2-client.ts'

const environments = {
  tea: v2Environment('documented', 1, { envId: 'tea', doorToken: 'the-door-token-of-the-tea-shop' }),
  coffee: v2Environment('observed', 2, { envId: 'coffee' }),
  quiet: v2Environment('documented', 3, { envId: 'quiet', keepBodies: false }),
}
const { tea, coffee, quiet } = environments

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox({ environments: Object.values(environments) })
})
afterAll(() => sandbox.close())

const keys = [...Object.values(environments), demoEnvironment].flatMap(({ secretKey, provider, ...more }) => [
  secretKey,
  provider.apiKey,
  ...('doorToken' in more && more.doorToken !== undefined ? [more.doorToken] : []),
])
keys.push(...Object.values(environments).map((environment) => merchantOf(environment).apiKey))

/** The last of nobody's calls that is none of those seen before: strangers' calls are told apart by nothing else. */
const seen = new Set<string>()
async function newCheck() {
  const operator = operatorOf(sandbox, 'tea')
  const newest = async () => {
    const { requests } = await operator.requests.list({ nobodys: true, pageSize: 5 }).page()
    return requests.filter(({ id }) => !seen.has(id))
  }
  await expect.poll(async () => (await newest()).length, { timeout: 10_000 }).toBe(1)
  const [call] = await newest()
  if (call === undefined) throw new Error('no call')
  seen.add(call.id)
  const said = JSON.stringify(call)
  for (const key of keys) expect(said, 'no key').not.toContain(key)
  const { check } = call
  if (check === undefined) throw new Error(`no check: ${said}`)
  for (const words of [check.zh, check.en]) expect(words).toMatch(/\S{4,}/)
  expect(check.zh).toMatch(/\p{Script=Han}/u)
  expect(check.en).not.toMatch(/\p{Script=Han}/u)
  return check
}

describe('through the official SDK', () => {
  /** What its caller sees and the log says, of one closeOrder. */
  async function closed(url: string, secretKey: string) {
    const sdk = startOfficialSdk({ url, secretId: tea.secretId, secretKey })
    const { errMsg } = rejectedOf(await sdk.call('closeOrder', { subMchId: '1', outTradeNo: freshNumber() }))
    await sdk.close()
    const check = await newCheck()
    expect(errMsg, 'only the log says which part').not.toContain(check.zh)
    return check
  }

  test('the key of another environment, of v2, or with a line break at its end', async () => {
    expect(await closed(sandbox.url, coffee.secretKey)).toMatchObject({
      part: 'key',
      en: expect.stringContaining('the secretKey of the environment coffee'),
    })
    expect(await closed(sandbox.url, tea.provider.apiKey)).toMatchObject({
      part: 'key',
      en: expect.stringContaining('apiKey'),
    })
    expect(await closed(sandbox.url, demoEnvironment.secretKey)).toMatchObject({
      part: 'key',
      en: expect.stringContaining('well-known'),
    })
    expect(await closed(sandbox.url, `${tea.secretKey}\n`)).toMatchObject({
      part: 'key',
      zh: expect.stringContaining('换行'),
    })
  })

  test('a key that nobody has: the texts are there to compare', async () => {
    const check = await closed(sandbox.url, 'nobody has this key')
    expect(check).toMatchObject({ part: 'unknown' })
    expect(check.signed).toBeUndefined()
    expect(check.canonical).toMatch(/^StringToSign:\nTC3-HMAC-SHA256\n\d{10}\n[\d-]{10}\/tcb\/tc3_request\n/)
    expect(check.canonical).toContain('CanonicalRequest:\npost\n//127.0.0.1:')
    expect(check.canonical).toContain('&apiname=closeOrder')
  })

  describe('behind a proxy', () => {
    let proxy: Server
    let url: string
    let changes: (path: string) => { path: string; headers: Record<string, string> }
    beforeAll(async () => {
      const to = new URL(sandbox.url)
      proxy = createServer((from, answer) => {
        const { path, headers } = changes(from.url ?? '')
        const passed = ask(
          {
            host: to.hostname,
            port: to.port,
            method: 'POST',
            path,
            headers: { ...from.headers, ...headers },
          },
          (heard) => {
            answer.writeHead(heard.statusCode ?? 0, heard.headers)
            heard.pipe(answer)
          },
        )
        from.pipe(passed)
      })
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
      url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`
    })
    afterAll(() => proxy.close())

    test('that changes Host, and says which it was', async () => {
      const host = new URL(url).host
      changes = (path) => ({ path, headers: { host: 'pay.internal', 'x-forwarded-host': host } })
      const check = await closed(url, tea.secretKey)
      expect(check).toMatchObject({ part: 'host', en: expect.stringContaining('pay.internal') })
      expect(check.canonical).toContain('host:pay.internal')
      expect(check.signed).toContain(`host:${host}`)
    })

    test('that drops the query, or changes the path', async () => {
      const { host } = new URL(url)
      changes = (path) => ({ path: path.replace('/admin', '/'), headers: { host } })
      expect(await closed(url, tea.secretKey)).toMatchObject({ part: 'path' })
      changes = (path) => ({ path: `${path}&trace=abc`, headers: { host } })
      const check = await closed(url, tea.secretKey)
      expect(check).toMatchObject({ part: 'query' })
      expect(check.canonical).toContain('&trace=***\n')
    })
  })
})

describe('through a client of that door written by hand', () => {
  const prepared = (parts = sdkParts('unifiedOrder', JSON.stringify(orderRequest(freshNumber())))) =>
    prepare(sandbox.url, tea, parts)
  const missigned = async (call: Prepared) => {
    const { json } = await send(call)
    expect(json).toMatchObject({ code: 'SIGN_PARAM_INVALID' })
    return newCheck()
  }

  test('signed for localhost, sent to 127.0.0.1', async () => {
    const { port } = new URL(sandbox.url)
    const parts = sdkParts('closeOrder', '{}')
    const call = prepare(`http://localhost:${port}`, tea, parts)
    expect(await missigned({ ...call, url: call.url.replace('localhost', '127.0.0.1') })).toMatchObject({
      part: 'host',
      en: expect.stringContaining(`localhost:${port}`),
    })
  })

  test('a field that is added after signing', async () => {
    const parts = sdkParts('closeOrder', '{}', { envName: '' })
    const call = prepared(parts)
    const authorization = call.headers.authorization?.replace('SignedParams=', 'SignedParams=envname;')
    const changed = withParts(
      { ...call, headers: { ...call.headers, ...(authorization && { authorization }) } },
      parts.map((part) => (part.name === 'envName' ? textPart('envName', 'prod') : part)),
    )
    expect(await missigned(changed)).toMatchObject({ part: 'envName' })
  })

  test('a body that is changed after signing has no other side to show', async () => {
    const call = prepared()
    const check = await missigned(withParts(call, sdkParts('unifiedOrder', '{"total_fee":1}')))
    expect(check).toMatchObject({ part: 'unknown' })
    expect(check.canonical).toContain('&requestdata={"total_fee":1}')
  })

  test('a timestamp in milliseconds, a date of another zone, a clock that is wrong', async () => {
    const call = prepared()
    const timestamp = call.headers['x-timestamp']
    const late = { ...call, headers: { ...call.headers, 'x-timestamp': `${timestamp}000` } }
    const check = await missigned(late)
    expect(check).toMatchObject({ part: 'timestamp' })
    expect(check.canonical).toContain(`\n${timestamp}\n`)
    expect(check.signed).toContain(`\n${timestamp}000\n`)
    const authorization = call.headers.authorization?.replace(/\d{4}-\d\d-\d\d/, '2020-01-01') ?? ''
    expect(await missigned({ ...call, headers: { ...call.headers, authorization } })).toMatchObject({
      part: 'date',
    })
    const early = prepare(sandbox.url, tea, sdkParts('closeOrder', '{}'), new Date(0))
    expect(await missigned(early)).toMatchObject({ part: 'timestamp' })
  })

  test('of an environment that keeps no bodies, the log shows none', async () => {
    await callAdmin(sandbox.url, { ...quiet, secretKey: tea.secretKey }, 'unifiedOrder', {
      body: 'between us',
    })
    const check = await newCheck()
    expect(check).toMatchObject({ part: 'key' })
    expect(check.canonical).toContain('&requestdata=***')
    expect(JSON.stringify(check)).not.toContain('between us')
  })
})

describe('through v2', () => {
  const identity = providerOf(tea)

  /** Sends what was signed wrongly; no word of why in the answer. */
  async function missigned(fields: Texts) {
    const { fields: heard } = await postXml(sandbox.url, '/pay/unifiedorder', writeXml(fields))
    expect(Object.keys(heard)).toEqual(['return_code', 'return_msg'])
    expect(heard.return_msg).not.toContain('canonical')
    const check = await newCheck()
    expect(JSON.stringify(check), 'no signature').not.toContain(String(fields.sign))
    return check
  }
  const order = (more: object = {}, by = identity) => signedFields(by, { ...v2Order(freshNumber()), ...more })
  const resigned = (fields: Texts, change: (signed: Texts) => Texts, type?: SignType): Texts => {
    const { sign: _, ...rest } = fields
    return { ...rest, sign: sign(change(rest), identity.apiKey, type) }
  }
  const without = (fields: Texts, name: string): Texts =>
    Object.fromEntries(Object.entries(fields).filter(([field]) => field !== name))

  test('the key of another, of the demo, of the SDK, or with a blank', async () => {
    for (const { apiKey, whose } of [
      { apiKey: coffee.provider.apiKey, whose: `provider of the environment coffee` },
      { apiKey: merchantOf(tea).apiKey, whose: 'merchant of the environment tea' },
      { apiKey: demoEnvironment.provider.apiKey, whose: 'demo' },
      { apiKey: tea.secretKey, whose: 'secretKey' },
      { apiKey: `${identity.apiKey} `, whose: 'blank' },
      { apiKey: identity.apiKey.toUpperCase(), whose: 'case' },
    ])
      expect(await missigned(order({}, { ...identity, apiKey })), whose).toMatchObject({
        part: 'key',
        en: expect.stringContaining(whose),
      })
  })

  test('sign_type: left out of the signature, not said, of another algorithm', async () => {
    const typed = order({ sign_type: 'MD5' })
    expect(await missigned(resigned(typed, (signed) => without(signed, 'sign_type')))).toMatchObject({
      part: 'sign_type',
    })
    const hmac = order({}, { ...identity, signType: 'HMAC-SHA256' })
    expect(await missigned(without(hmac, 'sign_type'))).toMatchObject({ part: 'sign_type' })
    expect(await missigned(resigned(order(), (signed) => signed, 'HMAC-SHA256'))).toMatchObject({
      part: 'sign_type',
      en: expect.stringContaining('HMAC-SHA256'),
    })
    expect(await missigned(order({ sign_type: 'md5' }))).toMatchObject({ part: 'sign_type' })
  })

  test('lower-case hex', async () => {
    const fields = order()
    expect(await missigned({ ...fields, sign: String(fields.sign).toLowerCase() })).toMatchObject({
      part: 'sign',
      en: expect.stringContaining('upper-case'),
    })
  })

  test('an amount in yuan, a value encoded for a URL, a field left out', async () => {
    const yuan = await missigned(resigned(order(), (signed) => ({ ...signed, total_fee: '9.90' })))
    expect(yuan).toMatchObject({ part: 'total_fee' })
    expect(yuan.canonical).toContain('&total_fee=990&')
    expect(yuan.signed).toContain('&total_fee=9.90&')
    expect(yuan.canonical).toMatch(/&key=\*\*\*$/)
    const encoded = (signed: Texts) =>
      Object.fromEntries(
        Object.entries(signed).map(([name, value]) => [name, encodeURIComponent(String(value))]),
      )
    expect(await missigned(resigned(order({ attach: '第 1 桌' }), encoded))).toMatchObject({
      part: 'encoding',
    })
    const added = resigned(order({ attach: 'table 1' }), (signed) => without(signed, 'attach'))
    expect(await missigned(added)).toMatchObject({
      part: 'attach',
      signed: expect.not.stringContaining('table 1'),
    })
  })

  test('a key in the place of a value is masked, wherever it stands', async () => {
    const check = await missigned({
      ...order({ attach: tea.secretKey, device_info: `x${identity.apiKey}` }),
      sign: 'A'.repeat(32),
    })
    expect(check).toMatchObject({ part: 'unknown' })
    expect(check.canonical).toContain('attach=***&')
    expect(check.canonical).toContain('device_info=x***&')
  })

  test('of an environment that keeps no bodies, only what names the call is shown', async () => {
    const { canonical } = await missigned(order({}, { ...providerOf(quiet), apiKey: identity.apiKey }))
    expect(canonical).toContain('body=***&')
    expect(canonical).toContain('total_fee=990&')
  })
})

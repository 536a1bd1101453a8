/** A signature that does not hold: the request log says which part of it, and nobody else hears of it. */
import { request as ask, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { demoEnvironment } from '../../src/app/demo-environment.ts'
import { type SignType, sign } from '../../src/protocol/sign.ts'
import { writeXml } from '../../src/protocol/v2/xml.ts'
import {
  type Credentials,
  type Prepared,
  prepare,
  sdkParts,
  send,
  withParts,
} from '../support/admin-client.ts'
import { rejectedOf, startOfficialSdk } from '../support/official-sdk.ts'
import { operatorOf } from '../support/operator.ts'
import { freshNumber, openSandbox, type Sandbox } from '../support/sandbox.ts'
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

interface Check {
  readonly part: string
  readonly zh: string
  readonly en: string
  readonly canonical: string
  readonly signed?: string | undefined
}

function checked(check: Check): Check {
  const said = JSON.stringify(check)
  for (const key of keys) expect(said, 'no key').not.toContain(key)
  expect(check.zh).toMatch(/\p{Script=Han}/u)
  expect(check.en).toMatch(/[a-z]{2} [a-z]/)
  expect(check.en).not.toMatch(/\p{Script=Han}/u)
  return check
}

/** What the log says of nobody's calls, in the order of `told`: each is a piece of the call that is asked about. */
async function checksOf(told: readonly string[]): Promise<Check[]> {
  const operator = operatorOf(sandbox, 'tea')
  const found = async () => {
    const { requests } = await operator.requests.list({ nobodys: true, pageSize: 100 }).page()
    return told.flatMap((piece) => requests.find((call) => JSON.stringify(call).includes(piece))?.check ?? [])
  }
  await expect.poll(async () => (await found()).length, { timeout: 10_000 }).toBe(told.length)
  return (await found()).map(checked)
}

/** The id of the call, which the texts of the SDK's door repeat. */
const idIn = (text: unknown): string => /\b[0-9a-f]{10}\b/.exec(JSON.stringify(text))?.[0] ?? 'no id'

describe('through the official SDK', () => {
  type Sdk = ReturnType<typeof startOfficialSdk>
  const sdkWith = (secretKey: string, url = sandbox.url) =>
    startOfficialSdk({ url, secretId: tea.secretId, secretKey })
  const closeOf = async (sdk: Sdk) => {
    const { errMsg } = rejectedOf(await sdk.call('closeOrder', { subMchId: '1', outTradeNo: freshNumber() }))
    expect(errMsg, 'only the log says which part').not.toMatch(/canonical|CanonicalRequest/)
    return idIn(errMsg)
  }

  test('the key of another environment, one with a line break at its end, one that nobody has', async () => {
    const told: string[] = []
    for (const secretKey of [coffee.secretKey, `${tea.secretKey}\n`, 'nobody has this key']) {
      const sdk = sdkWith(secretKey)
      told.push(await closeOf(sdk))
      await sdk.close()
    }
    const [another, lineBreak, nobodys] = await checksOf(told)
    expect(another).toMatchObject({
      part: 'key',
      en: expect.stringContaining('the secretKey of the environment coffee'),
    })
    expect(lineBreak).toMatchObject({ part: 'key', zh: expect.stringContaining('换行') })
    expect(nobodys).toMatchObject({ part: 'unknown' })
    expect(nobodys?.signed).toBeUndefined()
    expect(nobodys?.canonical).toMatch(
      /^StringToSign:\nTC3-HMAC-SHA256\n\d{10}\n[\d-]{10}\/tcb\/tc3_request\n/,
    )
    expect(nobodys?.canonical).toContain('CanonicalRequest:\npost\n//127.0.0.1:')
    expect(nobodys?.canonical).toContain('&apiname=closeOrder')
  })

  test('a proxy that changes Host, the path, or the query', async () => {
    const to = new URL(sandbox.url)
    let changes: (path: string) => { path: string; headers?: Record<string, string> }
    const proxy = createServer((from, answer) => {
      const { path, headers = {} } = changes(from.url ?? '')
      const passed = ask(
        { host: to.hostname, port: to.port, method: 'POST', path, headers: { ...from.headers, ...headers } },
        (heard) => {
          answer.writeHead(heard.statusCode ?? 0, heard.headers)
          heard.pipe(answer)
        },
      )
      from.pipe(passed)
    })
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
    const host = `127.0.0.1:${(proxy.address() as AddressInfo).port}`
    const sdk = sdkWith(tea.secretKey, `http://${host}`)
    const told: string[] = []
    for (const change of [
      (path: string) => ({ path, headers: { host: 'pay.internal', 'x-forwarded-host': host } }),
      (path: string) => ({ path: path.replace('/admin', '/') }),
      (path: string) => ({ path: `${path}&trace=abc` }),
    ]) {
      changes = change
      told.push(await closeOf(sdk))
    }
    await sdk.close()
    proxy.closeAllConnections()
    proxy.close()
    const [name, path, query] = await checksOf(told)
    expect(name).toMatchObject({ part: 'host', en: expect.stringContaining('pay.internal') })
    expect(name?.canonical).toContain('host:pay.internal')
    expect(name?.signed).toContain(`host:${host}`)
    expect(path).toMatchObject({ part: 'path', en: expect.stringContaining('"/admin"') })
    expect(query).toMatchObject({ part: 'query' })
    expect(query?.canonical).toContain('&trace=***\n')
  })
})

describe('through a client of that door written by hand', () => {
  const parts = sdkParts('closeOrder', '{"out_trade_no":"TEA-1"}')
  const signed = (by: Credentials = tea) => prepare(sandbox.url, by, parts)
  const withHeaders = (call: Prepared, headers: Record<string, string>): Prepared => ({
    ...call,
    headers: { ...call.headers, ...headers },
  })
  const checksOfCalls = async (calls: readonly Prepared[]) => {
    const told: string[] = []
    for (const call of calls) {
      const { json } = await send(call)
      expect(json).toMatchObject({ code: 'SIGN_PARAM_INVALID' })
      expect(Object.keys(json), 'no word of why').not.toContain('check')
      told.push(idIn(json.message))
    }
    return checksOf(told)
  }

  test('keys of v2 and of the demo, another host, fields that are added or changed', async () => {
    const { port } = new URL(sandbox.url)
    const elsewhere = prepare(`http://localhost:${port}`, tea, parts)
    const added = prepare(sandbox.url, tea, sdkParts('closeOrder', '{}', { envName: '' }))
    const listed = added.headers.authorization?.replace('SignedParams=', 'SignedParams=envname;') ?? ''
    const checks = await checksOfCalls([
      signed({ ...tea, secretKey: tea.provider.apiKey }),
      signed({ ...tea, secretKey: demoEnvironment.secretKey }),
      { ...elsewhere, url: elsewhere.url.replace('localhost', '127.0.0.1') },
      withParts(withHeaders(added, { authorization: listed }), sdkParts('closeOrder', '{}')),
      withParts(signed(), sdkParts('closeOrder', '{"total_fee":1}')),
    ])
    expect(checks).toMatchObject([
      { part: 'key', en: expect.stringContaining('apiKey') },
      { part: 'key', en: expect.stringContaining('well-known') },
      { part: 'host', en: expect.stringContaining(`localhost:${port}`) },
      { part: 'envName' },
      { part: 'unknown', canonical: expect.stringContaining('&requestdata={"total_fee":1}') },
    ])
  })

  test('a timestamp in milliseconds, a date of another zone, a clock that is wrong', async () => {
    const call = signed()
    const timestamp = call.headers['x-timestamp']
    const date = call.headers.authorization?.replace(/\d{4}-\d\d-\d\d/, '2020-01-01') ?? ''
    const [ms, zone, clock] = await checksOfCalls([
      withHeaders(call, { 'x-timestamp': `${timestamp}000` }),
      withHeaders(call, { authorization: date }),
      prepare(sandbox.url, tea, parts, new Date(1_600_000_000_000)),
    ])
    expect(ms).toMatchObject({ part: 'timestamp', en: expect.stringContaining('milliseconds') })
    expect(ms?.canonical).toContain(`\n${timestamp}\n`)
    expect(ms?.signed).toContain(`\n${timestamp}000\n`)
    expect(zone).toMatchObject({ part: 'date', signed: expect.stringContaining('2020-01-01') })
    expect(clock).toMatchObject({ part: 'timestamp', en: expect.stringContaining('2020-09-13') })
  })

  test('of an environment that keeps no bodies, the log shows none', async () => {
    const secretly = sdkParts('unifiedOrder', '{"body":"between us"}')
    const call = prepare(sandbox.url, { ...quiet, secretKey: tea.secretKey }, secretly)
    const [check] = await checksOfCalls([call])
    expect(check).toMatchObject({
      part: 'key',
      canonical: expect.stringContaining('&requestdata=***'),
    })
    expect(JSON.stringify(check)).not.toContain('between us')
  })
})

describe('through v2', () => {
  const identity = providerOf(tea)
  const order = (more: object = {}, by = identity) => signedFields(by, { ...v2Order(freshNumber()), ...more })
  const without = (fields: Texts, name: string): Texts =>
    Object.fromEntries(Object.entries(fields).filter(([field]) => field !== name))
  const resigned = (fields: Texts, change: (signed: Texts) => Texts, type?: SignType): Texts => ({
    ...fields,
    sign: sign(change(without(fields, 'sign')), identity.apiKey, type),
  })

  async function checksOfOrders(orders: readonly Texts[]) {
    for (const fields of orders) {
      const { fields: heard } = await postXml(sandbox.url, '/pay/unifiedorder', writeXml(fields))
      expect(Object.keys(heard), 'no word of why').toEqual(['return_code', 'return_msg'])
      expect(heard).toMatchObject({ return_code: 'FAIL' })
    }
    const checks = await checksOf(orders.map(({ nonce_str }) => `nonce_str=${nonce_str}`))
    for (const [at, check] of checks.entries())
      expect(JSON.stringify(check).toLowerCase(), 'no signature').not.toContain(
        String(orders[at]?.sign).toLowerCase(),
      )
    return checks
  }

  test('the key of another, of the demo, of the SDK, or wrongly written', async () => {
    const wrong = {
      'provider of the environment coffee': coffee.provider.apiKey,
      'merchant of the environment tea': merchantOf(tea).apiKey,
      demo: demoEnvironment.provider.apiKey,
      secretKey: tea.secretKey,
      blank: `${identity.apiKey} `,
      case: identity.apiKey.toUpperCase(),
    }
    const orders = Object.values(wrong).map((apiKey) => order({}, { ...identity, apiKey }))
    expect(await checksOfOrders(orders)).toMatchObject(
      Object.keys(wrong).map((whose) => ({ part: 'key', en: expect.stringContaining(whose) })),
    )
  })

  test('sign_type and the form of sign', async () => {
    const typed = order({ sign_type: 'MD5' })
    const lower = order()
    const checks = await checksOfOrders([
      resigned(typed, (signed) => without(signed, 'sign_type')),
      without(order({}, { ...identity, signType: 'HMAC-SHA256' }), 'sign_type'),
      resigned(order(), (signed) => signed, 'HMAC-SHA256'),
      order({ sign_type: 'md5' }),
      { ...lower, sign: String(lower.sign).toLowerCase() },
    ])
    expect(checks).toMatchObject([
      { part: 'sign_type', en: expect.stringContaining('sent but not signed') },
      { part: 'sign_type', en: expect.stringContaining('signed but not sent') },
      { part: 'sign_type', en: expect.stringContaining('HMAC-SHA256') },
      { part: 'sign_type', en: expect.stringContaining('in this very case') },
      { part: 'sign', en: expect.stringContaining('upper-case') },
    ])
  })

  test('an amount in yuan, values encoded for a URL, a field left out', async () => {
    const encoded = (signed: Texts) =>
      Object.fromEntries(
        Object.entries(signed).map(([name, value]) => [name, encodeURIComponent(String(value))]),
      )
    const [yuan, url, added] = await checksOfOrders([
      resigned(order(), (signed) => ({ ...signed, total_fee: '9.90' })),
      resigned(order({ attach: '第 1 桌' }), encoded),
      resigned(order({ attach: 'table 1' }), (signed) => without(signed, 'attach')),
    ])
    expect(yuan).toMatchObject({ part: 'total_fee' })
    expect(yuan?.canonical).toContain('&total_fee=990&')
    expect(yuan?.signed).toContain('&total_fee=9.90&')
    expect(yuan?.canonical).toMatch(/&key=\*\*\*$/)
    expect(url).toMatchObject({ part: 'encoding', signed: expect.stringContaining('%E7%AC%AC%201') })
    expect(added).toMatchObject({ part: 'attach', signed: expect.not.stringContaining('table 1') })
  })

  test('what nobody is to read is masked, wherever it stands', async () => {
    const misplaced = { attach: tea.secretKey, device_info: `x${identity.apiKey}` }
    const [known, quietly] = await checksOfOrders([
      { ...order(misplaced), sign: 'A'.repeat(32) },
      order({}, { ...providerOf(quiet), apiKey: identity.apiKey }),
    ])
    expect(known).toMatchObject({ part: 'unknown' })
    expect(known?.canonical).toContain('attach=***&')
    expect(known?.canonical).toContain('device_info=x***&')
    expect(quietly?.canonical, 'of an environment that keeps no bodies').toContain('body=***&')
    expect(quietly?.canonical, 'but what names the call').toContain('total_fee=990&')
  })
})

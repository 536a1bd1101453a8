/**
 * What `POST /pay/*` must withstand. Every bad request asks for an order that would be made if the door let it pass;
 * after all of them the server serves, the ledger is as it was, and the log holds no secret.
 */
import { createHash } from 'node:crypto'
import { createConnection } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type SignType, sign } from '../../src/protocol/sign.ts'
import { maxXmlBytes, writeXml } from '../../src/protocol/v2/xml.ts'
import { ordered } from '../support/orders.ts'
import { rawRequest } from '../support/raw-request.ts'
import { freshNumber, openSandbox, type Sandbox, subMchId } from '../support/sandbox.ts'
import { merchantOf, providerOf, v2Environment } from '../support/v2-accounts.ts'
import {
  paths,
  postXml,
  signedFields,
  type Texts,
  type V2Identity,
  v2Order,
  v2Shop,
} from '../support/v2-client.ts'

const environments = {
  documented: v2Environment('documented', 1),
  observed: v2Environment('observed', 2),
  strict: v2Environment('documented', 3, { envId: 'strict', strictMerchants: true }),
  chinese: v2Environment('documented', 4, { envId: 'chinese', language: 'zh' }),
  shared: v2Environment('documented', 5, { envId: 'shared' }),
  sharing: v2Environment('documented', 5, { envId: 'sharing' }),
}
const direct = merchantOf(environments.documented)
const partner = providerOf(environments.documented)

let sandbox: Sandbox
let ordersAtFirst = 0
beforeAll(async () => {
  sandbox = await openSandbox({ environments: Object.values(environments) })
  // The order that all bad requests ask for, in good form.
  await ordered(v2Shop(sandbox, 'documented', direct), freshNumber())
  ordersAtFirst = await sandbox.orders()
})
afterAll(() => sandbox.close())
afterEach(async () => {
  expect(await sandbox.orders(), 'the number of orders').toBe(ordersAtFirst)
})

/** Signatures that were sent, to be looked for in the log. */
const signatures: string[] = []

/** Asks for an order; `spoil` may change anything after it was signed. */
async function ask(
  identity: V2Identity,
  more: Readonly<Record<string, string | number | undefined>> = {},
  spoil: (signed: Texts) => Texts = (signed) => signed,
) {
  const sent = spoil(signedFields(identity, { ...v2Order(freshNumber()), ...more }))
  signatures.push(String(sent.sign))
  return (await postXml(sandbox.url, paths.unifiedOrder, writeXml(sent))).fields
}

/** Whole, and saying this. */
const failed = (says: RegExp) => ({
  return_code: 'FAIL',
  return_msg: expect.stringMatching(new RegExp(`(?=^[^…]*$)(?=.*${says.source})`)),
})

const shopOf = (mode: 'direct' | 'partner', profile: 'documented' | 'observed' = 'documented') =>
  v2Shop(sandbox, profile, (mode === 'direct' ? merchantOf : providerOf)(environments[profile]))

describe('the checks come in their order', () => {
  const strict = providerOf(environments.strict)
  const stranger = { ...strict, apiKey: 'x'.repeat(32) }
  const everything = {
    ...v2Order('TEA 1'),
    appid: 'wx0000000000000000',
    mch_id: '1',
    sub_mch_id: '1900000999',
    sub_appid: 'wx1',
  }
  const sending = (identity: V2Identity, fields: object) =>
    writeXml(signedFields(identity, { ...everything, ...fields }))
  const known = { mch_id: strict.mchId }
  const ours = { ...known, sub_mch_id: subMchId }
  const bound = { ...ours, appid: strict.appid, sub_appid: strict.sub?.subAppid }

  // biome-ignore format: a table is read by its columns
  test.each<[string, string | Uint8Array, RegExp]>([
    ['no body', '', /^post数据为空（POST_DATA_EMPTY）/],
    ['another charset', Buffer.from([0xd6, 0xd0]), /^编码格式错误（NOT_UTF8）/],
    ['no XML', 'appid=1', /^XML格式错误（XML_FORMAT_ERROR）/],
    ['no appid', sending(stranger, { appid: '' }), /^缺少参数（LACK_PARAMS）.* \/ appid is missing/],
    ['no mch_id', sending(stranger, { mch_id: undefined }), /mch_id is missing/],
    ['no nonce_str', sending(stranger, { nonce_str: '' }), /nonce_str is missing/],
    ['no sign', '<xml><appid>1</appid><mch_id>1</mch_id><nonce_str>1</nonce_str><sign/></xml>', /sign is missing/],
    ['an appid too long', sending(stranger, { appid: 'x'.repeat(33) }), /appid must have at most 32/],
    ['a nonce_str too long', sending(stranger, { nonce_str: 'x'.repeat(33) }), /nonce_str must have at most 32/],
    ['an unknown mch_id', sending(stranger, {}), /^商户号mch_id或sub_mch_id不存在（MCHID_NOT_EXIST）.* \/ mch_id is not known/],
    ['an unknown sub_mch_id', sending(stranger, known), /^the merchant is not bound to this provider/],
    ['an unknown appid', sending(stranger, ours), /^the appid is not known \(APPID_NOT_EXIST\): .*wxprovider00000003/],
    ["another's appid", sending(stranger, { ...ours, appid: 'wx8888888888888888' }), /^mch_id and appid do not match \(APPID_MCHID_NOT_MATCH\)/],
    ["another's sub_appid", sending(stranger, { ...bound, sub_appid: 'wx1' }), /^sub_mch_id and sub_appid do not match/],
    ['a wrong signature', sending(stranger, bound), /^the signature is wrong \(SIGNERROR\)/],
    ['a wrong field', sending(strict, bound), /out_trade_no may hold digits/],
  ])('%s', async (_what, body, says) => {
    expect((await postXml(sandbox.url, paths.unifiedOrder, body)).fields).toEqual(failed(says))
  })

  test.each(['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s, before anything else', async (method) => {
    for (const path of Object.values(paths)) {
      const { status, fields } = await postXml(sandbox.url, path, '', { method })
      expect(status).toBe(200)
      expect(fields).toEqual(failed(/^请使用post方法（REQUIRE_POST_METHOD）/))
    }
  })

  test('once it is known whose call it is, its language and its profile speak', async () => {
    const wrong = (identity: V2Identity) => ask({ ...identity, apiKey: 'x'.repeat(32) })
    expect(await wrong(merchantOf(environments.chinese))).toEqual(failed(/^签名错误（SIGNERROR）：请检查/))
    const observed = merchantOf(environments.observed)
    expect(await wrong(observed)).toEqual({ return_code: 'FAIL', return_msg: '签名错误，请检查后再试' })
    expect(await ask({ ...observed, appid: 'wx0' })).toEqual({
      return_code: 'FAIL',
      return_msg: 'AppID不存在，请检查后再试',
    })
    expect(await ask({ ...observed, appid: 'wxprovider00000002' })).toEqual({
      return_code: 'FAIL',
      return_msg: '商户号mch_id与appid不匹配',
    })
  })
})

describe('a signature', () => {
  const resigned = (fields: Texts, apiKey: string, type?: SignType) => ({
    ...fields,
    sign: sign(fields, apiKey, type),
  })
  /** Signed as though empty fields counted. */
  const countingEmpties = ({ sign: _, ...fields }: Texts): Texts => {
    const pairs = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))
    const text = [...pairs, ['key', direct.apiKey]].map(([name, value]) => `${name}=${value}`).join('&')
    return { ...fields, sign: createHash('md5').update(text).digest('hex').toUpperCase() }
  }

  // biome-ignore format: a table is read by its columns
  test.each<[string, V2Identity, object, (signed: Texts) => Texts]>([
    ['of another key', { ...direct, apiKey: 'x'.repeat(32) }, {}, (it) => it],
    ["of another environment's key", { ...direct, apiKey: merchantOf(environments.observed).apiKey }, {}, (it) => it],
    ["of the sub-merchant's key, for its provider", { ...partner, apiKey: direct.apiKey }, {}, (it) => it],
    ["of the provider's key, for the merchant", { ...direct, apiKey: partner.apiKey }, {}, (it) => it],
    ['in small letters', direct, {}, (it) => ({ ...it, sign: String(it.sign).toLowerCase() })],
    ['cut', direct, {}, (it) => ({ ...it, sign: String(it.sign).slice(0, 31) })],
    ['of another amount', direct, {}, (it) => ({ ...it, total_fee: 1 })],
    ['of a trimmed body', direct, { body: 'Tea' }, (it) => ({ ...it, body: 'Tea ' })],
    ['with a field added', direct, {}, (it) => ({ ...it, attach: 'x' })],
    ['with a field taken away', direct, { attach: 'x' }, ({ attach: _, ...it }) => it],
    ['whose sign_type was not signed', direct, {}, (it) => ({ ...it, sign_type: 'MD5' })],
    ['whose sign_type was not sent', { ...direct, signType: 'MD5' }, {}, ({ sign_type: _, ...it }) => it],
    ['by HMAC without saying so', direct, {}, ({ sign: _, ...it }) => resigned(it, direct.apiKey, 'HMAC-SHA256')],
    ['by MD5 that says HMAC', { ...direct, signType: 'HMAC-SHA256' }, {}, ({ sign: _, ...it }) => resigned(it, direct.apiKey, 'MD5')],
    ['of sign_type SHA1', direct, { sign_type: 'SHA1' }, (it) => it],
    ['of sign_type md5', direct, { sign_type: 'md5' }, (it) => it],
    ['of sign_type HMAC-SHA256 with a blank', { ...direct, signType: 'HMAC-SHA256' }, { sign_type: 'HMAC-SHA256 ' }, (it) => it],
    ['of RSA', direct, { sign_type: 'RSA' }, (it) => it],
    ['that counts an empty field', direct, { attach: '' }, countingEmpties],
    ['that is the empty key\'s', { ...direct, apiKey: '' }, {}, (it) => it],
  ])('%s is refused', async (_what, identity, more, spoil) => {
    expect(await ask(identity, { ...more }, spoil)).toEqual(failed(/SIGNERROR/))
  })

  test.each<[string, V2Identity, object]>([
    ['with empty fields that are not counted', direct, { attach: '', sign_type: '', sub_mch_id: '' }],
    ['with fields that nobody knows', direct, { colour: 'red', Zebra: '1', _a: '0' }],
    ['with sign_type MD5 said', { ...direct, signType: 'MD5' }, {}],
  ])('%s is taken', async (_what, identity, more) => {
    expect(await ask(identity, { ...more, total_fee: 0 })).toEqual(failed(/total_fee must be greater than 0/))
  })
})

describe('a foreign mch_id', () => {
  test('that nobody has is refused, whatever the signature', async () => {
    expect(await ask({ ...direct, mchId: '1999999999' })).toEqual(
      failed(/MCHID_NOT_EXIST.*mch_id is not known/),
    )
  })

  test('of a merchant without a key of its own is refused: only its provider speaks for it', async () => {
    expect(await ask({ ...direct, mchId: subMchId })).toEqual(failed(/MCHID_NOT_EXIST/))
  })

  test('of a merchant that names a sub-merchant is refused: it is no provider', async () => {
    expect(await ask(direct, { sub_mch_id: subMchId })).toEqual(
      failed(/MCHID_NOT_EXIST.*sub_mch_id is not known/),
    )
  })

  test('that two environments share is refused: nothing else tells them apart', async () => {
    expect(await ask(merchantOf(environments.shared))).toEqual(failed(/several environments have it$/))
    expect(await ask(providerOf(environments.sharing))).toEqual(failed(/several environments have it$/))
  })
})

test('what this version does not serve is refused in XML, whole, and in both languages', async () => {
  for (const path of ['/pay/refund', '/secapi/pay/reverse', '/pay/unifiedOrder']) {
    const { status, fields } = await postXml(sandbox.url, path, '<xml/>')
    expect(status).toBe(200)
    expect(fields).toEqual({
      return_code: 'FAIL',
      return_msg: expect.stringMatching(
        /^没有这个接口.*路径的拼写 \/ no such interface yet: check the spelling of the path$/,
      ),
    })
  }
})

describe('a hostile body', () => {
  const secret = 'file:///etc/passwd'
  const good = () => writeXml(signedFields(direct, v2Order(freshNumber())))
  const bomb = Array.from({ length: 30 }, (_, at) => `<!ENTITY a${at + 1} "${`&a${at};`.repeat(10)}">`).join(
    '',
  )

  // biome-ignore format: a table is read by its columns
  test.each<[string, () => string | Uint8Array]>([
    ['a bomb of entities', () => good().replace('<xml>', `<!DOCTYPE x [<!ENTITY a0 "lol">${bomb}]><xml>`).replace('Tea', '&a30;')],
    ['an external entity', () => good().replace('<xml>', `<!DOCTYPE x [<!ENTITY e SYSTEM "${secret}">]><xml>`).replace('</xml>', '<attach>&e;</attach></xml>')],
    ['an external DTD', () => `<!DOCTYPE xml SYSTEM "http://127.0.0.1:1/x.dtd">${good()}`],
    ['half a document', () => good().slice(0, -100)],
    ['two documents', () => good() + good()],
    ['a duplicate that is not signed', () => good().replace('</xml>', '<total_fee>1</total_fee></xml>')],
    ['nesting', () => good().replace('</xml>', '<attach><a>1</a></attach></xml>')],
    ['10,000 levels', () => '<xml>'.repeat(10_000)],
    ['10,000 fields', () => good().replace('</xml>', `${Array.from({ length: 10_000 }, (_, at) => `<f${at}/>`).join('')}</xml>`)],
    ['tags that do not pair', () => '<a>1</xml>'],
    ['an attribute', () => good().replace('<total_fee>', '<total_fee a="1">')],
    ['__proto__', () => good().replace('</xml>', '<__proto__>1</__proto__></xml>')],
    ['NUL', () => good().replace('Tea', 'T\0a')],
    ['JSON', () => JSON.stringify(signedFields(direct, v2Order(freshNumber())))],
    ['more than 64 KiB', () => good().replace('</xml>', `<x>${'x'.repeat(maxXmlBytes)}</x></xml>`)],
    ['2 MiB', () => good().replace('</xml>', `<x>${'x'.repeat(2 * 1024 * 1024)}</x></xml>`)],
  ])('%s is refused as XML_FORMAT_ERROR', async (_what, body) => {
    for (const path of Object.values(paths)) {
      const { status, fields } = await postXml(sandbox.url, path, body())
      expect([status, fields]).toEqual([200, failed(/XML_FORMAT_ERROR/)])
    }
  })

  test.each<[string, () => Uint8Array]>([
    [
      'GBK',
      () =>
        Buffer.concat([Buffer.from('<xml><body>'), Buffer.from([0xb2, 0xe8]), Buffer.from('</body></xml>')]),
    ],
    ['a declared GBK', () => Buffer.from(`<?xml version="1.0" encoding="GBK"?>${good()}`)],
    ['UTF-16', () => Buffer.from(`\uFEFF${good()}`, 'utf16le')],
  ])('%s is refused as NOT_UTF8', async (_what, body) => {
    expect((await postXml(sandbox.url, paths.unifiedOrder, body())).fields).toEqual(failed(/NOT_UTF8/))
  })

  test('a body that breaks off is no call', async () => {
    const { hostname, port } = new URL(sandbox.url)
    const socket = createConnection({ host: hostname, port: Number(port) })
    const over = new Promise((resolve) => socket.on('close', resolve))
    socket.on('error', () => {})
    socket.end(
      `POST ${paths.unifiedOrder} HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: 100000\r\n\r\n${good()}`,
    )
    socket.resume()
    await over
  })

  test.each(['text/xml', 'application/xml; charset=GBK', 'application/json', 'foo', ';;', ''])(
    'of type "%s" is read all the same',
    async (type) => {
      const body = writeXml(signedFields(direct, { out_trade_no: freshNumber() }))
      const answer = await rawRequest(sandbox.url, {
        path: paths.queryOrder,
        body,
        headers: type === '' ? {} : { 'content-type': type },
      })
      if (answer === 'broken') throw new Error('no answer')
      expect(answer.headers['content-type']).toBe('text/xml; charset=utf-8')
      expect(answer.text).toMatch(/ORDERNOTEXIST/)
    },
  )

  test('whatever Host says: a signature is proof enough', async () => {
    const body = writeXml(signedFields(direct, { out_trade_no: freshNumber() }))
    const headers = { host: 'api.mch.weixin.qq.com' }
    const answer = await rawRequest(sandbox.url, { path: paths.queryOrder, body, headers })
    expect(answer !== 'broken' && answer.text).toMatch(/ORDERNOTEXIST/)
  })

  test.each(['https://evil.example', 'null', 'http://127.0.0.1'])(
    'but not from a web page, Origin %s: the demo key is known to every one of them',
    async (origin) => {
      const body = writeXml(signedFields(direct, { out_trade_no: freshNumber() }))
      const answer = await rawRequest(sandbox.url, { path: paths.queryOrder, body, headers: { origin } })
      expect(answer !== 'broken' && answer.text).toMatch(/FAIL.*Origin/s)
    },
  )
})

test('after all of it the server serves, nothing was written, and no secret is in the log', async () => {
  expect((await fetch(`${sandbox.url}/readyz`)).status).toBe(200)
  expect(await shopOf('direct').queryOrder(freshNumber())).toMatchObject({ err_code: 'ORDERNOTEXIST' })
  const log = sandbox.log()
  const lines = log.split('\n').filter((line) => line.includes('"door":"v2"'))
  expect(lines.length, 'calls that the log tells of').toBeGreaterThan(100)
  expect(log.includes('"outcome":"signError"'), 'the refusals are told').toBe(true)
  expect(log.includes('internal error'), 'a bug was met').toBe(false)
  const keys = Object.values(environments).flatMap(({ provider, merchants = [], secretKey }) => [
    provider.apiKey,
    secretKey,
    ...merchants.map(({ apiKey }) => apiKey),
  ])
  expect(signatures.length, 'signatures to look for').toBeGreaterThan(25)
  for (const secret of [...keys, ...signatures]) {
    if (secret !== undefined && secret !== '')
      expect(log.includes(secret), `the log holds ${secret}`).toBe(false)
  }
})

import { expect, test } from 'vitest'
import { type Evidence, hiding } from '../signature-check.ts'
import { type Authorization, parseAuthorization } from './authorization.ts'
import type { Part } from './multipart.ts'
import { canonicalText, sha256Hex, signatureOf, signingKeys, signRequest, stringToSign } from './tc3.ts'
import { type SignedRequest, verifySigned } from './verify-signed.ts'
import { whyMissigned, whyUntimely } from './why-missigned.ts'

const secretKey = 'SECRETKEYEXAMPLE'
const otherKey = 'a secret key of somebody else'
const apiKey = '192006250b4c09247ec02edce69f6a2d'
const signedAt = 1_699_999_999
const now = new Date((signedAt + 1) * 1000)
const evidence: Evidence = {
  own: { key: secretKey, zh: '环境 tea 的 secretKey', en: 'the secretKey of tea' },
  others: [
    { key: otherKey, zh: '别人的 secretKey', en: "somebody else's secretKey" },
    { key: apiKey, zh: 'v2 的 apiKey', en: "v2's apiKey" },
  ],
  hide: hiding([secretKey, otherKey, apiKey]),
  keepsBodies: true,
}

const text = (name: string, value: string): Part => ({ name, kind: 'text', bytes: Buffer.from(value) })
const bytes = (name: string, value: string): Part => ({ name, kind: 'bytes', bytes: Buffer.from(value) })
const shop = {
  host: '127.0.0.1:8688',
  path: '/admin',
  query: 'env=demo-env&seqId=1_1',
  headers: {
    'content-type': 'multipart/form-data; boundary=b',
    'user-agent': 'tcb-node-sdk/3.17.2',
    'x-client-timestamp': `${signedAt}123`,
  } as Record<string, string> & { 'content-type': string },
  parts: [
    text('action', 'wx.wxPayApi'),
    text('apiName', 'closeOrder'),
    bytes('requestData', '{"out_trade_no":"TEA-0001"}'),
    text('envName', 'demo-env'),
  ],
}
type Shop = typeof shop

const parsed = (header: string): Authorization => {
  const authorization = parseAuthorization(header)
  if ('refused' in authorization) throw new Error(authorization.text.en)
  return authorization
}

/** As it arrives at `shop`; signed by the SDK as the client saw it. */
function arrives(
  signed: Partial<Shop>,
  key = secretKey,
  changes: Partial<SignedRequest> = {},
): SignedRequest {
  const sent = signRequest({ ...shop, ...signed }, { secretId: 'AKIDEXAMPLE', secretKey: key }, signedAt)
  const arrived = { ...sent, ...shop.headers, host: shop.host }
  const { path, query, parts } = shop
  const authorization = parsed(sent.authorization)
  return {
    method: 'POST',
    path,
    query,
    parts,
    headers: arrived,
    authorization,
    mustCover: ['action', 'apiname', 'requestdata'],
    ...changes,
  }
}

const payload =
  '&action=wx.wxPayApi\r\n&apiname=closeOrder\r\n&envname=demo-env\r\n&requestdata={"out_trade_no":"TEA-0001"}\r\n'
interface ByHand {
  readonly method: string
  readonly url: string
  readonly contentType: string
  readonly payload: string
  readonly timestamp: string
  readonly date: string
}
/** Signed by hand, with a mistake that the SDK cannot make. */
function byHand(mistake: Partial<ByHand>, agent = 'by-hand/1.0 (Tea)'): SignedRequest {
  const request = arrives({}, secretKey)
  const right: ByHand = {
    method: 'POST',
    url: `//${shop.host}/admin`,
    contentType: 'multipart/form-data',
    payload,
    timestamp: `${signedAt}`,
    date: '2023-11-14',
  }
  const { method, url, contentType, timestamp, date, payload: hashed } = { ...right, ...mistake }
  const canonical = canonicalText({
    method,
    signedUrl: url,
    query: shop.query,
    headers: [
      ['content-type', contentType],
      ['host', shop.host],
      ['user-agent', agent.toLowerCase()],
    ],
    payloadHash: sha256Hex(hashed),
  })
  const { kSigning } = signingKeys(secretKey, date)
  const signature = signatureOf(kSigning, stringToSign(timestamp, date, canonical)).toString('hex')
  const signedHeaders = ['content-type', 'host', 'user-agent']
  return {
    ...request,
    headers: { ...request.headers, 'user-agent': agent },
    authorization: { ...request.authorization, signedHeaders, signature },
  }
}

test('what is signed by hand without a mistake is verified: the mistakes below are the only ones', () => {
  expect(verifySigned(byHand({}), secretKey, now)).toHaveProperty('verified')
  expect(verifySigned(arrives({}), secretKey, now)).toHaveProperty('verified')
})

const withoutBody = shop.parts.filter(({ name }) => name !== 'requestData')
const signedParams = ['action', 'apiname', 'envname', 'requestdata']
const lists = (request: SignedRequest): SignedRequest => ({
  ...request,
  authorization: { ...request.authorization, signedParams },
})

test.each<[mistake: string, part: string, request: SignedRequest]>([
  ['the key of somebody else', 'key', arrives({}, otherKey)],
  ['the key of v2', 'key', arrives({}, apiKey)],
  ['a line break after the key', 'key', arrives({}, `${secretKey}\n`)],
  ['the key in its quotes', 'key', arrives({}, `"${secretKey}"`)],
  ['localhost for 127.0.0.1', 'host', arrives({ host: 'localhost:8688' })],
  ['a host without its port', 'host', arrives({ host: '127.0.0.1' })],
  ['/ for /admin', 'path', arrives({ path: '/' })],
  ['no path for /admin', 'path', arrives({ path: '' })],
  ['a slash too many', 'path', arrives({ path: '/admin/' })],
  ['no query', 'query', arrives({ query: '' })],
  ['a parameter added on the way', 'query', arrives({ query: 'env=demo-env' })],
  ['a URL with its scheme', 'url', byHand({ url: `http://${shop.host}/admin` })],
  [
    'the content type with its boundary',
    'content-type',
    byHand({ contentType: 'multipart/form-data; boundary=b' }),
  ],
  ['a field that was not there', 'requestData', lists(arrives({ parts: withoutBody }))],
  ['a text that was not trimmed', 'fields', arrives({}, secretKey, byHandUntrimmed())],
  [
    'names in their case',
    'fields',
    byHand({
      payload: payload
        .replace('apiname', 'apiName')
        .replace('envname', 'envName')
        .replace('requestdata', 'requestData'),
    }),
  ],
  ['the date of tomorrow', 'date', byHand({ date: '2023-11-15' })],
  ['milliseconds', 'timestamp', byHand({ timestamp: `${signedAt}000` })],
  ['milliseconds of the SDK’s own', 'timestamp', byHand({ timestamp: `${signedAt}123` })],
  ['the time taken twice', 'timestamp', byHand({ timestamp: `${signedAt + 1}` })],
  ['a value changed on the way', 'unknown', arrives({ parts: [...withoutBody, bytes('requestData', '{}')] })],
  ['a key that nobody has', 'unknown', arrives({}, 'nobody has it')],
])('%s: %s', (_mistake, part, request) => {
  expect(verifySigned(request, secretKey, now)).toMatchObject({ refused: 'signature-mismatch' })
  const check = whyMissigned(request, evidence)
  expect(check).toMatchObject({
    part,
    canonical: expect.stringContaining(`//${shop.host}/admin\n${shop.query}\n`),
  })
  for (const secret of [secretKey, otherKey, apiKey, request.authorization.signature])
    expect(JSON.stringify(check)).not.toContain(secret)
  expect(check.zh).toMatch(/\p{Script=Han}/u)
  expect(check.en).not.toMatch(/\p{Script=Han}/u)
})

/** A blank around a text is sent, and was signed with it. */
function byHandUntrimmed(): Partial<SignedRequest> {
  const { authorization, headers } = byHand({ payload: payload.replace('closeOrder', ' closeOrder') })
  const parts = shop.parts.map((part) => (part.name === 'apiName' ? text('apiName', ' closeOrder') : part))
  return { authorization, headers, parts }
}

test('both sides are shown, one beside the other', () => {
  const { canonical, signed } = whyMissigned(arrives({ path: '/' }), evidence)
  const lines = canonical.split('\n')
  const other = signed?.split('\n') ?? []
  expect(lines.filter((line, at) => line !== other[at])).toEqual([
    expect.stringMatching(/^[0-9a-f]{64}$/),
    `//${shop.host}/admin`,
  ])
  expect(other).toContain(`//${shop.host}/`)
})

test('a server behind a name of its own learns from the proxy which one was signed', () => {
  const request = arrives({ host: 'pay.example.com' })
  const headers = { ...request.headers, 'x-forwarded-host': 'pay.example.com, inner' }
  expect(whyMissigned({ ...request, headers }, evidence)).toMatchObject({
    part: 'host',
    en: expect.stringContaining('pay.example.com'),
  })
})

test('tokens, cookies and signatures are not shown, bodies where they are kept', () => {
  const parts = [...shop.parts, text('wxCloudApiToken', 'token-of-a-user')]
  const request = arrives({ parts }, 'nobody has it', { parts })
  const asked: SignedRequest = {
    ...request,
    query: `${shop.query}&access_token=token-of-an-app&of=${otherKey}`,
    parts: parts.with(2, bytes('requestData', `{"attach":"${otherKey}","paySign": "F00BA4"}`)),
    headers: { ...request.headers, cookie: 'session=token-of-a-page' },
    authorization: {
      ...request.authorization,
      signedHeaders: [...request.authorization.signedHeaders, 'authorization', 'cookie'],
    },
  }
  const { canonical } = whyMissigned(asked, evidence)
  expect(canonical).not.toMatch(/token-of|F00BA4|Signature=|TC3-HMAC-SHA256 Credential/i)
  expect(canonical).not.toContain(otherKey)
  expect(canonical).toContain('&requestdata={"attach":"***","paySign": "***"}')
  expect(whyMissigned(asked, { ...evidence, keepsBodies: false }).canonical).toContain('&requestdata=***')
})

test('of a wrong time both times are shown; of other faults nothing is said', () => {
  const request = arrives({})
  const at = (timestamp: string) => ({
    ...request,
    headers: { ...request.headers, 'x-timestamp': timestamp },
  })
  const why = (asked: SignedRequest) => {
    const fault = verifySigned(asked, secretKey, now)
    return 'refused' in fault ? whyUntimely(asked, fault, evidence) : undefined
  }
  expect(why(at(`${signedAt}000`))).toMatchObject({
    part: 'timestamp',
    en: expect.stringContaining('milliseconds'),
    canonical: expect.stringContaining(`\n${signedAt}\n`),
    signed: expect.stringContaining(`\n${signedAt}000\n`),
  })
  expect(why(at(`${signedAt - 86_400}`))).toMatchObject({ part: 'date' })
  expect(why(at(`${signedAt - 3_600}`))).toMatchObject({ part: 'timestamp' })
  expect(why(at('a key in the wrong place'))).toBeUndefined()
  expect(why(arrives({}, secretKey, { mustCover: ['nothing'] }))).toBeUndefined()
})

test('a body too large to be hashed again and again is compared by everything else', () => {
  const parts = shop.parts.with(2, bytes('requestData', 'x'.repeat(1_000_000)))
  const check = whyMissigned(arrives({ parts, path: '/' }, secretKey, { parts }), evidence)
  expect(check.part).toBe('path')
  expect(check.canonical.length).toBeLessThan(7_000)
  expect(check.canonical).toContain('…(1000000)')
})

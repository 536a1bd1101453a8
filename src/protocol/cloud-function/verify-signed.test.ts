import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAuthorization } from './authorization.ts'
import type { Part } from './multipart.ts'
import { signRequest } from './tc3.ts'
import { type SignedRequest, verifySigned } from './verify-signed.ts'

const secretKey = 'SECRETKEYEXAMPLE'
const credentials = { secretId: 'AKIDEXAMPLE', secretKey }
const signedAt = 1_699_999_999
const at = (seconds: number) => new Date(seconds * 1000)
const now = at(signedAt + 1)

const text = (name: string, value: string): Part => ({ name, kind: 'text', bytes: Buffer.from(value) })
const bytes = (name: string, value: string): Part => ({ name, kind: 'bytes', bytes: Buffer.from(value) })

const closeOrder = [
  text('action', 'wx.wxPayApi'),
  text('apiName', 'closeOrder'),
  bytes('apiOptions', ''),
  bytes('requestData', '{"out_trade_no":"TEA-0001"}'),
  text('envName', 'demo-env'),
  text('wxCloudApiToken', ''),
]
const headers = {
  'content-type': 'multipart/form-data; boundary=b',
  'user-agent': 'tcb-node-sdk/3.17.2',
  'x-sdk-version': 'wx-server-sdk/4.0.2',
}
const shop = {
  host: '127.0.0.1:8688',
  path: '/admin',
  query: 'env=demo-env&seqId=1_1',
  headers,
  parts: closeOrder,
}

/** What arrives: signed as the client saw its request, changed on the way as the test says. */
const arrives = (
  changes: Partial<SignedRequest> = {},
  signed: Partial<typeof shop> = {},
  time = signedAt,
): SignedRequest => {
  const request = { ...shop, ...signed }
  const sent = signRequest(request, credentials, time)
  const authorization = parseAuthorization(sent.authorization)
  if ('refused' in authorization) throw new Error(authorization.text.en)
  const { path, query, parts } = request
  const mustCover = ['action', 'apiname', 'requestdata']
  return { method: 'POST', path, query, headers: sent, parts, authorization, mustCover, ...changes }
}
const refusedAs = (refused: string) => ({ refused, text: { zh: expect.any(String), en: expect.any(String) } })

test('a request of the key holder is verified, and its signed fields handed out trimmed', () => {
  const parts = closeOrder.with(1, text('apiName', ' closeOrder\t'))
  const answer = verifySigned(arrives({}, { parts }), secretKey, now)
  if ('refused' in answer) throw new Error(answer.text.en)
  expect(Object.fromEntries([...answer.fields].map(([name, part]) => [name, part.bytes.toString()]))).toEqual(
    {
      action: 'wx.wxPayApi',
      apiname: 'closeOrder',
      apioptions: '',
      envname: 'demo-env',
      requestdata: '{"out_trade_no":"TEA-0001"}',
    },
  )
})

test('fields that are not signed are out of reach', () => {
  const parts = [...closeOrder, text('sessionToken', 'forged'), text('__proto__', 'forged')]
  const answer = verifySigned(arrives({ parts }), secretKey, now)
  expect('verified' in answer && [...answer.fields.keys()]).toEqual([
    'action',
    'apiname',
    'apioptions',
    'envname',
    'requestdata',
  ])
})

test.each([
  ['/', ''],
  ['/', '/'],
  ['/admin', '/admin'],
])('a request for wire path %s signed with path "%s" is verified', (path, signedPath) => {
  expect(verifySigned(arrives({ path }, { path: signedPath }), secretKey, now)).toMatchObject({
    verified: true,
  })
})

test('the signature holds for 600 seconds before and after, to the millisecond', () => {
  for (const side of [-1, 1]) {
    const edge = signedAt * 1000 + side * 600_000
    expect(verifySigned(arrives(), secretKey, new Date(edge))).toMatchObject({ verified: true })
    expect(verifySigned(arrives(), secretKey, new Date(edge + side))).toEqual(
      refusedAs('timestamp-outside-window'),
    )
  }
})

test.each([
  ['60', 60],
  ['0', 0],
  ['601', 600],
  ['99999', 600],
  ['-1', 600],
  ['1e1', 600],
  ['', 600],
])('X-Signature-Expires "%s" leaves a window of %i seconds', (expires, window) => {
  const request = arrives()
  const narrowed = { ...request, headers: { ...request.headers, 'x-signature-expires': expires } }
  expect(verifySigned(narrowed, secretKey, at(signedAt + window))).toMatchObject({ verified: true })
  expect(verifySigned(narrowed, secretKey, at(signedAt + window + 1))).toEqual(
    refusedAs('timestamp-outside-window'),
  )
})

test('a request outside the window is told both times', () => {
  const answer = verifySigned(arrives(), secretKey, at(signedAt + 3600))
  for (const language of ['zh', 'en'] as const)
    expect('refused' in answer && answer.text[language]).toMatch(
      /2023-11-14T22:13:19.000Z.*2023-11-14T23:13:19.000Z/,
    )
})

const authorizationOf = (changes: Partial<SignedRequest['authorization']>) =>
  arrives({ authorization: { ...arrives().authorization, ...changes } })
const withHeader = (name: string, value: string | string[] | undefined) =>
  arrives({ headers: { ...arrives().headers, [name]: value } })
const { signedParams, signedHeaders } = arrives().authorization
const unsigned = (name: string) =>
  authorizationOf({
    signedParams: signedParams.filter((each) => each !== name),
    signedHeaders: signedHeaders.filter((each) => each !== name),
  })
const withPart = (place: number, part: Part) => arrives({}, { parts: closeOrder.with(place, part) })

test.each<[string, string, SignedRequest]>([
  ['GET', 'wrong-method', arrives({ method: 'GET' })],
  ['no X-Timestamp', 'malformed-timestamp', withHeader('x-timestamp', undefined)],
  ['X-Timestamp in words', 'malformed-timestamp', withHeader('x-timestamp', '1e9')],
  ['X-Timestamp with a zero in front', 'malformed-timestamp', withHeader('x-timestamp', `0${signedAt}`)],
  ['X-Timestamp in ms', 'malformed-timestamp', withHeader('x-timestamp', `${signedAt}000`)],
  ['another date', 'wrong-date', authorizationOf({ date: '2023-11-15' })],
  ['action not signed', 'required-not-signed', unsigned('action')],
  ['apiName not signed', 'required-not-signed', unsigned('apiname')],
  ['no data signed', 'required-not-signed', unsigned('requestdata')],
  ['envName not signed', 'required-not-signed', unsigned('envname')],
  ['host not signed', 'required-not-signed', unsigned('host')],
  ['no type signed', 'required-not-signed', unsigned('content-type')],
  ['a signed header gone', 'signed-header-absent', withHeader('user-agent', undefined)],
  ['a signed header as a list', 'signed-header-absent', withHeader('user-agent', ['a', 'b'])],
  [
    'constructor as header',
    'signed-header-absent',
    authorizationOf({ signedHeaders: [...signedHeaders, 'constructor'] }),
  ],
  ['a line break in action', 'line-break', withPart(0, text('action', 'a\r\nb'))],
  ['a line break after apiName', 'line-break', withPart(1, text('apiName', 'closeOrder\n'))],
  ['a line break in envName', 'line-break', withPart(4, text('envName', 'a\rb'))],
  ['a line break in the query', 'line-break', arrives({ query: 'a\nb' })],
  ['a line break in a header', 'line-break', withHeader('user-agent', 'a\nb')],
  ['CR LF & in data', 'ambiguous-value', withPart(3, bytes('requestData', '1\r\n&a='))],
  ['another query', 'signature-mismatch', arrives({ query: 'env=demo-env' })],
  ['a forged empty signature', 'signature-mismatch', authorizationOf({ signature: '' })],
])('%s is refused: %s', (_what, refused, request) => {
  const answer = verifySigned(request, secretKey, now)
  expect(answer).toEqual(refusedAs(refused))
  expect(JSON.stringify(answer)).not.toContain(secretKey)
  expect(JSON.stringify(answer)).not.toContain(arrives().authorization.signature)
})

test('an id that nobody has is refused by name, whatever it is signed with', () => {
  expect(verifySigned(arrives(), undefined, now)).toEqual(refusedAs('unknown-secret-id'))
})

test('an empty envName need not be signed', () => {
  const parts = closeOrder.with(4, text('envName', ' '))
  expect(verifySigned(arrives({}, { parts }), secretKey, now)).toMatchObject({ verified: true })
})

test('a mismatch names the URL as the server saw it, cut short and without control characters', () => {
  const answer = verifySigned(arrives({ path: `/\u001b[31m${'x'.repeat(5000)}` }), secretKey, now)
  const told = 'refused' in answer ? answer.text.en : ''
  expect(told).toContain('"127.0.0.1:8688/?[31mxxx')
  expect(told.length).toBeLessThan(400)
})

const token = fc.stringMatching(/^[!-~]{1,30}$/)
const asked = fc
  .record({
    apiName: token,
    json: fc.json(),
    envName: token,
    more: fc.uniqueArray(fc.tuple(fc.stringMatching(/^x[a-z0-9_]{0,10}$/), fc.string()), {
      selector: ([name]) => name,
    }),
    path: fc.stringMatching(/^(\/[!-">-~]{0,9}){1,3}$/),
    query: fc.stringMatching(/^[!-~]{1,30}$/),
    agent: fc.stringMatching(/^[!-~]{1,30}$/),
    time: fc.integer({ min: 0, max: 4_000_000_000 }),
  })
  .map(({ apiName, json, envName, more, path, query, agent, time }) => {
    const parts = [
      text('action', 'wx.wxPayApi'),
      text('apiName', apiName),
      bytes('requestData', json),
      text('envName', envName),
      ...more.map(([name, value]) => text(name, value)),
    ]
    return { time, signed: { path, query, headers: { ...headers, 'user-agent': agent }, parts } }
  })

test('whatever the key holder signs is verified', () => {
  fc.assert(
    fc.property(asked, ({ time, signed }) => {
      const request = arrives({ method: time % 2 ? 'POST' : 'post' }, signed, time)
      expect(verifySigned(request, secretKey, at(time))).toMatchObject({ verified: true })
    }),
  )
})

/** One byte of `value` made another one; in ASCII, so that the change survives as text, and neither case nor blank. */
const altered = (value: string, where: number) => {
  const at = where % value.length
  return `${value.slice(0, at)}${value[at] === '~' ? '#' : '~'}${value.slice(at + 1)}`
}
type Change = (request: SignedRequest, where: number) => SignedRequest
const partChange =
  (put: (part: Part, where: number) => Partial<Part>): Change =>
  (request, where) => {
    const parts = request.parts.map((part, i) =>
      i === where % 4 ? { ...part, ...put(part, where >> 2) } : part,
    )
    return { ...request, parts }
  }
const headerChange =
  (name: string, put: (value: string, where: number) => string): Change =>
  (request, where) => {
    const value = put(`${request.headers[name]}`, where)
    return { ...request, headers: { ...request.headers, [name]: value } }
  }
const changes: readonly Change[] = [
  partChange((part, where) => ({ bytes: Buffer.from(altered(part.bytes.toString(), where)) })),
  partChange((part, where) => ({ name: altered(part.name, where) })),
  (request, where) => ({ ...request, query: altered(request.query, where) }),
  (request, where) => ({ ...request, path: `/${altered(`${request.path}x`, where)}` }),
  headerChange('user-agent', altered),
  headerChange('host', altered),
  headerChange('content-type', () => 'application/json'),
]

test('a change of one byte in anything signed is refused', () => {
  fc.assert(
    fc.property(asked, fc.constantFrom(...changes), fc.nat(), ({ time, signed }, change, where) => {
      const answer = verifySigned(change(arrives({}, signed, time), where), secretKey, at(time))
      expect(answer).toEqual(refusedAs('signature-mismatch'))
    }),
    { numRuns: 500 },
  )
})

test('another second, another key, or another signature is refused', () => {
  fc.assert(
    fc.property(asked, fc.integer({ min: 1, max: 255 }), fc.nat(31), ({ time, signed }, flip, place) => {
      const request = arrives({}, signed, time)
      const late = { ...request, headers: { ...request.headers, 'x-timestamp': `${time + 1}` } }
      const forged = Buffer.from(request.authorization.signature, 'hex')
      forged[place] = (forged[place] ?? 0) ^ flip
      const authorization = { ...request.authorization, signature: forged.toString('hex') }
      expect(verifySigned(late, secretKey, at(time))).toMatchObject({
        refused: time % 86_400 === 86_399 ? 'wrong-date' : 'signature-mismatch',
      })
      expect(verifySigned(request, `${secretKey}x`, at(time))).toEqual(refusedAs('signature-mismatch'))
      expect(verifySigned({ ...request, authorization }, secretKey, at(time))).toEqual(
        refusedAs('signature-mismatch'),
      )
    }),
  )
})

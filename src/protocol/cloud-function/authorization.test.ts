import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAuthorization } from './authorization.ts'

const signature = '48e98fc6025de98661464a09f309657defbf691c153d124c9dee04e08a0774a7'
const header = ({
  algorithm = 'TC3-HMAC-SHA256',
  credential = 'AKIDEXAMPLE/2023-11-14/tcb/tc3_request',
  params = 'action;apiname',
  headers = 'content-type;host',
  signed = signature,
} = {}) =>
  `${algorithm} Credential=${credential}, SignedParams=${params}, SignedHeaders=${headers}, Signature=${signed}`

test('the header of the SDK is read', () => {
  expect(parseAuthorization(header())).toEqual({
    secretId: 'AKIDEXAMPLE',
    date: '2023-11-14',
    signedParams: ['action', 'apiname'],
    signedHeaders: ['content-type', 'host'],
    signature,
  })
})

test('lists may be empty, and a SecretId may hold any printable character but / , ;', () => {
  const credential = 'a0=:.+-_~!/2023-11-14/tcb/tc3_request'
  expect(parseAuthorization(header({ params: '', credential }))).toMatchObject({
    signedParams: [],
    secretId: 'a0=:.+-_~!',
  })
})

const many = (count: number) => Array.from({ length: count }, (_, i) => `n${i}`).join(';')

test('64 names of 64 characters are taken', () => {
  const names = Array.from({ length: 64 }, (_, i) => `${i}`.padStart(64, 'n'))
  expect(parseAuthorization(header({ params: names.join(';') }))).toMatchObject({ signedParams: names })
})

test.each<[string, string | undefined, string]>([
  ['no header', undefined, 'missing-authorization'],
  ['an empty header', '', 'missing-authorization'],
  ['a bearer token', 'Bearer abc', 'malformed-authorization'],
  ['another algorithm', header({ algorithm: 'TC3-HMAC-SM3' }), 'malformed-authorization'],
  ['a header over 8 KiB', header({ signed: 'a'.repeat(8192) }), 'malformed-authorization'],
  ['an item twice', `${header()}, Signature=${signature}`, 'malformed-authorization'],
  ['an unknown item', `${header()}, Extra=1`, 'malformed-authorization'],
  ['no SignedParams', header().replace(' SignedParams=action;apiname,', ''), 'malformed-authorization'],
  ['65 names', header({ params: many(65) }), 'malformed-authorization'],
  ['a name twice', header({ headers: 'host;host' }), 'malformed-authorization'],
  ['a name of 65 characters', header({ params: 'n'.repeat(65) }), 'malformed-authorization'],
  ['an upper-case name', header({ params: 'apiName' }), 'malformed-authorization'],
  ['a name with a blank', header({ headers: 'host; date' }), 'malformed-authorization'],
  ['an empty name', header({ headers: 'host;' }), 'malformed-authorization'],
  ['a short signature', header({ signed: 'ab' }), 'malformed-authorization'],
  ['an upper-case signature', header({ signed: signature.toUpperCase() }), 'malformed-authorization'],
  ['no SecretId', header({ credential: '/2023-11-14/tcb/tc3_request' }), 'malformed-authorization'],
  ['a SecretId with ;', header({ credential: 'a;b/2023-11-14/tcb/tc3_request' }), 'malformed-authorization'],
  [
    'a SecretId of 129',
    header({ credential: `${'a'.repeat(129)}/2023-11-14/tcb/tc3_request` }),
    'malformed-authorization',
  ],
  ['another date form', header({ credential: 'a/20231114/tcb/tc3_request' }), 'malformed-authorization'],
  ['another service', header({ credential: 'a/2023-11-14/cvm/tc3_request' }), 'wrong-scope'],
  ['a longer scope', header({ credential: 'a/2023-11-14/tcb/tc3_request/x' }), 'wrong-scope'],
])('%s is refused', (_what, sent, refused) => {
  const answer = parseAuthorization(sent)
  expect(answer).toEqual({ refused, text: { zh: expect.any(String), en: expect.any(String) } })
  expect(JSON.stringify(answer)).not.toContain(signature)
})

test('whatever the header, the answer is read or refused, and its text stays short', () => {
  const sent = fc.oneof(
    fc.string({ maxLength: 300 }),
    fc.string({ maxLength: 300 }).map((tail) => `TC3-HMAC-SHA256 ${tail}`),
    fc
      .record({ credential: fc.string(), params: fc.string(), headers: fc.string(), signed: fc.string() })
      .map(header),
    fc
      .string({ minLength: 200, maxLength: 4000 })
      .map((scope) => header({ credential: `a/2023-11-14/${scope}` })),
  )
  fc.assert(
    fc.property(sent, (text) => {
      const answer = parseAuthorization(text)
      if ('refused' in answer) expect(answer.text.en.length).toBeLessThan(400)
      else expect(answer.signature).toMatch(/^[0-9a-f]{64}$/)
    }),
    { numRuns: 500 },
  )
})

import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type SignType, sign } from '../sign.ts'
import { type Evidence, hiding } from '../signature-check.ts'
import { gbkOf } from './gbk.ts'
import { whyMissigned } from './why-missigned.ts'

const key = '192006250b4c09247ec02edce69f6a2d'
const otherKey = '2ab9071b06b9f739b950ddb41db2690d'
const evidence: Evidence = {
  own: { key, zh: '商户的 apiKey', en: "the merchant's apiKey" },
  others: [{ key: otherKey, zh: '别人的 apiKey', en: "somebody else's apiKey" }],
  hide: hiding([key, otherKey]),
  keepsBodies: true,
}

type Fields = Readonly<Record<string, string>>
const order: Fields = {
  out_trade_no: 'TEA-0001',
  appid: 'wxd930ea5d5a258f4f',
  body: 'Tea & <oolong> 茶',
  mch_id: '10000100',
  nonce_str: 'ibuaiVcKdpRxkhJA',
  total_fee: '990',
}
const upperHex = (name: string, text: string | Uint8Array) =>
  createHash(name).update(text).digest('hex').toUpperCase()
const sorted = (fields: Fields) => Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))
const joined = (fields: readonly (readonly [string, string])[]) =>
  fields.map(([name, value]) => `${name}=${value}`).join('&')

const why = (sent: Fields, claimed: string, more: Partial<Evidence> = {}) =>
  whyMissigned(new Map(Object.entries({ ...sent, sign: claimed })), { ...evidence, ...more })
/** Sent as `sent`, signed as the mistake has it. */
const signedAs = (signed: Fields, used = key, type?: SignType) => sign(signed, used, type)
const md5Of = (text: string | Uint8Array) => upperHex('md5', text)

const encoded = (write: (value: string) => string) =>
  Object.fromEntries(Object.entries(order).map(([name, value]) => [name, write(value)]))
const { body: _, ...withoutBody } = order
const text = joined(sorted(order))

test.each<[mistake: string, part: string, sent: Fields, claimed: string]>([
  ['a line break after the key', 'key', order, signedAs(order, `${key}\n`)],
  ['the key in its quotes', 'key', order, signedAs(order, `"${key}"`)],
  ['the key in upper case', 'key', order, signedAs(order, key.toUpperCase())],
  ['the key of somebody else', 'key', order, signedAs(order, otherKey)],
  ['the key without &key=', 'key', order, md5Of(text + key)],
  ['no key at all', 'key', order, md5Of(text)],
  ['the key sorted among the fields', 'key', order, md5Of(joined(sorted({ ...order, key })))],
  ['HMAC where nothing is said', 'sign_type', order, signedAs(order, key, 'HMAC-SHA256')],
  [
    'MD5 where HMAC is said',
    'sign_type',
    { ...order, sign_type: 'HMAC-SHA256' },
    signedAs({ ...order, sign_type: 'HMAC-SHA256' }),
  ],
  ['sign_type not signed', 'sign_type', { ...order, sign_type: 'MD5' }, signedAs(order)],
  ['sign_type not sent', 'sign_type', order, signedAs({ ...order, sign_type: 'MD5' })],
  [
    'a plain hash',
    'algorithm',
    { ...order, sign_type: 'HMAC-SHA256' },
    upperHex('sha256', `${joined(sorted({ ...order, sign_type: 'HMAC-SHA256' }))}&key=${key}`),
  ],
  ['lower-case digits', 'sign', order, signedAs(order).toLowerCase()],
  ['base64', 'sign', order, Buffer.from(signedAs(order), 'hex').toString('base64')],
  ['something else', 'sign', order, 'no signature'],
  [
    'empty fields',
    'empty-fields',
    { ...order, attach: '' },
    md5Of(`${joined(sorted({ ...order, attach: '' }))}&key=${key}`),
  ],
  ['fields not sorted', 'order', order, md5Of(`${joined(Object.entries(order))}&key=${key}`)],
  ['values encoded for a URL', 'encoding', order, signedAs(encoded(encodeURIComponent))],
  ['values escaped for XML', 'encoding', order, signedAs({ ...order, body: 'Tea &amp; &lt;oolong&gt; 茶' })],
  ['values trimmed', 'blanks', { ...order, body: 'tea ' }, signedAs({ ...order, body: 'tea' })],
  ['the whole text in upper case', 'case', order, md5Of(`${text}&key=${key}`.toUpperCase())],
  ['yuan', 'total_fee', order, signedAs({ ...order, total_fee: '9.9' })],
  ['a number with decimals', 'total_fee', order, signedAs({ ...order, total_fee: '990.0' })],
  ['GBK', 'charset', order, md5Of(gbkOf(`${text}&key=${key}`))],
  ['question marks', 'charset', order, signedAs({ ...order, body: 'Tea & <oolong> ?' })],
  ['escapes of JSON', 'charset', order, signedAs({ ...order, body: 'Tea & <oolong> \\u8336' })],
  ['a field left out', 'body', order, signedAs(withoutBody)],
  ['a field changed', 'unknown', order, signedAs({ ...order, body: 'coffee' })],
  ['a key that nobody has', 'unknown', order, signedAs(order, 'x'.repeat(32))],
])('%s: %s', (_mistake, part, sent, claimed) => {
  const check = why(sent, claimed)
  expect(check).toMatchObject({ part, canonical: expect.stringMatching(/&key=\*\*\*$/) })
  for (const secret of [key, key.toUpperCase(), otherKey, claimed])
    expect(JSON.stringify(check)).not.toContain(secret)
  for (const words of [check.zh, check.en]) expect(words.length).toBeLessThan(400)
})

test('the text that was signed is shown beside the one that was expected, where they differ', () => {
  const yuan = why(order, signedAs({ ...order, total_fee: '9.90' }))
  expect(yuan.canonical).toBe(`${text}&key=***`)
  expect(yuan.signed).toBe(`${text.replace('=990', '=9.90')}&key=***`)
  expect(why(order, signedAs(order, otherKey)), 'the same text under another key').not.toHaveProperty(
    'signed',
  )
})

test('what is wrong besides is said as well', () => {
  const claimed = signedAs(withoutBody, key, 'HMAC-SHA256').toLowerCase()
  const check = why(order, claimed)
  expect(check.part).toBe('body')
  expect(check.en).toMatch(/length of HMAC-SHA256.*lower-case/)
})

test('where no bodies are kept only what names the call is shown; keys never are', () => {
  const sent = { ...order, attach: `my ${key}`, device_info: key.toUpperCase(), paySign: 'ABC' }
  const open = why(sent, 'A'.repeat(32)).canonical
  expect(open).toContain('attach=my ***&')
  expect(open).toContain('device_info=***&')
  expect(open).toContain('paySign=***&')
  const closed = why(sent, 'A'.repeat(32), { keepsBodies: false }).canonical
  expect(closed).toContain('body=***&')
  expect(closed).toContain('out_trade_no=TEA-0001&')
})

test('whatever is sent, a check is found in time, storable and without keys', () => {
  const values = fc.oneof(fc.string({ unit: 'binary', maxLength: 50 }), fc.constantFrom('', key, '%', '990'))
  const names = fc.constantFrom('body', 'attach', 'total_fee', 'sign', 'sign_type', 'key', 'a_b', 'toString')
  fc.assert(
    fc.property(fc.dictionary(names, values, { noNullPrototype: true }), (fields) => {
      const check = whyMissigned(new Map(Object.entries(fields)), evidence)
      expect(JSON.stringify(check).toLowerCase()).not.toContain(key)
      expect(check.canonical.length).toBeLessThan(5_000)
    }),
  )
  const large = Object.fromEntries(
    Array.from({ length: 190 }, (_value, at) => [`field_${at}`, '茶'.repeat(330)]),
  )
  const began = performance.now()
  const check = why(large, 'A'.repeat(32))
  expect(check.canonical.length).toBeLessThan(5_000)
  expect(performance.now() - began).toBeLessThan(1_000)
})

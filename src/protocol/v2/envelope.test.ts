import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sign } from '../sign.ts'
import { isSigned, readEnvelope, signTypeOf } from './envelope.ts'
import { flatFields } from './flat-fields.ts'

const key = '192006250b4c09247ec02edce69f6a2d'
/** The official worked example, v2-wire §5. */
const example = {
  appid: 'wxd930ea5d5a258f4f',
  body: 'test',
  device_info: '1000',
  mch_id: '10000100',
  nonce_str: 'ibuaiVcKdpRxkhJA',
}

test('the official worked example is signed, by either algorithm', () => {
  const signed = (value: string) => new Map(Object.entries({ ...example, sign: value }))
  const md5 = '9A0A8659F005D6984697E2CA0A9CF3B7'
  const hmac = '6A9AE1657590FD6257D693A078E1C3E4BB6BA4DC30B23E0EE2496E54170DACD6'
  expect(isSigned(signed(md5), key, 'MD5')).toBe(true)
  expect(isSigned(signed(hmac), key, 'HMAC-SHA256')).toBe(true)
  expect(isSigned(signed(hmac), key, 'MD5')).toBe(false)
  expect(isSigned(signed(''), key, 'MD5')).toBe(false)
  expect(isSigned(new Map(Object.entries(example)), key, 'MD5')).toBe(false)
})

test('a signature covers every field that is not empty, and none that is', () => {
  const name = fc.stringMatching(/^[a-z_]{1,8}$/).filter((found) => found !== 'sign')
  const fields = fc.dictionary(name, fc.string({ maxLength: 5 }), { minKeys: 1, noNullPrototype: true })
  fc.assert(
    fc.property(fields, fc.constantFrom('MD5', 'HMAC-SHA256'), fc.nat(), (asked, type, at) => {
      const signed = new Map(Object.entries({ ...asked, sign: sign(asked, key, type) }))
      expect(isSigned(signed, key, type)).toBe(true)
      const names = Object.keys(asked)
      const changed = names[at % names.length] ?? ''
      expect(isSigned(new Map([...signed, [changed, `${asked[changed]}x`]]), key, type)).toBe(false)
      const without = new Map([...signed].filter(([field]) => field !== changed))
      expect(isSigned(without, key, type)).toBe(asked[changed] === '')
      expect(isSigned(new Map([...signed, ['unheard_of', '']]), key, type)).toBe(true)
    }),
  )
})

test('sign_type is one of two, absent or empty means MD5', () => {
  const typeOf = (value: string) => signTypeOf(new Map([['sign_type', value]]))
  expect(signTypeOf(new Map())).toBe('MD5')
  expect(typeOf('')).toBe('MD5')
  expect(typeOf('MD5')).toBe('MD5')
  expect(typeOf('HMAC-SHA256')).toBe('HMAC-SHA256')
  for (const other of ['md5', 'hmac-sha256', 'SHA256', 'RSA', ' MD5', 'MD5 ', '0']) {
    expect(typeOf(other), other).toBeUndefined()
  }
})

test('what an envelope lacks is named first, then what is malformed', () => {
  const read = (fields: Record<string, string>) => readEnvelope(new Map(Object.entries(fields)))
  const whole = { appid: 'wx1', mch_id: '1', nonce_str: 'n', sign: 's' }
  expect(read({})).toEqual({ lacking: 'appid' })
  expect(read({ ...whole, sign: '' })).toEqual({ lacking: 'sign' })
  expect(read({ ...whole, mch_id: '1'.repeat(33), sign: '' })).toEqual({ lacking: 'sign' })
  expect(read({ ...whole, mch_id: '1'.repeat(33) })).toHaveProperty('problem')
  expect(read({ ...whole, sub_mch_id: '1 2' })).toHaveProperty('problem')
  expect(read({ ...whole, sub_mch_id: '' })).toEqual({
    envelope: { appid: 'wx1', mchId: '1', subMchId: undefined, subAppid: undefined },
  })
})

test('lists become numbered names, structures and characters that XML cannot hold go', () => {
  expect(
    flatFields({
      total_fee: 1,
      attach: 'a\u0001b\ud83c\r\n🍵',
      coupon_id_list: ['10', '11'],
      coupon_type_list: [],
      payment: { appId: 'wx1' },
    }),
  ).toEqual({ total_fee: 1, attach: 'a\uFFFDb\uFFFD\r\n🍵', coupon_id_0: '10', coupon_id_1: '11' })
})

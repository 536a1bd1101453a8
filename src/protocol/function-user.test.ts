import fc from 'fast-check'
import { expect, test } from 'vitest'
import { functionUserToken, readFunctionUser } from './function-user.ts'

const encoded = (content: string) => `ocp1.${Buffer.from(content).toString('base64url')}`

test.each([
  { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o', appid: 'wx8888888888888888' },
  { openid: 'o1' },
  { appid: 'wx8888888888888888' },
  {},
  { openid: 'o'.repeat(128), appid: 'w'.repeat(32), depth: 8 },
])('the user %j arrives as it was sent', (user) => {
  const token = functionUserToken(user)
  expect(token).toMatch(/^ocp1\.[\w-]+$/)
  expect(readFunctionUser(token)).toEqual(user)
})

test.each([
  ['nothing', ''],
  ['a token of the platform', 'AAABBBccc.dddEEE'],
  ['the mark alone', 'ocp1.'],
  ['another version', encoded('{}').replace('ocp1', 'ocp2')],
  ['no base64url', 'ocp1.{}'],
  ['base64url with something between', encoded('{"openid":"o1"}').replace('ocp1.', 'ocp1. ')],
  ['no JSON', encoded('{openid}')],
  ['broken UTF-8', `ocp1.${Buffer.from([0x22, 0xff, 0x22]).toString('base64url')}`],
  ['no object', encoded('["o1"]')],
  ['null', encoded('null')],
  ['an openid that is no text', encoded('{"openid":1}')],
  ['an empty openid', encoded('{"openid":""}')],
  ['an openid that is too long', encoded(`{"openid":"${'o'.repeat(129)}"}`)],
  ['an appid that is too long', encoded(`{"appid":"${'w'.repeat(33)}"}`)],
  ['a depth beyond the last', encoded('{"openid":"o1","depth":9}')],
  ['NUL', encoded('{"openid":"o\\u0000"}')],
  ['more than 512 characters', encoded(`{"openid":"o1","more":"${'m'.repeat(400)}"}`)],
])('%s names no user', (_what, token) => {
  expect(readFunctionUser(token)).toBeUndefined()
})

test('what a later version adds is passed over', () => {
  expect(readFunctionUser(encoded('{"openid":"o1","unionid":"u1"}'))).toEqual({ openid: 'o1' })
})

test('no text whatever makes it throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string().map(encoded), fc.json().map(encoded)), (token) => {
      const user = readFunctionUser(token)
      if (user !== undefined) expect(readFunctionUser(functionUserToken(user))).toEqual(user)
    }),
  )
})

import { expect, test } from 'vitest'
import { demoEnvironment } from './demo-environment.ts'
import { parseEnvironmentFile } from './environment-file.ts'
import { refuseOpenDoors } from './exposure.ts'

const own = { ...demoEnvironment, secretKey: 'our-own-secret', merchants: [] }
const environment = (envId: string, more: object = {}) => ({
  ...own,
  envId,
  secretId: `AKID${envId}`,
  ...more,
})
const parse = (...environments: object[]) =>
  parseEnvironmentFile('/cloudpay.json', JSON.stringify({ environments }))

test('a door token is 16 visible characters at least, and no two environments have the same', () => {
  const [first] = parse(environment('a', { doorToken: '0123456789abcdef' }))
  expect(first?.doorToken).toBe('0123456789abcdef')
  expect(() => parse(environment('a', { doorToken: '0123456789abcde' }))).toThrow(/doorToken/)
  expect(() => parse(environment('a', { doorToken: '0123456789 abcdef' }))).toThrow(/doorToken/)
  const twice = () =>
    parse(
      environment('a', { doorToken: '0123456789abcdef' }),
      environment('b', { doorToken: '0123456789abcdef' }),
    )
  expect(twice).toThrow(/environments\[1\]\.doorToken/)
  expect(twice, 'a token is a secret').not.toThrow(/0123456789abcdef/)
  expect(parse(environment('a'), environment('b')), 'none is needed').toHaveLength(2)
})

test('a merchant may have a key of its own, of 32 characters', () => {
  const merchant = { subMchId: '1900000109', apiKey: 'k'.repeat(32) }
  expect(parse(environment('a', { merchants: [merchant] }))[0]?.merchants).toEqual([merchant])
  expect(() => parse(environment('a', { merchants: [{ ...merchant, apiKey: 'k'.repeat(31) }] }))).toThrow(
    /merchants\[0\]\.apiKey/,
  )
})

test("a merchant with the demo's key is refused on an address open to others, as its provider is", () => {
  const provider = { ...own.provider, apiKey: 'k'.repeat(32) }
  const token = 'an-administrators-token'
  const safe = parse(environment('a', { provider }))
  expect(() => refuseOpenDoors('0.0.0.0', token, safe)).not.toThrow()
  const merchants = demoEnvironment.merchants
  expect(() => refuseOpenDoors('0.0.0.0', token, parse(environment('a', { provider, merchants })))).toThrow()
})

test('a merchant that is listed twice is refused with its place', () => {
  const merchants = [{ subMchId: '1900000109' }, { subMchId: '1900000110' }, { subMchId: '1900000109' }]
  expect(() => parse(environment('a', { merchants }))).toThrow(/environments\[0\]\.merchants\[2\]\.subMchId/)
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { maxNesting, toWireNames, wireName } from './names.ts'

test.each([
  ['subMchId', 'sub_mch_id'],
  ['SubMchId', 'sub_mch_id'],
  ['URLPath', 'u_r_l_path'],
  ['couponFee0', 'coupon_fee0'],
  ['couponFee_$0', 'coupon_fee_$0'],
  ['out_trade_no', 'out_trade_no'],
  ['constructor', 'constructor'],
  ['', ''],
])('%s is %s on the wire', (caller, wire) => {
  expect(wireName(caller)).toBe(wire)
})

test('keys change through objects and arrays, values never do', () => {
  const when = new Date(0)
  const asked = {
    subMchId: '1900000109',
    sceneInfo: '{"storeInfo":1}',
    a: [{ bC: ['dE', null, [{ fG: when }]] }],
  }
  expect(toWireNames(asked)).toEqual({
    named: {
      sub_mch_id: '1900000109',
      scene_info: '{"storeInfo":1}',
      a: [{ b_c: ['dE', null, [{ f_g: when }]] }],
    },
  })
})

test('the camelCase value wins when both spellings are given, whatever the order', () => {
  const named = { out_trade_no: 'camel' }
  expect(toWireNames({ outTradeNo: 'camel', out_trade_no: 'snake' })).toEqual({ named })
  expect(toWireNames({ out_trade_no: 'snake', outTradeNo: 'camel' })).toEqual({ named })
})

test.each([null, 'outTradeNo', 5, true, undefined])('%j is no object and stays as it is', (value) => {
  expect(toWireNames(value)).toEqual({ named: value })
})

test('__proto__ and constructor are keys like others and reach no prototype', () => {
  const hostile: unknown = JSON.parse('{"__proto__":{"isPaid":1},"constructor":{"prototype":{"isPaid":1}}}')
  const { named } = toWireNames(hostile) as { named: object }
  expect(Object.getPrototypeOf(named)).toBe(Object.prototype)
  expect(Object.keys(named)).toEqual(['__proto__', 'constructor'])
  expect(JSON.stringify(named)).toBe('{"__proto__":{"is_paid":1},"constructor":{"prototype":{"is_paid":1}}}')
  expect('is_paid' in {} || 'isPaid' in {}).toBe(false)
})

const nested = (levels: number, inner: (deeper: unknown) => unknown): unknown =>
  levels === 0 ? 'end' : inner(nested(levels - 1, inner))

test.each([
  ['objects', (deeper: unknown) => ({ deeper })],
  ['arrays', (deeper: unknown) => [deeper]],
])('%s nest sixteen levels deep and no deeper', (_kind, inner) => {
  expect(toWireNames(nested(maxNesting, inner))).toEqual({ named: nested(maxNesting, inner) })
  expect(toWireNames(nested(maxNesting + 1, inner))).toMatchObject({ refused: 'nested-too-deep' })
})

test('a cyclic value is refused, at once', () => {
  const ring: unknown[] = []
  for (let i = 0; i < 100; i++) ring.push(ring)
  expect(toWireNames(ring)).toMatchObject({ refused: 'nested-too-deep' })
})

test('what has wire names already stays as it is, so converting twice is converting once', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
      const once = toWireNames(value)
      expect('named' in once && toWireNames(once.named)).toEqual(once)
      expect(JSON.stringify(once)).not.toMatch(/"[^"]*[A-Z][^"\\]*":/)
    }),
  )
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z_$0-9]{0,12}$/), fc.jsonValue()), (snake) => {
      const once = toWireNames(snake)
      expect('named' in once && Object.keys(once.named as object)).toEqual(Object.keys(snake))
    }),
  )
})

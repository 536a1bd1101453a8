import { expect, test } from 'vitest'
import { fen } from './fen.ts'
import { differingFields, repeated, type UnifiedOrderRequest } from './unified-order.ts'

const first: UnifiedOrderRequest = {
  functionName: 'payCallback',
  envId: 'prod-1a2b',
  subMchId: '1900000109',
  subAppid: 'wx8888888888888888',
  body: 'Tea',
  outTradeNo: 'TEA-0001',
  feeType: 'CNY',
  totalFee: fen(990),
  spbillCreateIp: '127.0.0.1',
  tradeType: 'JSAPI',
  openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
}

const { subAppid: _, openid: __, ...named } = first
const differing = (again: UnifiedOrderRequest) => differingFields(first, repeated(again, first))

test('what a caller leaves to a default is the same order again, whatever the default has become', () => {
  expect(differing(named)).toEqual([])
  expect(differing({ ...named, nonceStr: 'another', spbillCreateIp: '::1' })).toEqual([])
})

test('what a caller names is compared as it is', () => {
  expect(differing({ ...named, subAppid: 'wx0000000000000000' })).toEqual(['sub_appid'])
  expect(differing({ ...named, openid: 'oAnother' })).toEqual(['openid'])
  expect(differing({ ...named, subOpenid: 'oAnother' })).toEqual(['openid', 'sub_openid'])
})

test('a changed field is named alone, in wire spelling', () => {
  expect(differing({ ...named, totalFee: fen(991), attach: 'cup' })).toEqual(['attach', 'total_fee'])
  expect(differing({ ...named, tradeType: 'NATIVE' })).toEqual(['trade_type'])
})

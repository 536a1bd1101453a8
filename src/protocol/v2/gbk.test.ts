import { expect, test } from 'vitest'
import { gbkOf } from './gbk.ts'

test('texts are encoded as GBK, and what it does not hold becomes "?"', () => {
  expect(Buffer.from(gbkOf('茶 tea')).toString('hex')).toBe('b2e820746561')
  expect(Buffer.from(gbkOf('🍵é€')).toString('latin1')).toMatch(/^\?/)
  const common = '商户订单号重复，请核实后再试'
  expect(new TextDecoder('gbk').decode(gbkOf(common))).toBe(common)
})

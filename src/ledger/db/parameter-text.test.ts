import { expect, test } from 'vitest'
import { parameterText } from './parameter-text.ts'

const spelt = (value: unknown) => parameterText(value, 1)

test('a value is spelt as PostgreSQL reads it', () => {
  expect(spelt(null)).toBeNull()
  expect(spelt('红茶')).toBe('红茶')
  expect(spelt(-0.5)).toBe('-0.5')
  expect([spelt(true), spelt(false)]).toEqual(['t', 'f'])
  expect(spelt(new Date('2026-11-23T08:00:00.123+08:00'))).toBe('2026-11-23T00:00:00.123Z')
  expect(spelt(Buffer.from([0, 255]))).toBe('\\x00ff')
  expect(spelt(new Uint8Array([1, 16]))).toBe('\\x0110')
})

test('an array quotes what it holds, so that nothing in it can end it', () => {
  expect(spelt([])).toBe('{}')
  expect(spelt(['', 'null', null, 'a"b\\c', '},{'])).toBe('{"","null",null,"a\\"b\\\\c","},{"}')
  expect(spelt([[1], [2]])).toBe('{{"1"},{"2"}}')
})

test("what no column takes is the caller's mistake, and named", () => {
  for (const value of [undefined, {}, () => 1, new Date('no date'), 1n, [undefined]]) {
    expect(() => parameterText(value, 7)).toThrow(TypeError)
    expect(() => parameterText(value, 7)).toThrow('$7')
  }
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isoTime, parseWireTime, readableTime, wireTime } from './beijing-time.ts'

test('the wire writes Beijing time', () => {
  const at = new Date('2026-11-23T16:05:09.999Z')
  expect(wireTime(at)).toBe('20261124000509')
  expect(readableTime(at)).toBe('2026-11-24 00:05:09')
  expect(isoTime(at)).toBe('2026-11-24T00:05:09.999+08:00')
})

test('a time that was written is read back the same', () => {
  const seconds = fc.integer({ min: 0, max: 4_102_444_800 })
  fc.assert(
    fc.property(seconds, (s) => {
      const at = new Date(s * 1000)
      expect(parseWireTime(wireTime(at))).toEqual(at)
    }),
  )
})

test.each([
  '',
  '20260231000000',
  '20261301000000',
  '20260101240000',
  '2026010100000',
  '2026010100000x',
  ' 20260101000000',
])('"%s" is no time', (text) => {
  expect(parseWireTime(text)).toBeUndefined()
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fen, maxFen } from './fen.ts'

test('an amount is a whole number of fen from 1 to 2^31 - 1', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: maxFen }), (amount) => {
      expect(fen(amount)).toBe(amount)
    }),
  )
})

test.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, maxFen + 1])('%s fen is no amount', (amount) => {
  expect(() => fen(amount)).toThrow()
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { firstThatHolds, type Guess, hiding, mostGuesses, shortened } from './signature-check.ts'

test('secrets are masked as they are, in another case, and encoded for a URL', () => {
  const hide = hiding(['key+of/tea', 'key+of/tea-shop', ''])
  expect(hide('a=key+of/tea&b=KEY+OF/TEA&c=key%2Bof%2Ftea&d=key+of/tea-shop&e=tea')).toBe(
    'a=***&b=***&c=***&d=***&e=tea',
  )
  expect(hiding([])('anything')).toBe('anything')
  expect(hiding(['half \ud800 of a character'])('anything')).toBe('anything')
})

test('no piece of a secret stays at the place where a text is cut', () => {
  const secret = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
  const hide = hiding([secret])
  const piece = fc.oneof(fc.constant(secret), fc.string({ unit: fc.constantFrom('.', ' '), maxLength: 40 }))
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 300, size: 'max' }),
      fc.integer({ min: 1, max: 700 }),
      (pieces, most) => {
        expect(shortened(pieces.join(''), hide, most)).not.toMatch(/[A-Z]/)
      },
    ),
  )
  expect(shortened(`${'x'.repeat(510)}${secret}${'x'.repeat(5_000)}`, hide)).toBe(
    `${'x'.repeat(510)}**…(5536)`,
  )
})

test('guesses are made one by one, and no more than there may be', () => {
  let made = 0
  const guess = (signature: number): Guess => ({
    part: `${signature}`,
    zh: '',
    en: '',
    signature: () => Uint8Array.of(signature),
    shown: () => '',
  })
  function* guesses() {
    for (let at = 0; at < 255; at++) {
      made++
      yield guess(at)
    }
  }
  expect(firstThatHolds(guesses(), Uint8Array.of(3))?.part).toBe('3')
  expect(made).toBe(4)
  expect(firstThatHolds(guesses(), Uint8Array.of(200))).toBeUndefined()
  expect(made).toBeLessThan(10 + mostGuesses)
  expect(firstThatHolds([guess(1)], Uint8Array.of(1, 1))).toBeUndefined()
})

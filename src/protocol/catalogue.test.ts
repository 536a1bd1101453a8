import fc from 'fast-check'
import { expect, test } from 'vitest'
import { catalogue, maxTextLength, type RefusalName, refusalText, textForAnyone } from './catalogue.ts'
import { type CatalogueEntry, methodNames } from './catalogue-entry.ts'
import { profiles, rulePoints } from './rule-profiles.ts'

const names = Object.keys(catalogue) as RefusalName[]
const facts = {
  time: '2026-11-24 01:38:45',
  now: '2026-11-24 01:38:45',
  fields: 'body, total_fee',
  id: '0123456789',
  env: 'sandbox',
  bound: 'wx8888888888888888',
  field: 'mch_id',
  problem: 'total_fee must be an integer, got text',
  target: 'payCallback (prod-1a2b)',
  total: '2147483647',
  refund: '2147483647',
  left: '2147483647',
  most: '50',
  count: '50',
  balance: '2147483647',
  number: '12345678901234567890123456789012',
  live: '12345678901234567890123456789012',
}

test.each(names)('%s reads whole in both languages, within the 128 characters of the wire', (name) => {
  for (const method of methodNames) {
    for (const profile of profiles) {
      for (const language of ['zh', 'en'] as const) {
        const text = refusalText(name, method, { profile, language }, facts)
        expect([...text].length, text).toBeLessThanOrEqual(maxTextLength)
        expect(text, 'a fact was not filled in, or the text had to be cut').not.toMatch(/[{}…]/)
      }
    }
  }
})

test('a text that grows too long with its facts is cut, never sent too long', () => {
  const long = fc.string({ unit: 'grapheme', minLength: 100, maxLength: 400 })
  fc.assert(
    fc.property(fc.constantFrom(...names), long, (name, fact) => {
      const all = Object.fromEntries(Object.keys(facts).map((key) => [key, fact]))
      const text = refusalText(name, 'closeOrder', { profile: 'documented', language: 'en' }, all)
      expect([...text].length).toBeLessThanOrEqual(maxTextLength)
    }),
  )
})

test('because the SDK hides err_code, our own texts name it', () => {
  for (const name of names) {
    const { errCode }: CatalogueEntry = catalogue[name]
    if (errCode === undefined) continue
    for (const language of ['zh', 'en'] as const) {
      expect(refusalText(name, 'closeOrder', { profile: 'documented', language }, facts)).toContain(errCode)
    }
  }
})

test('every error code that a rule point answers is in the catalogue', () => {
  const codes = new Set(Object.values(catalogue).map((entry: CatalogueEntry) => entry.errCode))
  for (const { documented, observed } of Object.values(rulePoints)) {
    for (const answer of [documented, observed]) {
      if (/^[A-Z_]+$/.test(answer) && answer !== 'SUCCESS') expect(codes).toContain(answer)
    }
  }
})

test('while nobody knows whose call it is, both languages fit, with the code', () => {
  const anyones = ['postDataEmpty', 'requirePostMethod', 'notUtf8', 'lackParams', 'systemError'] as const
  for (const name of anyones) {
    const text = textForAnyone(name, {
      field: { zh: 'nonce_str', en: 'nonce_str' },
      id: { zh: '0123456789', en: '0123456789' },
    })
    expect(text).not.toMatch(/[{}…]/)
    expect(text).toContain(catalogue[name].errCode)
    expect(text, 'Chinese, then English').toMatch(/\p{Script=Han}.* \/ [a-z]/u)
  }
})

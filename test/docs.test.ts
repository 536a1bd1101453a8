import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { errorsPage, pagePaths } from '../scripts/reference-pages.mjs'
import { catalogue } from '../src/protocol/catalogue.ts'
import { rulePoints } from '../src/protocol/rule-profiles.ts'

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8')

test.each(['zh', 'en'] as const)(
  'the page of errors (%s) says what the code says: run `npm run docs`',
  (language) => {
    expect(read(pagePaths[language])).toBe(errorsPage(language, catalogue, rulePoints))
  },
)

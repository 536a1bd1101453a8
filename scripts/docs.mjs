/** Writes the generated pages of `docs/`. A test compares them with the code. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { catalogue } from '../dist/protocol/catalogue.js'
import { rulePoints } from '../dist/protocol/rule-profiles.js'
import { errorsPage, pagePaths } from './reference-pages.mjs'

for (const language of /** @type {const} */ (['zh', 'en'])) {
  const path = fileURLToPath(new URL(`../${pagePaths[language]}`, import.meta.url))
  writeFileSync(path, errorsPage(language, catalogue, rulePoints))
}

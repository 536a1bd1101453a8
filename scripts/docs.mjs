/** Writes the generated pages of `docs/`. A test compares them with the code. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { faultMenu } from '../dist/channels/sandbox/fault-menu.js'
import { catalogue } from '../dist/protocol/catalogue.js'
import { rulePoints } from '../dist/protocol/rule-profiles.js'
import { referencePages } from './reference-pages.mjs'

for (const { path, text } of referencePages({ catalogue, rulePoints, faultMenu }))
  writeFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), text)

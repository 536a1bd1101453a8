/** Writes the generated pages of `docs/`. A test compares them with the code. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { faultMenu } from '../dist/channels/sandbox/fault-menu.js'
import { allExits, exitRows } from '../dist/cli/exit-codes.js'
import { program } from '../dist/cli/program.js'
import { catalogue } from '../dist/protocol/catalogue.js'
import { rulePoints } from '../dist/protocol/rule-profiles.js'
import { cliPages } from './cli-page.mjs'
import { referencePages } from './reference-pages.mjs'

const pages = [
  ...referencePages({ catalogue, rulePoints, faultMenu }),
  ...cliPages({ program: (language) => program(language, '', async () => {}), exits: exitRows(allExits) }),
]
for (const { path, text } of pages) writeFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), text)

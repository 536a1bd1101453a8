import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { cliPages } from '../scripts/cli-page.mjs'
import { referencePages } from '../scripts/reference-pages.mjs'
import { faultMenu } from '../src/channels/sandbox/fault-menu.ts'
import { allExits, exitRows } from '../src/cli/exit-codes.ts'
import { program } from '../src/cli/program.ts'
import { catalogue } from '../src/protocol/catalogue.ts'
import { rulePoints } from '../src/protocol/rule-profiles.ts'

const place = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))
const read = (path: string) => readFileSync(place(path), 'utf8')
const pages = [
  ...referencePages({ catalogue, rulePoints, faultMenu }),
  ...cliPages({ program: (language) => program(language, '', async () => {}), exits: exitRows(allExits) }),
]

test.each(pages)('$path says what the code says: run `npm run docs`', ({ path, text }) => {
  expect(read(path)).toBe(text)
})

const guides = ['callbacks', 'closing', 'cloud-functions', 'console', 'hosts', 'programs', 'testing'].flatMap(
  (name) => [`docs/${name}.md`, `docs/${name}.zh-CN.md`],
)

test.each([...pages.map(({ path }) => path), ...guides, 'README.md', 'README.zh-CN.md'])(
  'links in %s lead to files that are there',
  (path) => {
    const folder = path.includes('/') ? 'docs/' : ''
    const links = [...read(path).matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, link]) => link ?? '')
    expect(links).not.toEqual([])
    for (const link of links) expect(existsSync(place(`${folder}${link}`)), link).toBe(true)
  },
)

test('every page is found from the README of its language', () => {
  const all = [...pages.map(({ path }) => path), ...guides]
  const missing = all.filter(
    (path) => !read(path.includes('.zh-CN.') ? 'README.zh-CN.md' : 'README.md').includes(`(${path})`),
  )
  expect(missing).toEqual([])
})

test.each(['docs/parity.md', 'docs/parity.zh-CN.md'])('%s has every rule point and every refusal', (path) => {
  const rows = read(path).match(/^\| (?!---)/gm) ?? []
  const heads = 2
  expect(rows).toHaveLength(heads + Object.keys(rulePoints).length + Object.keys(catalogue).length)
})

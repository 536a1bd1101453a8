/** What the READMEs tell people to paste. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readConfig } from '../src/app/config.ts'
import { settings } from '../src/app/settings.ts'

const read = (name: string) => readFileSync(fileURLToPath(new URL(`../${name}`, import.meta.url)), 'utf8')

test.each(['README.md', 'README.zh-CN.md'])(
  'the configuration file in %s is taken as it is pasted',
  (name) => {
    const pasted = /```json\n([\s\S]*?)```/.exec(read(name))?.[1] ?? ''
    const { environments } = readConfig(
      { config: 'pasted.json' },
      {},
      { folder: '/', readFile: () => pasted },
    )
    expect(environments).toMatchObject([{ envId: 'tea-shop', strictMerchants: true }])
  },
)

test.each(['README.md', 'README.zh-CN.md'])('the script in %s is one that Node runs', (name) => {
  const pasted = /```js\n([\s\S]*?)```/.exec(read(name))?.[1] ?? ''
  expect(() => new Function('require', 'exports', pasted)).not.toThrow()
})

test.each(['README.md', 'README.zh-CN.md'])('%s lists every setting', (name) => {
  const text = read(name)
  const all = Object.values(settings).flatMap(({ flag, variable }) => [flag, variable])
  expect(all.filter((one) => !text.includes(`\`${one}\``))).toEqual([])
})

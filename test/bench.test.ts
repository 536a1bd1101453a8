/** The benchmark shares helpers with the tests, and has none of their packages: it must load without them. */
import { readdirSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

const packagesOf = (folder: string): string[] => {
  const { dependencies = {} } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'))
  return Object.keys(dependencies)
}

/** What is loaded with a module before it runs; of types nothing is. */
const statement =
  /^(?:import (?!type )(?:[^'"();=]*? from )?|export (?!type )(?:\*|\{[^}]*\})[^'";=]*? from )'([^']+)'/gm
const importsOf = (file: string): string[] =>
  [...readFileSync(file, 'utf8').matchAll(statement)].map(([, from = '']) => from)

test('what the benchmark loads needs no package but the program’s and its own', () => {
  const has = new Set([...packagesOf('.'), ...packagesOf('bench'), ...builtinModules])
  const seen = new Set<string>()
  const strange: string[] = []
  const visit = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    for (const from of importsOf(file)) {
      if (from.startsWith('.')) visit(resolve(dirname(file), from))
      else if (!from.startsWith('node:') && !has.has(/^(@[^/]+\/)?[^/]+/.exec(from)?.[0] ?? ''))
        strange.push(`${relative(root, file)} imports ${from}`)
    }
  }
  const files = readdirSync(join(root, 'bench')).filter((name) => name.endsWith('.ts'))
  for (const name of files) visit(join(root, 'bench', name))
  expect(seen.size, 'it was walked').toBeGreaterThan(files.length + 50)
  expect(strange).toEqual([])
})

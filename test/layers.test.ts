/** The lint rules that hold the layers apart are themselves tested: each planted fault must be found. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'cloudpay-layers-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
cpSync(join(root, 'scripts/lint'), join(folder, 'scripts/lint'), { recursive: true })
cpSync(join(root, 'biome.json'), join(folder, 'biome.json'))

/** Lints a tree of these files by our own rules. @returns what it complained of */
function lint(files: Readonly<Record<string, string>>): string {
  rmSync(join(folder, 'src'), { recursive: true, force: true })
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const biome = join(root, 'test/node_modules/@biomejs/biome/bin/biome')
  const args = ['lint', '--vcs-enabled=false', '--diagnostic-level=error', '--max-diagnostics=none', 'src']
  const { stdout, stderr } = spawnSync(process.execPath, [biome, ...args], { cwd: folder, encoding: 'utf8' })
  return `${stdout}${stderr}`
}

const layers = ['protocol', 'ledger', 'channels', 'methods', 'engine', 'doors', 'app']
const backwards = layers.flatMap((from, at) => layers.slice(at + 1).map((to) => [from, to] as const))

test('no part imports one to its right', () => {
  const said = lint(
    Object.fromEntries([
      ...backwards.map(([from, to]) => [
        `src/${from}/to-${to}.ts`,
        `import { a } from '../${to}/a.ts'\nexport const b = a\n`,
      ]),
      ...layers.map((layer) => [`src/${layer}/a.ts`, 'export const a = 1\n']),
    ]),
  )
  for (const [from, to] of backwards)
    expect(said, `${from} may not import ${to}`).toContain(`src/${from}/to-${to}.ts`)
})

test('each part may import those to its left', () => {
  const files = layers.flatMap((from, at) => [
    [`src/${from}/a.ts`, 'export const a = 1\n'],
    ...layers
      .slice(0, at)
      .map((to) => [`src/${from}/to-${to}.ts`, `import { a } from '../${to}/a.ts'\nexport const b = a\n`]),
  ])
  expect(lint(Object.fromEntries(files))).not.toMatch(/noRestrictedImports|noImportCycles/)
})

/** What stands beside the way of a call, and reaches the server from outside. */
const outside = ['client', 'functions', 'cli']
const forbidden = [
  ...layers.flatMap((from) => outside.map((to) => [from, to] as const)),
  ...['client', 'functions'].flatMap((from) =>
    layers.filter((to) => to !== 'protocol').map((to) => [from, to] as const),
  ),
  ...layers.filter((to) => to !== 'protocol').map((to) => ['console', to] as const),
  ['console', 'functions'] as const,
  ['console', 'cli'] as const,
  ['client', 'functions'] as const,
  ['client', 'cli'] as const,
  ['functions', 'cli'] as const,
]
const imports = (pairs: readonly (readonly [string, string])[]) =>
  Object.fromEntries([
    ...pairs.map(([from, to]) => [
      `src/${from}/to-${to}.ts`,
      `import { a } from '../${to}/a.ts'\nexport const b = a\n`,
    ]),
    ...[...layers, ...outside].map((part) => [`src/${part}/a.ts`, 'export const a = 1\n']),
  ])

test('client, functions and console import no part of the server, and none of it imports them', () => {
  const said = lint(imports(forbidden))
  for (const [from, to] of forbidden)
    expect(said, `${from} may not import ${to}`).toContain(`src/${from}/to-${to}.ts`)
})

test('client may import protocol, functions and console both, the command line all three', () => {
  const allowed = [
    ['client', 'protocol'],
    ['functions', 'protocol'],
    ['functions', 'client'],
    ['console', 'protocol'],
    ['console', 'client'],
    ['cli', 'protocol'],
    ['cli', 'client'],
    ['cli', 'functions'],
  ] as const
  expect(lint(imports(allowed))).not.toMatch(/noRestrictedImports|noImportCycles/)
})

test.each([
  [
    'a cycle',
    {
      'src/ledger/a.ts': "import { b } from './b.ts'\nexport const a = b\n",
      'src/ledger/b.ts': "import { a } from './a.ts'\nexport const b = a\n",
    },
    'noImportCycles',
  ],
  [
    'a driver outside ledger/db',
    { 'src/ledger/a.ts': "import { PGlite } from '@electric-sql/pglite'\nexport const a = PGlite\n" },
    'noRestrictedImports',
  ],
  [
    'I/O in protocol',
    { 'src/protocol/a.ts': "import { readFileSync } from 'node:fs'\nexport const a = readFileSync\n" },
    'noRestrictedImports',
  ],
  [
    'HTTP in methods',
    { 'src/methods/a.ts': "import Fastify from 'fastify'\nexport const a = Fastify\n" },
    'noRestrictedImports',
  ],
  [
    'a clock in doors',
    { 'src/doors/a.ts': 'export const a = () => Date.now()\n' },
    'only src/app reads the clock',
  ],
  [
    'a clock in functions',
    { 'src/functions/a.ts': 'export const a = () => performance.now()\n' },
    'only src/app reads the clock',
  ],
  [
    'chance in the ledger',
    { 'src/ledger/a.ts': 'export const a = () => Math.random()\n' },
    'only src/app reads the clock',
  ],
] as const)('%s is found', (_what, files, complaint) => {
  expect(lint(files)).toContain(complaint)
})

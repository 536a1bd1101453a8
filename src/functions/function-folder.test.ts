import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findFunctions } from './function-folder.ts'
import { readSettings } from './function-settings.ts'

let above: string
let folder: string
beforeEach(() => {
  above = mkdtempSync(join(tmpdir(), 'cloudpay-folder-'))
  folder = join(above, 'cloudfunctions')
})
afterEach(() => rmSync(above, { recursive: true, force: true }))

function write(files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

test('a function is a folder with code; its name is that of the folder', () => {
  write({
    'pay/index.js': '',
    'Callback_2/index.cjs': '',
    'esm/index.mjs': '',
    'by-main/package.json': '{"main":"lib/start"}',
    'by-main/lib/start.js': '',
    'both/package.json': '{"main":"other.js"}',
    'both/index.js': '',
    'both/other.js': '',
    // None of these is one.
    'index.js': '',
    'node_modules/a/index.js': '',
    '.git/index.js': '',
    'shared/kinds.js': '',
    'no-main/package.json': '{}',
    'broken/package.json': '{',
    'lost/package.json': '{"main":"lost.js"}',
    'folder/index.js/a.js': '',
  })
  symlinkSync(join(folder, 'pay'), join(folder, 'linked'))
  symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'))
  expect(findFunctions(folder).map(({ name, entry }) => [name, entry.slice(folder.length + 1)])).toEqual([
    ['Callback_2', 'Callback_2/index.cjs'],
    ['both', 'both/index.js'],
    ['by-main', 'by-main/lib/start.js'],
    ['esm', 'esm/index.mjs'],
    ['linked', 'linked/index.js'],
    ['pay', 'pay/index.js'],
  ])
})

const settings = () => {
  const complaints: string[] = []
  const found = readSettings({ name: 'pay', folder: join(folder, 'pay') }, 3, ({ en }) => complaints.push(en))
  return { found, complaints: complaints.map((text) => text.replace(above, '')) }
}
const usual = { timeoutMs: 3_000, memoryMb: 256, variables: {} }

test('a function that says nothing has three seconds and 256 MB', () => {
  write({ 'pay/index.js': '', 'pay/config.json': '{"permissions":{"openapi":[]}}' })
  expect(settings()).toEqual({ found: usual, complaints: [] })
})

test("the file for all counts for the function's name, and its own file before it", () => {
  const functions = [
    { name: 'other', timeout: 60 },
    { name: 'pay', timeout: 20, memorySize: 512, envVariables: { KIND: 'green', COUNT: 2, COLD: true } },
  ]
  write({ 'pay/index.js': '', '../cloudbaserc.json': JSON.stringify({ envId: 'a', functions }) })
  const found = { timeoutMs: 20_000, memoryMb: 512, variables: { KIND: 'green', COUNT: '2', COLD: 'true' } }
  expect(settings()).toEqual({ found, complaints: [] })
  write({ 'pay/config.json': '{"timeout":5}' })
  expect(settings()).toEqual({ found: { ...found, timeoutMs: 5_000 }, complaints: [] })
})

test('a limit that the platform may have, and whoever calls here does not, is the longest here', () => {
  write({ 'pay/index.js': '', 'pay/config.json': '{"timeout":900}' })
  expect(settings()).toEqual({
    found: { ...usual, timeoutMs: 60_000 },
    complaints: ['the timeout of function pay is 900 s, and 60 s is the most here'],
  })
})

test.each([
  ['{', 'it is not valid JSON'],
  ['{"timeout":0}', 'timeout must be at least 1'],
  ['{"timeout":901}', 'timeout must not exceed 900'],
  ['{"timeout":"5"}', 'timeout must be an integer, got text'],
  ['[]', 'must be an object, got an array'],
])('config.json %s has no effect, and is complained of', (text, problem) => {
  write({ 'pay/index.js': '', 'pay/config.json': text })
  expect(settings()).toEqual({
    found: usual,
    complaints: [`/cloudfunctions/pay/config.json is not right and has no effect: ${problem}`],
  })
})

test.each([
  ['a name that no process can have', { 'A=B': '1' }],
  ['a value that no process can have', { A: 'x\0y' }],
  ['a value that is no text', { A: {} }],
])('%s in envVariables is complained of', (_what, envVariables) => {
  const functions = [{ name: 'pay', envVariables }]
  write({ 'pay/index.js': '', '../cloudbaserc.json': JSON.stringify({ functions }) })
  expect(settings()).toMatchObject({
    found: usual,
    complaints: [expect.stringContaining('cloudbaserc.json')],
  })
})

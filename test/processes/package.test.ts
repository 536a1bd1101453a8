/** What `npm pack` yields, as somebody has it who only installs it: nothing of the sources, and all that is needed. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import { launch } from '../support/command.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'cloudpay-package-'))
const installed = join(folder, 'node_modules', 'opencloudpay')

/** Of the call that runs the tests: none of these is meant for an npm that a test starts. */
const ofOuterCall =
  /^npm_(config_(omit|include|production|global|prefix|json|dry_run|workspaces?)|lifecycle|package)/i

function npm(cwd: string, ...args: string[]): string {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ofOuterCall.test(name)))
  const { npm_execpath: path = '' } = process.env
  const [command, before] = /npm-cli\.[cm]?js$/.test(path) ? [process.execPath, [path]] : ['npm', []]
  const { status, stdout, stderr } = spawnSync(command, [...before, ...args], { cwd, env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed: ${stderr}${stdout}`)
  return stdout
}

/** Its scripts are not run: it is built already, and what is packed must need nothing at the installation. */
const noScripts = '--ignore-scripts'

const filesBelow = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort()

beforeAll(async () => {
  await ensureBuilt()
  npm(root, 'pack', noScripts, '--pack-destination', folder)
  const [tarball] = readdirSync(folder)
  if (tarball === undefined) throw new Error('nothing was packed')
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  npm(folder, 'install', noScripts, '--prefer-offline', '--no-audit', '--no-fund', `./${tarball}`)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The command that npm made of it. */
const command = (name: 'cloudpay' | 'opencloudpay') => join(folder, 'node_modules', '.bin', name)
const variables = { LANG: 'en' }

const cloudpay = (args: readonly string[], cwd = folder) =>
  launch(args, { cwd, main: command('cloudpay'), variables }).done

test('the package holds what runs, its types, the licence and what people read, and nothing else', () => {
  const files = filesBelow(installed)
  const others = files.filter((path) => !path.startsWith('dist/'))
  expect(others).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'README.zh-CN.md', 'package.json'])
  const built = files.filter((path) => path.startsWith('dist/'))
  expect(
    built.filter((path) => /\.test\.|\.map$|\.sha256$|\.tsx?$/.test(path.replace(/\.d\.c?ts$/, ''))),
  ).toEqual([])
  // Only what the two public entries say has types.
  const typed = new Set(built.filter((path) => path.endsWith('.d.ts')).map((path) => path.split('/')[1]))
  expect([...typed].sort()).toEqual(['client', 'ledger', 'protocol', 'testing'])
  const bytes = files.reduce((sum, path) => sum + statSync(join(installed, path)).size, 0)
  expect(bytes, 'unpacked').toBeLessThan(2_500_000)
})

test('both entries have their types for whoever imports them', () => {
  writeFileSync(
    join(folder, 'program.ts'),
    `import { CloudPay, type CloseResult } from 'opencloudpay'
import { type Sandbox, startSandbox } from 'opencloudpay/testing'
export const close = (number: string): Promise<CloseResult> => new CloudPay().closeOrder(number)
export const start = (): Promise<Sandbox> => startSandbox()
export const wrong: number = new CloudPay().sandbox
`,
  )
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const flags = [
    '--noEmit',
    '--strict',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--lib',
    'es2023,dom,dom.asynciterable',
  ]
  const { stdout } = spawnSync(process.execPath, [compiler, ...flags, '--types', '', 'program.ts'], {
    cwd: folder,
    encoding: 'utf8',
  })
  expect(stdout.trim().split('\n'), 'only what is wrong indeed').toEqual([
    expect.stringContaining("error TS2322: Type 'Sandbox' is not assignable to type 'number'"),
  ])
})

test('in a clone npx runs what was built, which has to be executable for that', () => {
  const { mode } = statSync(join(root, 'dist', 'cli', 'opencloudpay.js'))
  expect(process.platform === 'win32' || (mode & 0o111) !== 0).toBe(true)
})

test('npx finds it by the name of the package', () => {
  expect(npm(folder, 'exec', '--offline', '--', 'opencloudpay', '--version')).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test('npx finds it in a clone, as it was built there', () => {
  expect(npm(root, 'exec', '--offline', '--', 'cloudpay', '--version')).toMatch(/^\d+\.\d+\.\d+\n$/)
})

/** A cloud function's code, with five minutes that pass in between. @returns a script; prints what both calls came to */
const purchase = (url: string) => `
  const cloud = require('wx-server-sdk')
  cloud.init({ env: 'prod-1a2b' })
  const number = { subMchId: '1900000109', outTradeNo: 'TEA-0001' }
  const asked = { ...number, functionName: 'payCallback', envId: 'prod-1a2b', body: 'Tea', totalFee: 990, spbillCreateIp: '127.0.0.1' }
  const passes = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"advance":"5m"}' }
  const bought = async () => {
    const ordered = await cloud.cloudPay.unifiedOrder(asked)
    await fetch('${url}/sandbox/clock', passes)
    const closed = await cloud.cloudPay.closeOrder(number)
    console.log(JSON.stringify([ordered.resultCode, closed.resultCode]))
    process.exit(0)
  }
  bought()
`

test('one command and it serves: the official SDK orders, and closes after five minutes', async () => {
  const { child, done, said } = launch(['--port', '0', '--data', 'data', '--log-level', 'silent'], {
    cwd: folder,
    main: command('opencloudpay'),
    variables,
  })
  try {
    const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(await said('export TCB_CONTEXT_CNFG=')) ?? []
    const ended = await cloudpay(
      ['run', '--url', url, '--', process.execPath, '-e', purchase(url)],
      join(root, 'test'),
    )
    expect(JSON.parse(ended.out), ended.err).toEqual(['SUCCESS', 'SUCCESS'])
  } finally {
    child.kill('SIGTERM')
  }
  expect((await done).code).toBe(0)
})

test('the demo tells its whole story, and leaves nothing behind', async () => {
  const { code, out, err } = await cloudpay(['demo', '--json'])
  expect({ code, steps: out.trim().split('\n').length }, err).toEqual({ code: 0, steps: 16 })
  expect(err).toContain('all 16 steps came out as told')
})

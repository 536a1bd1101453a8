/** Code that changes while it is served. */
import { renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { type Files, type OpenHost, openHost } from '../support/hosted-functions.ts'

let host: OpenHost
afterEach(() => host.close())

const returns = (value: string) => `exports.main = () => '${value}'`
const open = async (files: Files, setUp: Parameters<typeof openHost>[1] = {}) => {
  host = await openHost(files, setUp)
}

test('the next call after a change runs the new code, one that runs finishes with the old', async () => {
  const old = `exports.main = ({ wait }) => new Promise((resolve) => { console.log('begun'); setTimeout(() => resolve('old'), wait) })`
  await open({ 'tea/index.js': old, 'other/index.js': returns('other') })
  const running = host.invoke('tea', { wait: 1_000 })
  await host.said('[tea] begun')
  host.write({ 'tea/index.js': returns('new') })
  await host.said('[tea] reloaded')
  expect(await host.invoke('tea')).toEqual({ result: 'new' })
  expect(await running).toEqual({ result: 'old' })
  expect(host.lines()).not.toContain('[other]')
})

test('a file that the code requires counts as well, also in a folder below', async () => {
  await open({
    'tea/index.js': `exports.main = () => require('./lib/kind.js')`,
    'tea/lib/kind.js': `module.exports = 'green'`,
  })
  expect(await host.invoke('tea')).toEqual({ result: 'green' })
  host.write({ 'tea/lib/kind.js': `module.exports = 'black'` })
  await host.said('reloaded')
  expect(await host.invoke('tea')).toEqual({ result: 'black' })
})

test('broken code is said once with its place, its calls fail, and the next change mends it', async () => {
  await open({ 'tea/index.js': returns('green') })
  host.write({ 'tea/index.js': 'exports.main = () => {' })
  await host.said('[tea] load SyntaxError')
  expect(host.lines()).toMatch(/tea\/index\.js:1/)
  expect(await host.invoke('tea')).toMatchObject({
    failed: {
      why: 'load',
      message: expect.stringContaining('SyntaxError'),
      stack: expect.stringContaining('index.js:1'),
    },
  })
  host.write({ 'tea/index.js': returns('mended') })
  await host.said('[tea] reloaded')
  expect(await host.invoke('tea')).toEqual({ result: 'mended' })
})

test('code that cannot be loaded says why, each on its own account', async () => {
  const codes = {
    nothing: ['', /exports no function main/],
    number: ['exports.main = 1', /exports no function main/],
    ends: ['process.exit(3)', /while it was loaded, its process exited with code 3/],
    throws: [`throw new Error('no tea')`, /^Error: no tea$/],
    lacks: [`require('./lib')`, /Cannot find module '\.\/lib'/],
  } as const
  const files = Object.entries(codes).map(([name, [code]]) => [`${name}/index.js`, code])
  await open({ ...Object.fromEntries(files), 'good/index.js': returns('good') })
  for (const [name, [, message]] of Object.entries(codes)) {
    expect(await host.invoke(name)).toMatchObject({
      failed: { why: 'load', message: expect.stringMatching(message) },
    })
  }
  expect(await host.invoke('good')).toEqual({ result: 'good' })
})

test('code that is never done loading has its time too, and then its calls are told so', async () => {
  await open({ 'tea/index.js': 'for (;;);' }, { limits: { loadMs: 1_000 } })
  expect(await host.invoke('tea')).toMatchObject({
    failed: { why: 'load', message: expect.stringContaining('it was not loaded within 1 s') },
  })
})

test('a package that is not installed: what to run, and where; once it is there the function is as well', async () => {
  await open({
    'tea/index.js': `require('wx-server-sdk'); exports.main = () => 'tea'`,
    'tea/package.json': '{}',
  })
  expect(await host.invoke('tea')).toMatchObject({
    failed: {
      why: 'load',
      message: `缺少依赖 wx-server-sdk：请在 ${join(host.folder, 'tea')} 中运行 npm install（package.json 里没有它时运行 npm install wx-server-sdk） / the package wx-server-sdk is not installed: run npm install in ${join(host.folder, 'tea')} (npm install wx-server-sdk where package.json does not list it)`,
    },
  })
  const said = host
    .lines()
    .split('\n')
    .filter((line) => line.startsWith('[tea] '))
  expect(said.length, 'when it is loaded, and when it is called').toBeLessThanOrEqual(2)
  for (const line of said)
    expect(line, 'one line, no stack').toMatch(/load .*wx-server-sdk is not installed: run npm install in /)
  host.installSdk('tea')
  await host.said('[tea] reloaded')
  expect(await host.invoke('tea')).toEqual({ result: 'tea' })
})

test('code that ends its process again and again is tried now and then, and said once', async () => {
  const ends = `exports.main = () => 'tea'; setTimeout(() => { console.log('ends'); process.exit(5) }, 100)`
  await open({ 'tea/index.js': ends }, { limits: { firstBackOffMs: 20, mostBackOffMs: 40 } })
  await host.said('[tea] ends', 3)
  expect(host.lines().split('its process exited with code 5')).toHaveLength(2)
  // And for as long as it is there, it serves.
  expect(await host.invoke('tea')).toEqual({ result: 'tea' })
})

test('nor is code started over and over that ends its process as soon as it is loaded', async () => {
  const ends = `console.log('started'); exports.main = () => 'tea'; setImmediate(() => process.exit(5))`
  await open({ 'tea/index.js': ends, 'good/index.js': returns('good') })
  await host.said('its process exited with code 5')
  expect(await host.invoke('good')).toEqual({ result: 'good' })
  expect(host.lines().split('[tea] started')).toHaveLength(2)
})

test('new functions are served, removed and renamed ones are not', async () => {
  await open({
    'tea/index.js': returns('tea'),
    'note.txt': '',
    'shared/kinds.js': '',
    'node_modules/a/index.js': '',
  })
  expect(host.names()).toEqual(['tea'])
  host.write({ 'cake/index.js': returns('cake') })
  await expect.poll(() => host.names()).toEqual(['cake', 'tea'])
  expect(await host.invoke('cake')).toEqual({ result: 'cake' })
  host.remove('tea')
  await expect.poll(() => host.names()).toEqual(['cake'])
  expect(await host.invoke('tea')).toMatchObject({ failed: { why: 'not-found' } })
  renameSync(join(host.folder, 'cake'), join(host.folder, 'pie'))
  await expect.poll(() => host.names()).toEqual(['pie'])
  expect(await host.invoke('pie')).toEqual({ result: 'cake' })
  expect(host.namesSaid.at(-1)).toEqual(['pie'])
})

test('links that lead back are not followed: the functions are served, and changes are seen', async () => {
  await open(
    { 'tea/index.js': returns('green'), 'cake/index.js': returns('cake') },
    {
      arrange: (folder) => {
        for (const [name, to] of [
          ['tea', '..'],
          ['cake', '../tea'],
        ] as const)
          symlinkSync(to, join(folder, name, 'up'))
      },
    },
  )
  host.write({ 'tea/index.js': returns('black') })
  await host.said('reloaded')
  expect(await host.invoke('tea')).toEqual({ result: 'black' })
})

test('the whole folder may be moved away and come back, as builds and git do it', async () => {
  await open({ 'tea/index.js': returns('green') })
  const elsewhere = `${host.folder}-away`
  renameSync(host.folder, elsewhere)
  await expect.poll(() => host.names()).toEqual([])
  renameSync(elsewhere, host.folder)
  await expect.poll(() => host.names()).toEqual(['tea'])
  host.write({ 'tea/index.js': returns('black') })
  await expect.poll(() => host.invoke('tea'), { timeout: 10_000 }).toEqual({ result: 'black' })
})

test('settings are read again: time, memory, variables', async () => {
  const shows = `exports.main = (event, context) => [context.time_limit_in_ms, context.memory_limit_in_mb, process.env.KIND]`
  await open({ 'tea/index.js': shows, 'cake/index.js': shows }, { defaultTimeout: 3 })
  expect(await host.invoke('tea')).toEqual({ result: [3_000, 256, null] })
  const cloudbase = {
    functions: [{ name: 'tea', timeout: 9, memorySize: 128, envVariables: { KIND: 'green', N: 1 } }],
  }
  host.write({ '../cloudbaserc.json': JSON.stringify(cloudbase) })
  await host.said('[tea] reloaded')
  expect(await host.invoke('tea')).toEqual({ result: [9_000, 128, 'green'] })
  expect(await host.invoke('cake')).toEqual({ result: [3_000, 256, null] })
  host.write({ 'tea/config.json': '{"timeout":5}' })
  await host.said('[tea] reloaded', 2)
  expect(await host.invoke('tea')).toEqual({ result: [5_000, 128, 'green'] })
  host.write({ 'tea/config.json': '{"timeout":"5"}' })
  await host.said('timeout must be')
  expect(host.lines()).toContain(
    `cloudpay: ${join(host.folder, 'tea', 'config.json')} is not right and has no effect: timeout must be`,
  )
})

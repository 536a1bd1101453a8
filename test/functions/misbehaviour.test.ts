/** Functions that throw, never return, end their process, eat memory, return what is no JSON: nobody else is harmed. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isAlive } from '../support/dev-process.ts'
import { type OpenHost, openHost, resultOf } from '../support/hosted-functions.ts'

const functions = {
  'good/index.js': `exports.main = async (event) => ({ heard: event.n })`,
  'sync/index.js': `exports.main = (event) => event.n + 1`,
  'silent/index.js': `exports.main = async () => {}`,
  'module/index.mjs': `import { join } from 'node:path'; export const main = async () => join('a', 'b')`,
  'awaits/index.mjs': `await null; export const main = async () => 'awaited'`,
  'parts/index.js': `const { twice } = require('./lib/twice.js'); exports.main = (event) => twice(event.n)`,
  'parts/lib/twice.js': `exports.twice = (n) => n * 2`,
  'says-module/index.js': `import { join } from 'node:path'; export const main = async () => join('c', 'd')`,
  'says-module/package.json': `{ "type": "module" }`,
  'means-module/index.js': `import { join } from 'node:path'; export const main = async () => join('e', 'f')`,
  'throws/index.js': `exports.main = async () => { await null; throw new TypeError('no tea left') }`,
  'throws-object/index.js': `exports.main = () => { throw { errCode: -1, errMsg: 'no tea left' } }`,
  'never/index.js': `exports.main = () => new Promise(() => {})`,
  'never/config.json': `{ "timeout": 1 }`,
  'spins/index.js': `exports.main = () => { for (;;); }`,
  'spins/config.json': `{ "timeout": 1 }`,
  'exits/index.js': `exports.main = (event) => { if (event.code !== undefined) process.exit(event.code); return 'stayed' }`,
  'killed/index.js': `exports.main = () => { process.kill(process.pid, 'SIGTERM'); return new Promise(() => {}) }`,
  'uncaught/index.js': `exports.main = () => new Promise(() => { setTimeout(() => { throw new Error('in a timer') }, 0) })`,
  'unhandled/index.js': `exports.main = () => new Promise(() => { Promise.reject(new Error('nobody waits for me')) })`,
  'afterwards/index.js': `exports.main = () => { setImmediate(() => process.exit(1)); return 'done' }`,
  'heap/index.js': `exports.main = () => { const all = []; for (;;) all.push({ n: all.length, more: [all.length] }) }`,
  'buffers/index.js': `exports.main = async () => {
    const all = []
    for (;;) { all.push(Buffer.alloc(16 * 1024 * 1024, 1)); await new Promise(setImmediate) }
  }`,
  'bigint/index.js': `exports.main = () => ({ n: 1n })`,
  'circular/index.js': `exports.main = () => { const a = {}; a.a = a; return a }`,
  // Ids of calls are numbers from 1: one of these is its own.
  'forges/index.js': `exports.main = () => {
    for (let id = 1; id < 200; id++) process._send({ kind: 'returned', id, json: 'no json' })
    return new Promise(() => {})
  }`,
  'large/index.js': `exports.main = (event) => 'x'.repeat(event.bytes)`,
  'prints/index.js': `exports.main = () => { process.stdout.write('one\\ntwo'); console.error('three') }`,
  'leaves/index.js': `exports.main = () => { process.disconnect(); return new Promise(() => {}) }`,
}

let host: OpenHost
beforeAll(async () => {
  host = await openHost({
    ...functions,
    // What stands above a function's folder never reaches the platform: most functions here are CommonJS.
    '../package.json': JSON.stringify({ type: 'module' }),
    '../cloudbaserc.json': JSON.stringify({
      functions: ['heap', 'buffers'].map((name) => ({ name, memorySize: 64 })),
    }),
  })
})
afterAll(() => host.close())

const works = async () => expect(await host.invoke('good', { n: 1 })).toEqual({ result: { heard: 1 } })

test.each([
  ['good', { n: 3 }, { heard: 3 }],
  ['sync', { n: 3 }, 4],
  ['silent', {}, null],
  ['module', {}, 'a/b'],
  ['awaits', {}, 'awaited'],
  ['parts', { n: 3 }, 6],
  ['says-module', {}, 'c/d'],
  ['means-module', {}, 'e/f'],
  ['large', { bytes: 2_000_000 }, 'x'.repeat(2_000_000)],
])('%s returns what it returns', async (name, event, result) => {
  expect(await host.invoke(name, event)).toEqual({ result })
})

test('an event of megabytes arrives whole', async () => {
  const text = '茶'.repeat(400_000)
  expect(await host.invoke('good', { n: text })).toEqual({ result: { heard: text } })
})

test.each([
  ['throws', {}, 'threw', /^TypeError: no tea left$/],
  ['throws-object', {}, 'threw', /^\{ errCode: -1, errMsg: 'no tea left' \}$/],
  ['never', {}, 'timeout', /^1 秒内没有返回.* \/ no result within 1 s.*"timeout"/],
  ['spins', {}, 'timeout', /within 1 s/],
  ['exits', { code: 7 }, 'exited', /退出码 7 \/ its process exited with code 7$/],
  ['exits', { code: 0 }, 'exited', /its process exited with code 0$/],
  ['killed', {}, 'exited', /SIGTERM/],
  ['uncaught', {}, 'exited', /nobody caught this.*Error: in a timer/],
  ['unhandled', {}, 'exited', /nobody caught this.*Error: nobody waits for me/],
  ['heap', {}, 'exited', /used more than 64 MB of memory/],
  ['buffers', {}, 'exited', /used more than 64 MB of memory/],
  ['bigint', {}, 'answer', /the result is no JSON: TypeError/],
  ['forges', {}, 'answer', /the result is no JSON: .*JSON/],
  ['circular', {}, 'answer', /the result is no JSON: TypeError/],
  ['large', { bytes: 7_000_000 }, 'answer', /more than 6291456/],
  ['leaves', {}, 'exited', /exited with code 0/],
  ['nobody', {}, 'not-found', /there is no function nobody/],
])('%s %j is a clear failure, and the others work on', async (name, event, why, message) => {
  const [bad] = await Promise.all([host.invoke(name, event), works()])
  expect(bad).toMatchObject({ failed: { why, message: expect.stringMatching(message) } })
  await works()
})

test('what was thrown comes with its stack, in the answer and on the screen', async () => {
  const { failed } = (await host.invoke('throws')) as { failed: { stack: string } }
  expect(failed.stack).toMatch(/TypeError: no tea left\n +at .*throws\/index\.js:1/)
  await host.said('[throws] threw wx_client')
  expect(host.lines()).toMatch(
    /\[throws\] threw wx_client \d+ ms (\S+ \d+ ms\) )?TypeError: no tea left\n\[throws\] TypeError/,
  )
})

test('a function that ended is there again for the next call', async () => {
  for (let call = 0; call < 2; call++) {
    expect(await host.invoke('exits', { code: 1 })).toMatchObject({ failed: { why: 'exited' } })
    expect(await host.invoke('exits')).toEqual({ result: 'stayed' })
  }
})

test('a call that an ending process never began is run by the next', async () => {
  const answers = []
  for (let call = 0; call < 4; call++) answers.push(resultOf(await host.invoke('afterwards')))
  expect(answers).toEqual(['done', 'done', 'done', 'done'])
})

test('each line stands under the name of its function, and before the line of the call', async () => {
  await host.invoke('prints')
  // What it printed without the end of a line is shown soon.
  for (const line of ['one', 'three', 'two', 'ok wx_client']) await host.said(`[prints] ${line}`)
  expect(host.lines()).toMatch(/\[prints\] one\n[\s\S]*\[prints\] ok wx_client/)
})

test('what a function started ends with it: after its time, and after its end', async () => {
  const sleeper = (ends: string) => `const { spawn } = require('node:child_process')
    exports.main = () => {
      const { pid } = spawn('sleep', ['600'], { stdio: 'ignore' })
      console.log('sleeper ' + pid)
      ${ends}
    }`
  const own = await openHost(
    {
      'waits/index.js': sleeper('return new Promise(() => {})'),
      'exits/index.js': sleeper('setTimeout(() => process.exit(1), 50); return new Promise(() => {})'),
    },
    { defaultTimeout: 1 },
  )
  try {
    for (const name of ['waits', 'exits']) await own.invoke(name)
    const pids = [...own.lines().matchAll(/sleeper (\d+)/g)].map(([, pid]) => Number(pid))
    expect(pids).toHaveLength(2)
    // Init takes its time to bury it.
    for (const pid of pids) await expect.poll(() => isAlive(pid), { timeout: 30_000 }).toBe(false)
  } finally {
    await own.close()
  }
})

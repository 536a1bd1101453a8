/** `cloudpay dev` from start to end: what a person reads, what the server hears, and that nothing is left behind. */
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import { hostSayingSchema } from '../../src/protocol/function-host.ts'
import { freePort, isAlive, startDev } from '../support/dev-process.ts'
import { type FunctionsFolder, functionsFolder, invokeAt, resultOf } from '../support/hosted-functions.ts'
import { openStandingServer, type StandingServer } from '../support/standing-server.ts'

const functions = {
  'pay/index.js': `exports.main = async ({ n }) => { console.log('paying', n); return { pid: process.pid, env: process.env.TCB_ENV, load: process.env.URL } }`,
  'spins/index.js': `exports.main = () => { console.log('pid', process.pid); for (;;); }`,
}

let place: FunctionsFolder
let server: StandingServer
let dev: ReturnType<typeof startDev> | undefined
beforeAll(ensureBuilt)
beforeEach(async () => {
  place = functionsFolder(functions)
  server = await openStandingServer()
})
afterEach(async () => {
  await dev?.stop('SIGKILL')
  dev = undefined
  await server.close()
  place.dispose()
})

const start = (...flags: string[]) => {
  dev = startDev(place.folder, ['--url', server.url, ...flags], {
    variables: { CLOUDPAY_ADMIN_TOKEN: 'administrator-token' },
  })
  return dev
}

const pidOf = (text: string) => Number(/\[spins\] pid (\d+)/.exec(text)?.[1])

test('it says what it serves, to people and to the server; is called; and leaves nothing behind', async () => {
  const { out, stop } = start('--env', 'prod-1a2b')
  const first = await server.heard(() => true)
  expect(() => hostSayingSchema.parse({ ...first, authorization: undefined })).toThrow()
  const { authorization, ...saying } = first
  expect(authorization).toBe('Bearer administrator-token')
  expect(saying, 'the server knows which environment goes without saying').not.toHaveProperty('env_id')
  expect(hostSayingSchema.parse(saying)).toMatchObject({
    host_id: expect.stringMatching(/^[\da-f]{32}$/),
    kind: 'functions',
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    token: expect.stringMatching(/^[\da-f]{64}$/),
    names: ['pay', 'spins'],
    target_env_id: 'prod-1a2b',
  })
  await out.said('registered at')
  for (const words of [place.folder, 'pay spins', `curl ${server.url}/sandbox/call-function`])
    expect(out.text()).toContain(words)

  const host = { url: saying.url, token: saying.token ?? '' }
  const result = resultOf(await invokeAt(host, 'pay', { n: 7 })) as { pid: number; env: string }
  expect(result.env).toBe('prod-1a2b')
  await out.said('[pay] ok wx_client')
  expect(out.text()).toContain('[pay] paying 7\n')

  place.write({ 'cake/index.js': `exports.main = () => 'cake'` })
  expect(await server.heard(({ names }) => names.length === 3)).toMatchObject({
    host_id: saying.host_id,
    names: ['cake', 'pay', 'spins'],
  })
  await out.said('functions now: cake pay spins')

  expect(await stop('SIGTERM')).toBe(0)
  expect(server.sayings.at(-1)).toMatchObject({ host_id: saying.host_id, gone: true })
  expect(isAlive(result.pid)).toBe(false)
})

test('asked to stop during a call, it answers the call and ends the process that runs it', async () => {
  const { out, stop } = start()
  const { url, token = '' } = await server.heard(() => true)
  const call = invokeAt({ url, token }, 'spins', {})
  await out.said('[spins] pid')
  expect(await stop('SIGINT')).toBe(0)
  expect(await call).toMatchObject({
    failed: { why: 'exited', message: expect.stringContaining('stopping') },
  })
  expect(isAlive(pidOf(out.text()))).toBe(false)
})

test('killed without a word, it leaves no process behind, not even one in an endless loop', async () => {
  const { out, kill } = start('--timeout', '60')
  const { url, token = '' } = await server.heard(() => true)
  const { pid } = resultOf(await invokeAt({ url, token }, 'pay', {})) as { pid: number }
  const call = invokeAt({ url, token }, 'spins', {}).catch(() => 'cut off')
  await out.said('[spins] pid')
  const pids = [pid, pidOf(out.text())]
  expect(pids.map(isAlive)).toEqual([true, true])
  await kill()
  expect(await call).toBe('cut off')
  await expect.poll(() => pids.map(isAlive), { timeout: 10_000 }).toEqual([false, false])
})

test('a server that does not want the functions is quoted', async () => {
  server.answerWith(403)
  const { out } = start()
  await out.said('did not accept the functions (HTTP 403): not wanted')
})

test('a server that asks for another token is not served: it says so and ends', async () => {
  server.answerWith(401)
  const { out, ended } = start()
  await out.said('the token in CLOUDPAY_ADMIN_TOKEN is not that of')
  expect(await ended()).toBe(1)
})

const answers = async (url: string) => {
  try {
    return (await fetch(`${url}/readyz`)).ok
  } catch {
    return false
  }
}

/** Two servers start, each with its database, on a machine that may be busy. */
const longMs = 180_000

test('where no server answers it starts one, which ends with it, however that is', {
  timeout: longMs,
}, async () => {
  const url = `http://127.0.0.1:${await freePort()}`
  const own = () => startDev(place.folder, ['--url', url], { cwd: join(place.folder, '..') })
  dev = own()
  await dev.err.said('starting one')
  await dev.out.said('/sandbox/call-function')
  expect(dev.out.text()).toContain('AKIDsandbox')
  expect(await answers(url)).toBe(true)
  expect(await dev.stop('SIGINT')).toBe(0)
  expect(await answers(url)).toBe(false)

  dev = own()
  await dev.out.said('/sandbox/call-function')
  expect(await answers(url)).toBe(true)
  await dev.kill()
  await expect.poll(() => answers(url), { timeout: 60_000 }).toBe(false)
})

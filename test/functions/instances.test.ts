/** Many calls of one function: an instance each up to a limit, then they wait, then they are told so. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { isAlive } from '../support/dev-process.ts'
import { type OpenHost, openHost, resultOf, user } from '../support/hosted-functions.ts'
import { openStandingServer, type StandingServer } from '../support/standing-server.ts'

/** Where functions wait until the test lets them go. */
async function openBarrier() {
  const waiting: ServerResponse[] = []
  const server = createServer((_request, response) => {
    waiting.push(response)
    server.emit('arrived')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`,
    async arrived(count: number) {
      while (waiting.length < count) await once(server, 'arrived')
    },
    letGo() {
      for (const response of waiting.splice(0)) response.end()
    },
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

const waits = `exports.main = async ({ url, n }) => { console.log('begun', n); if (url) await (await fetch(url)).text(); return { pid: process.pid, n } }`
const recursive = `
  const cloud = require('wx-server-sdk')
  cloud.init({ env: 'prod-1a2b' })
  exports.main = async ({ depth }) => {
    const { OPENID, SOURCE } = cloud.getWXContext()
    if (depth === 0) return [[OPENID, SOURCE]]
    const { result } = await cloud.callFunction({ name: 'recursive', data: { depth: depth - 1 } })
    return [[OPENID, SOURCE], ...result]
  }`

let host: OpenHost
let barrier: Awaited<ReturnType<typeof openBarrier>>
let server: StandingServer
beforeEach(async () => {
  barrier = await openBarrier()
  server = await openStandingServer()
})
afterEach(async () => {
  barrier.close()
  await host.close()
  await server.close()
})

const open = async (setUp: Parameters<typeof openHost>[1] = {}) => {
  host = await openHost({ 'waits/index.js': waits, 'good/index.js': `exports.main = () => 'good'` }, setUp)
}

const pidOf = (result: unknown) => (result as { pid: number }).pid
test('calls at the same time run in instances of their own, which end when nobody needs them, but for one', async () => {
  await open({ limits: { idleMs: 20 } })
  const calls = [1, 2, 3].map((n) => host.invoke('waits', { url: barrier.url, n }))
  await barrier.arrived(3)
  barrier.letGo()
  const pids = (await Promise.all(calls)).map(resultOf).map(pidOf)
  expect(new Set(pids).size).toBe(3)
  await expect.poll(() => pids.filter(isAlive).length, { timeout: 10_000 }).toBe(1)
  expect(pids).toContain(pidOf(resultOf(await host.invoke('waits'))))
})

test('one after another they run in the same instance', async () => {
  await open()
  const pids = [await host.invoke('waits'), await host.invoke('waits')].map(resultOf).map(pidOf)
  expect(pids[0]).toBe(pids[1])
})

test('beyond the limits calls wait, and then are told that too many do', async () => {
  await open({ limits: { instances: 2, waiting: 2 } })
  const calls = [1, 2, 3, 4, 5].map((n) => host.invoke('waits', { url: barrier.url, n }))
  expect(await Promise.race(calls)).toMatchObject({
    failed: {
      why: 'busy',
      message: expect.stringContaining('all 2 instances are at work, and 2 calls wait'),
    },
  })
  // Others are not concerned.
  expect(await host.invoke('good')).toEqual({ result: 'good' })
  await barrier.arrived(2)
  barrier.letGo()
  await barrier.arrived(2)
  barrier.letGo()
  const answers = await Promise.all(calls)
  expect(answers.filter((answer) => 'result' in answer)).toHaveLength(4)
})

test('a call whose caller hung up while it waited is not run', async () => {
  await open({ limits: { instances: 1 } })
  const first = host.invoke('waits', { url: barrier.url, n: 1 })
  await barrier.arrived(1)
  const giveUp = new AbortController()
  const second = fetch(`${host.url}/invoke`, {
    method: 'POST',
    signal: giveUp.signal,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${host.token}` },
    body: JSON.stringify({
      function_name: 'waits',
      event: { url: barrier.url, n: 2 },
      caller: { source: 'wx_client', env_id: 'e' },
    }),
  })
  // A call that came later is answered: the second has been heard.
  await host.invoke('good')
  giveUp.abort()
  await expect(second).rejects.toThrow()
  await host.invoke('good')
  const third = host.invoke('waits', { n: 3 })
  barrier.letGo()
  expect(resultOf(await first)).toMatchObject({ n: 1 })
  expect(resultOf(await third)).toMatchObject({ n: 3 })
  await host.said('[waits] begun 3')
  expect(host.lines()).not.toContain('[waits] begun 2')
})

test('a function that calls itself is answered, each call as the user of the first', async () => {
  const files = { 'recursive/index.js': recursive }
  const setUp = { withSdk: ['recursive'], origin: server.url, defaultTimeout: 30 }
  host = await openHost(files, setUp)
  server.serves(host)
  expect(await host.invoke('recursive', { depth: 1 })).toEqual({
    result: [
      [user.openid, 'wx_client'],
      [user.openid, 'scf'],
    ],
  })
})

test('a function that calls itself for ever ends by its time, and is there again', async () => {
  const files = { 'recursive/index.js': recursive }
  const setUp = { withSdk: ['recursive'], origin: server.url, limits: { instances: 3 }, defaultTimeout: 3 }
  host = await openHost(files, setUp)
  server.serves(host)
  expect(await host.invoke('recursive', { depth: 1_000_000 })).toMatchObject({
    failed: { why: expect.stringMatching(/^(timeout|threw)$/) },
  })
  expect(await host.invoke('recursive', { depth: 0 })).toEqual({ result: [[user.openid, 'wx_client']] })
})

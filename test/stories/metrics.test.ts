/** What Prometheus reads of the server: real calls counted, and nothing that a caller could make grow without end. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cuttable, type Line } from '../support/cuttable.ts'
import { freshStore } from '../support/databases.ts'
import { rawRequest } from '../support/raw-request.ts'
import { environmentNamed, freshNumber, openSandbox, orderRequest, type Sandbox } from '../support/sandbox.ts'

const adminToken = 'an-administrators-token-of-this-test'
const asAdmin = { authorization: `Bearer ${adminToken}` }
const doorToken = 'a-door-token-of-this-test'

let sandbox: Sandbox
let line: Line
beforeAll(async () => {
  sandbox = await openSandbox({
    adminToken,
    environments: [environmentNamed('documented', 'documented', { doorToken })],
    openStore: async () => {
      const store = await freshStore()
      const cut = cuttable(store.db)
      line = cut.line
      return { ...store, db: cut.db }
    },
  })
})
afterAll(async () => {
  line.cut = 'nowhere'
  await sandbox.close()
})

const scrape = () => fetch(`${sandbox.url}/metrics`, { headers: asAdmin })

/** Samples by name and labels, as they stand in the text. */
async function samples(): Promise<Map<string, number>> {
  const text = await (await scrape()).text()
  return new Map(
    text
      .split('\n')
      .filter((row) => row !== '' && !row.startsWith('#'))
      .map((row) => [row.slice(0, row.lastIndexOf(' ')), Number(row.slice(row.lastIndexOf(' ') + 1))]),
  )
}

const calls = (door: string, method: string, outcome: string) =>
  `cloudpay_calls_total{door="${door}",method="${method}",outcome="${outcome}"}`

test('calls are counted by door, method and outcome, and timed', async () => {
  const shop = sandbox.shop()
  const tea = freshNumber()
  await shop.unifiedOrder(tea)
  await shop.unifiedOrder(tea)
  await shop.closeOrder(tea)
  await sandbox.control('/sandbox/pay', { env_id: 'documented', out_trade_no: tea }, asAdmin)
  await sandbox.control('/sandbox/pay', {}, {})
  const heard = await samples()
  expect(heard.get(calls('cloud-function', 'unifiedOrder', 'prepaid'))).toBe(2)
  expect(heard.get(calls('cloud-function', 'closeOrder', 'too-early'))).toBe(1)
  expect(heard.get(calls('sandbox', 'pay', 'paid'))).toBe(1)
  expect(heard.get(calls('sandbox', 'pay', 'TURNED_AWAY'))).toBe(1)
  const timed = 'door="cloud-function",method="unifiedOrder"'
  expect(heard.get(`cloudpay_call_seconds_count{${timed}}`)).toBe(2)
  expect(heard.get(`cloudpay_call_seconds_sum{${timed}}`)).toBeGreaterThan(0)
  expect(heard.get(`cloudpay_call_seconds_bucket{le="+Inf",${timed}}`)).toBe(2)
})

test('statements are counted with their rows, and what waited is told once', async () => {
  const shop = sandbox.shop()
  const before = await samples()
  await Promise.all(Array.from({ length: 20 }, () => shop.unifiedOrder(freshNumber())))
  const after = await samples()
  const rows = (heard: Map<string, number>) =>
    [...heard]
      .filter(([name]) => name.startsWith('cloudpay_batch_rows_sum'))
      .reduce((sum, [, n]) => sum + n, 0)
  expect(rows(after) - rows(before)).toBeGreaterThanOrEqual(20)
  expect(after.get('cloudpay_commands_waiting')).toBeGreaterThan(0)
  expect((await samples()).get('cloudpay_commands_waiting')).toBe(0)
})

test('the database is up or down as whoever asked it last found it', async () => {
  const up = async () => (await samples()).get('cloudpay_database_up')
  expect(await up()).toBe(1)
  line.cut = 'before'
  await sandbox.shop().queryOrder(freshNumber())
  expect(await up()).toBe(0)
  line.cut = 'nowhere'
  await fetch(`${sandbox.url}/readyz`)
  expect(await up()).toBe(1)
})

test('the process tells of itself, and of what the request log lost', async () => {
  const heard = await samples()
  expect(heard.get('process_resident_memory_bytes')).toBeGreaterThan(0)
  expect(heard.get('cloudpay_request_log_dropped_total')).toBe(0)
  expect(heard.get('cloudpay_request_log_failures_total')).toBeGreaterThanOrEqual(0)
})

test('names that callers invent make no new time series, and are not repeated', async () => {
  const shop = sandbox.shop()
  const hostile = (round: number) => `hostile"} ${round}`
  const knockEverywhere = async (round: number) => {
    const name = hostile(round)
    const path = encodeURIComponent(name)
    await shop.call(name, {})
    await shop.call('unifiedOrder', orderRequest(`TEA-${round}`, { body: name, total_fee: name }))
    await shop.call('closeOrder', { sub_mch_id: `m${round}`, out_trade_no: `hostile${round}` })
    await sandbox.control('/sandbox/pay', { env_id: name, out_trade_no: 'x' }, asAdmin)
    for (const [at, headers] of [
      [`/_/pay/${path}`, { authorization: `Bearer ${doorToken}`, 'content-type': 'application/json' }],
      [`/_/pay/${path}`, { authorization: `Bearer ${name}`, 'content-type': path }],
      [`/pay/${path}`, {}],
      [`/pay/closeorder`, { 'content-type': path }],
      [`/sandbox/${path}`, asAdmin],
      [`/hostile${round}`, { host: `hostile${round}` }],
    ] as const)
      await rawRequest(sandbox.url, { path: at, headers: { ...headers }, body: `<xml><a>${round}</a></xml>` })
    await rawRequest(sandbox.url, { method: 'PATCH', path: `/metrics/hostile${round}` })
  }
  await knockEverywhere(0)
  const first = await samples()
  for (let round = 1; round <= 10; round++) await knockEverywhere(round)
  const later = await samples()
  const ours = [...later.keys()].filter((name) => name.startsWith('cloudpay_'))
  expect(ours.filter((name) => !first.has(name))).toEqual([])
  expect([...later.keys()].filter((name) => /hostile|TEA/.test(name))).toEqual([])
  expect(later.get(calls('cloud-function', 'unknown', '-604100'))).toBe(11)
})

test('a stranger, or a page of another site, is turned away', async () => {
  const { status, headers } = await scrape()
  expect(status).toBe(200)
  expect(headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  for (const [because, sent, wanted] of [
    ['no token', {}, 401],
    ['another token', { authorization: 'Bearer something-else' }, 401],
    ['another site', { ...asAdmin, origin: 'https://example.com' }, 403],
    ['another name', { ...asAdmin, host: 'example.com' }, 403],
  ] as const) {
    const answer = await rawRequest(sandbox.url, { method: 'GET', path: '/metrics', headers: { ...sent } })
    expect(answer, because).toMatchObject({ status: wanted })
    expect(answer === 'broken' ? answer : answer.text, because).not.toContain('cloudpay_')
  }
})

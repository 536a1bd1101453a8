/** What the server remembers of calls: each with what came of it and why, found by its id, and nothing secret. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoEnvironment } from '../../src/app/demo-environment.ts'
import { writeXml } from '../../src/protocol/v2/xml.ts'
import { callAdmin, prepare, sdkParts, send } from '../support/admin-client.ts'
import { cuttable, type Line } from '../support/cuttable.ts'
import { freshStore } from '../support/databases.ts'
import {
  environmentNamed,
  freshNumber,
  openSandbox,
  orderRequest,
  type Sandbox,
  subMchId,
} from '../support/sandbox.ts'
import { postXml, signedFields } from '../support/v2-client.ts'

const adminToken = 'an-administrators-token-of-this-test'
const doorToken = 'a-door-token-of-this-test'
const asAdmin = { authorization: `Bearer ${adminToken}` }

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

type Row = Record<string, unknown>

/** The calls that match, once as many are written as are awaited. */
async function requests(where: string, params: unknown[], awaited: number): Promise<Row[]> {
  const read = () =>
    sandbox.db.rows<Row>(
      `select env_id, id, door, method, sub_mch_id, out_trade_no, outcome, why, fault, status, ms
       from requests where ${where} order by at, id`,
      params,
    )
  await expect.poll(async () => (await read()).length, { timeout: 10_000 }).toBe(awaited)
  return read()
}

const idIn = (text: unknown): string => /\b[0-9a-f]{10}\b/.exec(JSON.stringify(text))?.[0] ?? 'no id'

/** First of all: this server has read no key yet. */
test('the id in a text about trouble finds the line of the log and the row of the request log', async () => {
  const shop = sandbox.shop('documented')
  const tea = freshNumber()
  line.cut = 'before'
  const stranger = await shop.call('unifiedOrder', orderRequest(tea))
  line.cut = 'nowhere'
  await shop.unifiedOrder(tea)
  line.cut = 'before'
  const away = await shop.closeOrder(tea)
  const unpaid = await sandbox.control('/sandbox/pay', { env_id: 'documented', out_trade_no: tea }, asAdmin)
  line.cut = 'bug'
  const broken = await sandbox.control('/sandbox/pay', { env_id: 'documented', out_trade_no: tea }, asAdmin)
  line.cut = 'nowhere'

  expect(stranger.json).toMatchObject({ errcode: -604103 })
  expect(away).toMatchObject({ err_code: 'SYSTEMERROR' })
  expect([unpaid.status, broken.status]).toEqual([503, 500])
  const found = [
    {
      told: stranger.json.errmsg,
      row: { door: 'cloud-function', env_id: '', outcome: '-604103', fault: 'the line is cut' },
    },
    {
      told: away.err_code_des,
      row: { method: 'closeOrder', env_id: 'documented', out_trade_no: tea, outcome: 'unknown', status: 200 },
    },
    {
      told: unpaid.json,
      row: { door: 'sandbox', method: 'pay', outcome: 'LEDGER_UNAVAILABLE', status: 503 },
    },
    { told: broken.json, row: { door: 'sandbox', outcome: 'INTERNAL', fault: 'a planted bug', status: 500 } },
  ]
  for (const { told, row } of found) {
    const id = idIn(told)
    expect(sandbox.log()).toMatch(new RegExp(`"id":"${id}".*"fault":"(the line is cut|a planted bug)"`))
    expect(await requests('id = $1', [id], 1)).toMatchObject([row])
  }
})

test('every call is there with its outcome, the reason that its caller heard, and how long it took', async () => {
  const shop = sandbox.shop('documented')
  const tea = freshNumber()
  await shop.unifiedOrder(tea)
  const { err_code_des: tooEarly } = await shop.closeOrder(tea)
  await shop.queryOrder(tea)
  await sandbox.control('/sandbox/pay', { env_id: 'documented', out_trade_no: tea }, asAdmin)
  await shop.closeOrder(tea)
  const { return_msg: malformed } = await shop.unifiedOrder(tea, { total_fee: '9.90' })

  const rows = await requests('out_trade_no = $1', [tea], 6)
  expect(rows.map(({ method, outcome, why }) => [method, outcome, why])).toEqual([
    ['unifiedOrder', 'prepaid', null],
    ['closeOrder', 'too-early', tooEarly],
    ['queryOrder', 'found', null],
    ['pay', 'paid', null],
    ['closeOrder', 'paid', expect.stringContaining('ORDERPAID')],
    ['unifiedOrder', 'malformed', malformed],
  ])
  for (const row of rows) {
    expect(row).toMatchObject({
      env_id: 'documented',
      door: row.method === 'pay' ? 'sandbox' : 'cloud-function',
      sub_mch_id: subMchId,
      status: 200,
    })
    expect(row.ms).toBeGreaterThan(0)
  }
})

test('every door notes its calls in the same words', async () => {
  const tea = freshNumber()
  const shop = sandbox.shop('documented')
  await shop.closeOrder(tea)
  await fetch(`${sandbox.url}/_/pay/CloseOrder`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${doorToken}` },
    body: JSON.stringify({ sub_mch_id: subMchId, out_trade_no: tea }),
  })
  const provider = { ...demoEnvironment.provider, sub: { subMchId } }
  const { text } = await postXml(
    sandbox.url,
    '/pay/closeorder',
    writeXml(signedFields(provider, { out_trade_no: tea })),
  )
  expect(text).toContain('ORDERNOTEXIST')
  const rows = await requests('out_trade_no = $1', [tea], 3)
  expect(rows.map(({ door }) => door)).toEqual(['cloud-function', 'cloud-run', 'v2'])
  for (const row of rows) {
    expect(row).toMatchObject({
      env_id: 'documented',
      method: 'closeOrder',
      sub_mch_id: subMchId,
      outcome: 'not-found',
      why: expect.stringContaining('ORDERNOTEXIST'),
    })
  }
})

test('what no door or method took has its reason as well', async () => {
  const shop = sandbox.shop('documented')
  const heard = await shop.call('unifyOrder', {})
  expect(await requests('id = $1', [idIn(heard.json)], 1)).toMatchObject([
    {
      env_id: 'documented',
      method: 'unifyOrder',
      outcome: '-604100',
      why: heard.json.errmsg?.toString().split(' [id')[0],
    },
  ])
  const wrongKey = { ...shop.credentials, secretKey: 'some other key' }
  const { json } = await callAdmin(sandbox.url, wrongKey, 'closeOrder', {})
  expect(await requests('id = $1', [idIn(json.message)], 1)).toMatchObject([
    { env_id: '', outcome: 'SIGN_PARAM_INVALID', why: 'signature-mismatch' },
  ])
  const turned = await sandbox.control('/sandbox/pay', {})
  expect(await requests('id = $1', [idIn(turned.json)], 1)).toMatchObject([
    { env_id: '', door: 'sandbox', method: 'pay', outcome: 'TURNED_AWAY', status: 401 },
  ])
})

test('nothing secret is remembered: no key, token or signature, not even a key in the wrong place', async () => {
  const shop = sandbox.shop('documented')
  const tea = freshNumber()
  const attach = 'a secret between the shop and its till'
  const asked = orderRequest(tea, { attach })
  const signed = prepare(sandbox.url, shop.credentials, sdkParts('unifiedOrder', JSON.stringify(asked)))
  await send(signed)
  await send({ ...signed, headers: { ...signed.headers, authorization: `${signed.headers.authorization}0` } })
  const swapped = { secretId: shop.credentials.secretKey, secretKey: shop.credentials.secretId }
  const { json } = await callAdmin(sandbox.url, swapped, 'unifiedOrder', asked)
  await sandbox.control('/sandbox/pay', { env_id: 'documented', out_trade_no: tea }, asAdmin)
  await requests('id = $1', [idIn(json.message)], 1)

  const [kept] = await sandbox.db.rows<{ rows: string }>(
    `select string_agg(r::text, ' ') as rows from requests r`,
  )
  const signature = /Signature=([0-9a-f]+)/.exec(signed.headers.authorization ?? '')?.[1]
  const secrets = [shop.credentials.secretKey, shop.apiKey, adminToken, doorToken, signature]
  const wordsOfOrders = [attach, asked.body]
  for (const word of wordsOfOrders) {
    expect(kept?.rows, 'a sandbox keeps what was asked, for whoever looks for a cause').toContain(word)
    expect(sandbox.log(), 'the log of the process does not').not.toContain(word)
  }
  for (const secret of secrets) {
    expect(secret).toEqual(expect.any(String))
    expect(kept?.rows).not.toContain(secret)
    expect(sandbox.log()).not.toContain(secret)
  }
})

test('a caller that hangs up before its answer is remembered too: its order may well be there', async () => {
  const tea = freshNumber()
  const parts = sdkParts('unifiedOrder', JSON.stringify(orderRequest(tea)))
  const { url, headers, body } = prepare(sandbox.url, sandbox.shop('documented').credentials, parts)
  const gone = new AbortController()
  let release = () => {}
  line.held = new Promise((resolve) => {
    release = resolve
  })
  const { asked } = line
  const sent = fetch(url, { method: 'POST', headers, body: new Uint8Array(body), signal: gone.signal })
  await expect.poll(() => line.asked).toBeGreaterThan(asked)
  gone.abort()
  await expect(sent).rejects.toThrow()
  await fetch(`${sandbox.url}/healthz`)
  line.held = undefined
  release()
  const [row] = await requests('out_trade_no = $1', [tea], 1)
  expect(row).toMatchObject({ method: 'unifiedOrder', outcome: 'prepaid' })
  expect(row?.ms).toBeGreaterThan(0)
})

test('what machines ask every few seconds, and strangers where no door is, is not remembered', async () => {
  for (const path of ['/healthz', '/readyz', '/metrics', '/wp-login.php', '/'])
    await fetch(`${sandbox.url}${path}`, { headers: asAdmin })
  const host = { host_id: 'host-1', kind: 'functions', url: 'http://127.0.0.1:9', names: ['pay'] }
  for (let times = 0; times < 3; times++)
    await sandbox.control('/sandbox/hosts', { env_id: 'documented', ...host }, asAdmin)
  const tea = freshNumber()
  await sandbox.shop('documented').queryOrder(tea)
  await requests('out_trade_no = $1', [tea], 1)
  expect(
    await sandbox.db.rows(`select id from requests where door in ('health', 'metrics', 'none')`),
  ).toEqual([])
  expect(await requests('method = $1', ['hosts'], 1), 'that a host is there is news once').toHaveLength(1)
})

const seen = async (query: string) => {
  const response = await fetch(`${sandbox.url}/api/requests?${query}`, { headers: asAdmin })
  return ((await response.json()) as { requests: Row[] }).requests
}
/** As the API shows it, by the id that its caller heard. */
async function callOf(id: string, envId = '-'): Promise<Row | undefined> {
  const found = async () => (await seen(`env_id=${envId}&limit=500`)).find((call) => call.id === id)
  await expect.poll(found, { timeout: 10_000 }).toBeDefined()
  return found()
}

test('what a person changed is kept as it was asked and answered, without what is secret; what was looked at is not', async () => {
  const tea = freshNumber()
  const { prepay_id } = await sandbox.shop('documented').unifiedOrder(tea)
  const asked = { env_id: 'documented', prepay_id, then: 'cancel' }
  await sandbox.control('/sandbox/pay', asked, asAdmin)
  const whose = { env_id: 'documented', out_trade_no: tea }
  const early = await sandbox.control('/api/orders/close', whose, asAdmin)
  await fetch(`${sandbox.url}/api/orders/${tea}?env_id=documented`, { headers: asAdmin })
  await fetch(`${sandbox.url}/sandbox/callbacks?env_id=documented&out_trade_no=${tea}`, { headers: asAdmin })

  await requests(`out_trade_no = $1 and method in ('pay', 'closeOrder')`, [tea], 2)
  const calls = await seen(`env_id=documented&out_trade_no=${tea}`)
  const [pay, close] = ['pay', 'closeOrder'].map((method) => calls.find((call) => call.method === method))
  expect(JSON.parse(String(pay?.asked))).toEqual({ ...asked, prepay_id: '***' })
  expect(JSON.parse(String(pay?.answered))).toMatchObject({ result: 'cancelled', out_trade_no: tea })
  expect(JSON.parse(String(close?.asked))).toEqual(whose)
  expect(JSON.parse(String(close?.answered))).toMatchObject({ error: early.json.error })
  expect(JSON.stringify(calls)).not.toContain(String(prepay_id))
  for (const { method, asked: kept } of calls)
    if (method === 'showOrder' || method === 'callbacks') expect(kept).toBeUndefined()
})

test('a call whose body is not right is its environment’s all the same, with what was asked', async () => {
  for (const path of ['/api/orders/close', '/sandbox/pay']) {
    const whose = { env_id: 'documented', out_trade_no: 'not a number' }
    const { status, json } = await sandbox.control(path, whose, asAdmin)
    expect(status).toBe(400)
    const call = await callOf(idIn(json), 'documented')
    expect(call).toMatchObject({ env_id: 'documented', outcome: 'INVALID' })
    expect(JSON.parse(String(call?.asked))).toEqual(whose)
    expect(call).not.toHaveProperty('nobodys_for')
  }
  const { json } = await sandbox.control(
    '/api/orders/close',
    { env_id: 'nobody', out_trade_no: ' ' },
    asAdmin,
  )
  expect(await callOf(idIn(json))).toMatchObject({ outcome: 'INVALID', nobodys_for: 'request' })
})

test('of a call that is nobody’s the log tells whether its credentials did not hold, or nobody’s were looked at', async () => {
  const shop = sandbox.shop('documented')
  const { json: missigned } = await callAdmin(
    sandbox.url,
    { ...shop.credentials, secretKey: 'some other key' },
    'closeOrder',
    {},
  )
  expect(await callOf(idIn(missigned))).toMatchObject({ nobodys_for: 'credentials' })
  const { json: turned } = await sandbox.control('/sandbox/pay', {})
  expect(await callOf(idIn(turned))).toMatchObject({ outcome: 'TURNED_AWAY', nobodys_for: 'credentials' })

  const provider = { ...demoEnvironment.provider, sub: { subMchId } }
  const signed = signedFields(provider, { out_trade_no: freshNumber() })
  await postXml(sandbox.url, '/pay/closeorder', writeXml({ ...signed, sign: 'A'.repeat(32) }))
  await postXml(sandbox.url, '/pay/closeorder', '')
  const run = (headers: Record<string, string>) =>
    fetch(`${sandbox.url}/_/pay/closeOrder`, { method: 'POST', headers, body: '{}' })
  await run({ 'content-type': 'application/json', authorization: 'Bearer nobodys' })
  await run({ 'content-type': 'text/plain' })
  const told = async () =>
    (await seen('env_id=-&limit=500'))
      .filter(({ door }) => door === 'v2' || door === 'cloud-run')
      .map(({ outcome, nobodys_for }) => `${outcome}: ${nobodys_for}`)
      .sort()
  await expect
    .poll(told, { timeout: 10_000 })
    .toEqual(['45105: request', '48001: credentials', 'postDataEmpty: request', 'signError: credentials'])
})

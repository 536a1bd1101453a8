/** What people and programs find out through `/api`, and change: with the real client. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CloudPay, CloudPayRefused } from '../../src/client/index.ts'
import { callAdmin } from '../support/admin-client.ts'
import { operatorOf } from '../support/operator.ts'
import { ordered, paid } from '../support/orders.ts'
import { environmentNamed, freshNumber, openSandbox, type Sandbox, type Shop } from '../support/sandbox.ts'

let sandbox: Sandbox
let shop: Shop
let operator: CloudPay
beforeAll(async () => {
  sandbox = await openSandbox({
    environments: [
      environmentNamed('documented', 'documented'),
      environmentNamed('real', 'observed', { clock: 'real' }),
    ],
  })
  shop = sandbox.shop('documented')
  operator = operatorOf(sandbox, 'documented', { client: 'console' })
})
afterAll(() => sandbox.close())

async function all<Item>(list: AsyncIterable<Item>): Promise<Item[]> {
  const items = []
  for await (const item of list) items.push(item)
  return items
}

const numbersOf = async (search: string) =>
  (await all(operator.orders.list({ search }))).map(({ outTradeNo }) => outTradeNo)

test('an order is found by any number that names it, and by who pays', async () => {
  const tea = freshNumber()
  const payer = `o-${tea}`
  const { prepay_id } = await ordered(shop, tea, { sub_openid: payer })
  expect(await numbersOf(payer), 'by who is to pay').toEqual([tea])
  await shop.pay({ out_trade_no: tea })
  const refunded = await operator.refund({ outTradeNo: tea, outRefundNo: `${tea}-R`, refundFee: 90 })
  expect(refunded).toMatchObject({ outcome: 'accepted', refund: { refundFee: 90, state: 'PROCESSING' } })
  const found = await operator.orders.get(tea)
  if (found.outcome !== 'found' || refunded.outcome !== 'accepted') throw new Error('not found')
  const { transactionId = '' } = found.order
  const { refundId } = refunded.refund
  for (const number of [tea, transactionId, String(prepay_id), `${tea}-R`, refundId, payer])
    expect(await numbersOf(number), `by ${number}`).toEqual([tea])
  expect(await numbersOf('nobody')).toEqual([])
  expect(
    await operatorOf(sandbox, 'real').orders.list({ search: tea }).page(),
    'of its environment alone',
  ).toMatchObject({ orders: [] })
})

test('a payer with many orders is listed page by page, the newest first, each once', async () => {
  const payer = `o-${freshNumber()}`
  const teas = [freshNumber(), freshNumber(), freshNumber(), freshNumber(), freshNumber()]
  for (const tea of teas) await ordered(shop, tea, { sub_openid: payer })
  const listed = await all(operator.orders.list({ search: payer, pageSize: 2 }))
  expect(listed.map(({ outTradeNo }) => outTradeNo)).toEqual(teas.toReversed())
})

test('an order is shown with what made it, its refunds, what was told, and the calls that named it', async () => {
  const tea = freshNumber()
  await paid(shop, tea, { trade_type: 'NATIVE', product_id: 'oolong', attach: 'table 4' })
  await operator.refund({ outTradeNo: tea, outRefundNo: `${tea}-R`, refundDesc: 'cold' })
  await shop.advance('10s')
  await expect
    .poll(
      async () => {
        const found = await operator.orders.get(tea)
        return found.outcome === 'found' ? found.order : undefined
      },
      { timeout: 5_000 },
    )
    .toMatchObject({
      state: 'REFUND',
      tradeType: 'NATIVE',
      codeUrl: expect.stringContaining('/q/'),
      target: 'payCallback (prod-1a2b)',
      request: { attach: 'table 4', totalFee: 990 },
      refunds: [{ outRefundNo: `${tea}-R`, refundFee: 990, state: 'SUCCESS', desc: 'cold' }],
      attempts: expect.arrayContaining([
        expect.objectContaining({ subject: 'order', number: tea, outcome: 'not-hosted' }),
        expect.objectContaining({ subject: 'refund', number: `${tea}-R` }),
      ]),
      calls: expect.arrayContaining([
        expect.objectContaining({
          method: 'unifiedOrder',
          outcome: 'prepaid',
          asked: expect.stringContaining('"attach":"table 4"'),
          answered: expect.stringContaining('"sign":"***"'),
        }),
      ]),
    })
})

test('a callback that nobody hears is listed with its reason, and is sent again: one, or all that stand so', async () => {
  const [tea, coffee] = [freshNumber(), freshNumber()]
  await paid(shop, tea)
  await paid(shop, coffee)
  const standing = async () =>
    (await all(operator.callbacks.list({ states: ['exhausted'], pageSize: 1 }))).filter(({ outTradeNo }) =>
      [tea, coffee].includes(outTradeNo),
    )
  await expect.poll(standing, { timeout: 5_000 }).toMatchObject([{ outTradeNo: coffee }, { outTradeNo: tea }])
  const [first] = await standing()
  expect(first?.notices).toMatchObject([
    {
      state: 'exhausted',
      attempts: 1,
      whyCode: 'not-hosted',
      why: { en: expect.stringContaining('cloudpay dev') },
    },
  ])
  expect(await operator.callbacks.resend({ outTradeNo: tea })).toEqual({ outcome: 'resent', count: 1 })
  expect(await operator.callbacks.resend({ outTradeNo: 'nobody' })).toEqual({ outcome: 'not-found' })
  await expect
    .poll(async () => (await standing()).find(({ outTradeNo }) => outTradeNo === tea)?.notices[0]?.attempts, {
      timeout: 5_000,
    })
    .toBe(2)
  const resent = await operator.callbacks.resend({ state: 'exhausted' })
  expect(resent.outcome === 'resent' && resent.count).toBeGreaterThanOrEqual(2)
})

test('every call is listed; of nobody’s the reason why its signature does not hold', async () => {
  const tea = freshNumber()
  await shop.closeOrder(tea)
  const mine = () => all(operator.requests.list({ outTradeNo: tea, failed: true }))
  await expect.poll(mine, { timeout: 5_000 }).toMatchObject([
    {
      method: 'closeOrder',
      door: 'cloud-function',
      outcome: 'not-found',
      why: expect.stringContaining('ORDERNOTEXIST'),
      answered: expect.stringContaining('ORDERNOTEXIST'),
    },
  ])
  await callAdmin(sandbox.url, { ...shop.credentials, secretKey: 'some other key' }, 'closeOrder', {})
  await expect
    .poll(async () => (await operator.requests.list({ nobodys: true, pageSize: 1 }).page()).requests, {
      timeout: 5_000,
    })
    .toMatchObject([{ outcome: 'SIGN_PARAM_INVALID', why: 'signature-mismatch', method: 'closeOrder' }])
})

test('calls that are nobody’s are listed with the environment’s where that is asked for, page by page', async () => {
  const mine = freshNumber()
  await shop.queryOrder(mine)
  await callAdmin(sandbox.url, { secretId: 'AKIDnobody', secretKey: 'any' }, 'refund', {})
  const both = () => all(operator.requests.list({ withNobodys: true, pageSize: 1 }))
  await expect.poll(async () => (await both())[0]?.method, { timeout: 5_000 }).toBe('refund')
  const listed = await both()
  const times = listed.map(({ at }) => at.getTime())
  expect(times, 'the newest first').toEqual(times.toSorted((one, other) => other - one))
  expect(new Set(listed.map(({ id }) => id)).size, 'each once').toBe(listed.length)
  const [stranger] = listed
  expect(stranger).toMatchObject({
    why: 'unknown-secret-id',
    check: { part: 'secret-id', en: expect.stringContaining('AKIDnobody') },
  })
  expect(stranger?.check?.en, 'which there are').toContain(shop.credentials.secretId)
  expect(stranger?.envId).toBeUndefined()
  expect(listed.find(({ outTradeNo }) => outTradeNo === mine)?.envId).toBe('documented')
  expect((await all(operator.requests.list())).every(({ envId }) => envId === 'documented')).toBe(true)
})

test('environments are listed, and how to reach one; a key that is no demo’s is never shown', async () => {
  expect(await operator.environments()).toMatchObject({
    environments: [
      { envId: 'documented', channel: 'sandbox', rules: 'documented', clock: 'test', demo: false },
      { envId: 'real', rules: 'observed', clock: 'real' },
    ],
  })
  const connect = await operator.connect()
  expect(connect).toMatchObject({ secretId: shop.credentials.secretId, demo: false })
  expect(JSON.stringify(connect)).not.toContain(shop.credentials.secretKey)
})

test('what happened is counted over time, and what needs somebody is said', async () => {
  const before = await operator.overview({ hours: 1 })
  const tea = freshNumber()
  await paid(shop, tea)
  const sum = (buckets: typeof before.buckets) => {
    const total = { ordered: 0, paid: 0, callbacksFailed: 0 }
    for (const bucket of buckets) {
      total.ordered += bucket.ordered
      total.paid += bucket.paid
      total.callbacksFailed += bucket.callbacksFailed
    }
    return total
  }
  const then = sum(before.buckets)
  await expect
    .poll(async () => sum((await operator.overview({ hours: 1 })).buckets), { timeout: 5_000 })
    .toEqual({ ordered: then.ordered + 1, paid: then.paid + 1, callbacksFailed: then.callbacksFailed + 1 })
  expect((await operator.overview()).untold.exhausted).toBeGreaterThan(0)
})

test('what is repeated is counted once: an order, a refund; a notice that is tried again is one notice', async () => {
  const sum = async () => {
    const { buckets } = await operator.overview({ hours: 1 })
    const of = (name: 'ordered' | 'refunded' | 'notices' | 'noticesTold' | 'callbacksFailed') =>
      buckets.reduce((total, bucket) => total + bucket[name], 0)
    return {
      ordered: of('ordered'),
      refunded: of('refunded'),
      notices: of('notices'),
      told: of('noticesTold'),
      failed: of('callbacksFailed'),
    }
  }
  const before = await sum()
  const tea = freshNumber()
  const asked = { outTradeNo: tea, body: 'Tea', totalFee: 990 }
  for (let times = 0; times < 2; times++) await operator.createOrder(asked)
  await operator.sandbox.pay(tea)
  for (let times = 0; times < 3; times++)
    await operator.refund({ outTradeNo: tea, outRefundNo: `${tea}-R`, refundFee: 1 })
  await operator.sandbox.setClock({ advance: '10s' })
  await operator.callbacks.resend({ outTradeNo: tea })
  await expect.poll(sum, { timeout: 5_000 }).toEqual({
    ordered: before.ordered + 1,
    refunded: before.refunded + 1,
    notices: before.notices + 2,
    told: before.told,
    failed: before.failed + 3,
  })
})

test('a program that is no cloud function orders, and the same call again is the same order', async () => {
  const tea = freshNumber()
  const asked = { outTradeNo: tea, body: 'Tea', totalFee: 990, tradeType: 'NATIVE' } as const
  const created = await operator.createOrder(asked)
  expect(created).toMatchObject({ outcome: 'created', tradeType: 'NATIVE', codeUrl: expect.any(String) })
  expect(await operator.createOrder(asked)).toEqual(created)
  expect(await operator.createOrder({ ...asked, totalFee: 1 })).toMatchObject({
    outcome: 'refused',
    code: 'OUT_TRADE_NO_USED',
  })
  expect(await operator.sandbox.pay(tea)).toMatchObject({
    outcome: 'paid',
    transactionId: expect.any(String),
  })
  expect(await operator.createOrder(asked)).toMatchObject({ outcome: 'paid', code: 'ORDERPAID' })
  const jsapi = await operator.createOrder({ outTradeNo: freshNumber(), body: 'Tea', totalFee: 990 })
  expect(jsapi, 'goes straight to wx.requestPayment').toMatchObject({
    outcome: 'created',
    payment: { appId: expect.any(String), package: expect.stringMatching(/^prepay_id=/) },
  })
  const told = await operator.createOrder({
    outTradeNo: freshNumber(),
    body: 'Tea',
    totalFee: 990,
    notifyUrl: 'http://127.0.0.1:9/notify',
  })
  expect(told, 'is called back as v2 does').toMatchObject({ outcome: 'created' })
})

test('a refund by its number happens once, and says why not', async () => {
  const tea = freshNumber()
  await paid(shop, tea)
  const half = { outTradeNo: tea, outRefundNo: `${tea}-1`, refundFee: 500 }
  const first = await operator.refund(half)
  expect(first).toMatchObject({ outcome: 'accepted', refund: { refundFee: 500 } })
  expect(await operator.refund(half)).toEqual(first)
  const rest = { outTradeNo: tea, outRefundNo: `${tea}-2` }
  expect(await operator.refund(rest), 'all that is left').toMatchObject({ refund: { refundFee: 490 } })
  expect(await operator.refund(rest), 'again is the same').toMatchObject({
    outcome: 'accepted',
    refund: { refundFee: 490 },
  })
  expect(await operator.refund({ ...rest, outRefundNo: `${tea}-3` })).toMatchObject({ outcome: 'refused' })
  expect(await operator.refund({ outTradeNo: 'nobody', outRefundNo: 'R-1' })).toEqual({
    outcome: 'not-found',
  })
})

test('a payer cancels, fails, waits and pays; a closed order refuses, in words', async () => {
  const tea = freshNumber()
  await ordered(shop, tea)
  const outcomes = []
  for (const then of ['cancel', 'fail', 'wait', 'pay'] as const)
    outcomes.push((await operator.sandbox.pay(tea, { then })).outcome)
  expect(outcomes).toEqual(['cancelled', 'failed', 'waiting', 'paid'])
  expect(await operator.sandbox.pay(tea, { then: 'wait' })).toMatchObject({
    outcome: 'refused',
    code: 'ALREADY_PAID',
  })
  expect(await operator.sandbox.pay('nobody')).toEqual({ outcome: 'not-found' })
})

test('the clock goes to what is due next; faults are switched on and off by their ids', async () => {
  const { now, nextDue } = await operator.sandbox.clock()
  const tea = freshNumber()
  await paid(shop, tea)
  await operator.refund({ outTradeNo: tea, outRefundNo: `${tea}-R` })
  const { nextDue: due, next } = await operator.sandbox.clock()
  expect(next?.at, 'and what that is').toEqual(due)
  expect(due?.getTime()).toBeGreaterThan(now.getTime())
  expect(nextDue === undefined || (due !== undefined && due <= nextDue)).toBe(true)
  const there = await operator.sandbox.setClock({ next: true })
  expect(there.now.getTime()).toBeGreaterThanOrEqual(due?.getTime() ?? Number.POSITIVE_INFINITY)
  const id = await operator.sandbox.switchOn({ on: 'systemerror-before', times: 3 })
  const { on, menu } = await operator.sandbox.faults()
  expect(on).toMatchObject([{ id, fault: 'systemerror-before', timesLeft: 3 }])
  expect(menu.length).toBeGreaterThan(5)
  expect(await operator.sandbox.switchOff(id)).toBe(1)
})

test('what a person changes is on record, with who and the outcome; what tests do to a sandbox is not', async () => {
  const tea = freshNumber()
  await ordered(shop, tea)
  await operator.closeOrder(tea)
  await operator.sandbox.setClock({ advance: '1s' })
  await operatorOf(sandbox, 'documented').sandbox.setClock({ advance: '1s' })
  expect((await operator.audit().page()).entries.slice(0, 2)).toMatchObject([
    { action: 'clock', client: 'console', who: 'local 127.0.0.1', outcome: 'ok', status: 200 },
    { action: 'closeOrder', outcome: 'CLOSE_TOO_EARLY', status: 409, asked: expect.stringContaining(tea) },
  ])
})

test('a cursor of another list, a time out of range and an unknown environment are refused, not failed', async () => {
  const cursor = Buffer.from('[1,"\\u0000","x"]').toString('base64url')
  for (const path of ['orders', 'callbacks', 'requests', 'audit']) {
    const answer = await fetch(`${sandbox.url}/api/${path}?env_id=documented&cursor=${cursor}`)
    expect(answer.status, path).toBe(400)
  }
  for (const time of ['1000000d', '999999999d', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59Z']) {
    const answer = await fetch(`${sandbox.url}/api/orders?env_id=documented&created_before=${time}`)
    expect(answer.status, time).toBe(400)
  }
  await expect(operatorOf(sandbox, 'nowhere').overview()).rejects.toBeInstanceOf(CloudPayRefused)
})

test('refusals are told in the language of whoever asks, not of the shop', async () => {
  const said = async (language: 'zh' | 'en') => {
    const result = await operatorOf(sandbox, 'documented', { language }).sandbox.pay('nobody', {
      then: 'pay',
    })
    const refused = await operatorOf(sandbox, 'documented', { language }).createOrder({
      outTradeNo: freshNumber(),
      body: 'Tea',
      totalFee: 0,
    })
    return [result.outcome, refused.outcome === 'refused' ? refused.message : '']
  }
  expect(await said('zh')).toEqual(['not-found', expect.stringMatching(/\p{Script=Han}/u)])
  expect(await said('en')).toEqual(['not-found', expect.not.stringMatching(/\p{Script=Han}/u)])
})

test('keys that a program sends along are not kept, nor is a body that is nested without end taken', async () => {
  const tea = freshNumber()
  await shop.answer('closeOrder', {
    sub_mch_id: '1900000109',
    out_trade_no: tea,
    key: 'a-key-by-name',
    attach: `left behind: ${shop.apiKey}`,
  })
  const kept = () => operator.requests.list({ outTradeNo: tea }).page()
  await expect.poll(async () => (await kept()).requests.length, { timeout: 5_000 }).toBe(1)
  const text = JSON.stringify(await kept())
  for (const secret of ['a-key-by-name', shop.apiKey]) expect(text).not.toContain(secret)
  const deep = `{"env_id":"documented","out_trade_no":"${tea}","body":"x","total_fee":1,"z":${'['.repeat(5_000)}${']'.repeat(5_000)}}`
  const answer = await fetch(`${sandbox.url}/api/orders/create`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: deep,
  })
  expect({ status: answer.status, found: (await operator.orders.get(tea)).outcome }).toEqual({
    status: 400,
    found: 'not-found',
  })
  for (const query of ['orders?search=%00', 'requests?method=%00', 'requests?out_trade_no=%00'])
    expect((await fetch(`${sandbox.url}/api/${query}&env_id=documented`)).status, query).toBe(400)
})

/** Every fault of the menu, asked for in each way, and what a shop meets then. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { faultMenu, faultNames } from '../../src/channels/sandbox/fault-menu.ts'
import { signatureOf } from '../support/answers.ts'
import {
  acknowledgesXml,
  type CallbackTarget,
  hosts,
  jsonOf,
  openTarget,
  returned,
  xmlOf,
} from '../support/callback-target.ts'
import { postPay } from '../support/cloud-run-client.ts'
import { atRest, ordered, paid } from '../support/orders.ts'
import { rawRequest } from '../support/raw-request.ts'
import {
  freshNumber,
  openSandbox,
  orderRequest,
  type Sandbox,
  type Shop,
  subMchId,
} from '../support/sandbox.ts'
import { providerOf, v2Environment } from '../support/v2-accounts.ts'
import { payerOpenid, v2Shop } from '../support/v2-client.ts'

const setting = v2Environment('documented', 1, {
  doorToken: 'token-of-documented',
  callbackRetries: undefined,
})

let sandbox: Sandbox
let shop: Shop
beforeAll(async () => {
  sandbox = await openSandbox({ environments: [setting] })
  shop = sandbox.shop()
})
afterAll(() => sandbox.close())

const switchFaults = async (asked: object) => {
  const answer = await sandbox.control('/sandbox/faults', { env_id: 'documented', ...asked })
  expect(answer).toMatchObject({ status: 200 })
  return answer.json
}
const on = (fault: string, more: object = {}) => switchFaults({ on: fault, ...more })
afterEach(() => switchFaults({ off: 'all' }))

const open: CallbackTarget[] = []
afterEach(async () => {
  for (const target of open.splice(0)) await target.close()
})
async function xmlTarget(): Promise<CallbackTarget> {
  const target = await openTarget(acknowledgesXml)
  open.push(target)
  return target
}
const v2 = () => v2Shop(sandbox, 'documented', providerOf(setting))

/** A call of Cloud Run, with a fault asked for by its header. */
const withFault = (fault: string, name: string, body: object) =>
  postPay(sandbox.url, name, {
    token: 'token-of-documented',
    headers: { 'x-cloudpay-fault': fault },
    body: JSON.stringify(body),
  })
const rawWithFault = (fault: string, name: string, body: object) =>
  rawRequest(sandbox.url, {
    path: `/_/pay/${name}`,
    headers: {
      'content-type': 'application/json',
      authorization: 'Bearer token-of-documented',
      'x-cloudpay-fault': fault,
    },
    body: JSON.stringify(body),
  })
const orderOf = (tea: string) => orderRequest(tea, { openid: payerOpenid })
const numbered = (tea: string) => ({ sub_mch_id: subMchId, out_trade_no: tea })

test('the menu is shown, each fault with what it does and the report that it comes from', async () => {
  const { menu } = (await (await fetch(`${sandbox.url}/sandbox/faults?env_id=documented`)).json()) as {
    menu: { fault: string; does: string; report: string }[]
  }
  expect(menu.map(({ fault }) => fault)).toEqual(faultNames)
  for (const { does, report } of menu) expect([does, report].every((text) => text.length > 10)).toBe(true)
})

describe('systemerror', () => {
  test('before: SYSTEMERROR, and nothing was done', async () => {
    const tea = freshNumber()
    const { respdata } = await withFault('systemerror-before', 'unifiedorder', orderOf(tea))
    expect(respdata).toMatchObject({ err_code: 'SYSTEMERROR' })
    expect(await shop.queryOrder(tea)).toMatchObject({ err_code: 'ORDERNOTEXIST' })
  })

  test('after: SYSTEMERROR, and it is done: the same call finds it', async () => {
    const tea = freshNumber()
    const { respdata } = await withFault('systemerror-after', 'unifiedorder', orderOf(tea))
    expect(respdata).toMatchObject({ err_code: 'SYSTEMERROR' })
    expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'NOTPAY' })
    expect(await shop.unifiedOrder(tea, { openid: payerOpenid })).toMatchObject({ result_code: 'SUCCESS' })
  })
})

describe('the answer', () => {
  test('never comes: the caller gives up, and nothing was done', async () => {
    const tea = freshNumber()
    const gaveUp = fetch(`${sandbox.url}/_/pay/unifiedorder`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: 'Bearer token-of-documented',
        'x-cloudpay-fault': 'no-answer',
      },
      body: JSON.stringify(orderOf(tea)),
      signal: AbortSignal.timeout(300),
    })
    await expect(gaveUp).rejects.toMatchObject({ name: 'TimeoutError' })
    expect(await shop.queryOrder(tea)).toMatchObject({ err_code: 'ORDERNOTEXIST' })
  })

  test('is lost: the connection breaks, and it is done', async () => {
    const tea = freshNumber()
    expect(await rawWithFault('answer-lost', 'unifiedorder', orderOf(tea))).toBe('broken')
    expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'NOTPAY' })
  })

  test('is slow: it is done before it comes', async () => {
    const tea = freshNumber()
    let answered = false
    const slow = withFault('slow=2s', 'unifiedorder', orderOf(tea)).then((answer) => {
      answered = true
      return answer
    })
    while ((await shop.queryOrder(tea)).trade_state !== 'NOTPAY') expect(answered).toBe(false)
    expect(answered, 'the order is there, its answer is not').toBe(false)
    expect((await slow).respdata).toMatchObject({ result_code: 'SUCCESS' })
  })

  test('is wrongly signed, and everything else of it is right', async () => {
    const tea = freshNumber()
    const { respdata = {} } = await withFault('bad-signature', 'unifiedorder', orderOf(tea))
    expect(respdata).toMatchObject({ result_code: 'SUCCESS', sign: expect.stringMatching(/^[0-9A-F]{32}$/) })
    expect(respdata.sign).not.toBe(signatureOf(respdata, shop.apiKey))
    const { sign: _, ...rest } = respdata
    expect(signatureOf(rest, shop.apiKey)).not.toBe(respdata.sign)
  })
})

test('close-without-effect: SUCCESS, within five minutes and after, yet the order stays NOTPAY and can be paid', async () => {
  const tea = freshNumber()
  await ordered(shop, tea)
  await on('close-without-effect', { out_trade_no: tea })
  expect(await shop.closeOrder(tea)).toMatchObject({ result_code: 'SUCCESS' })
  expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'NOTPAY' })
  await shop.advance('5m')
  expect(await shop.closeOrder(tea)).toMatchObject({ result_code: 'SUCCESS' })
  expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'NOTPAY' })
  expect(await shop.pay({ out_trade_no: tea })).toMatchObject({ status: 200 })
  expect(await shop.closeOrder(tea), 'a paid order tells the truth').toMatchObject({ err_code: 'ORDERPAID' })
})

test('clock-skew for one method, or one order, refuses the SDK there and nowhere else', async () => {
  const [struck, spared] = [freshNumber(), freshNumber()]
  await ordered(shop, struck)
  await ordered(shop, spared)
  await on('clock-skew', { method: 'closeOrder', out_trade_no: struck })
  expect(await shop.call('closeOrder', numbered(struck))).toMatchObject({
    json: { code: 'SIGN_PARAM_INVALID' },
  })
  expect(await shop.closeOrder(spared)).toMatchObject({ return_code: 'SUCCESS' })
  expect(await shop.queryOrder(struck)).toMatchObject({ trade_state: 'NOTPAY' })
})

test('clock-skew: the SDK is refused as too old, elsewhere the payment is dated wrongly', async () => {
  await on('clock-skew')
  expect(await shop.call('queryOrder', numbered('TEA'))).toMatchObject({
    channel: 'error',
    json: { code: 'SIGN_PARAM_INVALID', message: expect.stringMatching(/more than 600 s apart/) },
  })
  await atRest({ ...shop }, async (now) => {
    const { respdata } = await withFault('clock-skew=1h', 'unifiedorder', orderOf(freshNumber()))
    const payment = respdata?.payment as { timeStamp: string } | undefined
    // The rule came first: a quarter of an hour, unless the call says otherwise.
    expect(Number(payment?.timeStamp) - now.getTime() / 1000).toBe(3_600)
  })
})

describe('the callback', () => {
  const orderAndPay = async (target: CallbackTarget, fault: string) => {
    const tea = freshNumber()
    await ordered(v2(), tea, { notify_url: `${target.url}/n` })
    await on(fault, { out_trade_no: tea })
    expect(await v2().pay({ out_trade_no: tea })).toMatchObject({ status: 200 })
    return tea
  }
  const noticeOf = async (tea: string) => {
    const response = await fetch(`${sandbox.url}/sandbox/callbacks?env_id=documented&out_trade_no=${tea}`)
    return ((await response.json()) as { notices: Record<string, unknown>[] }).notices[0]
  }

  test('comes twice although it was acknowledged: one second later, with another nonce', async () => {
    const target = await xmlTarget()
    await atRest(shop, async () => {
      const tea = await orderAndPay(target, 'callback-duplicate')
      await shop.advance('999ms')
      expect(target.received).toHaveLength(1)
      await shop.advance('1ms')
      expect(target.received).toHaveLength(2)
      const [first, second] = target.received.map(xmlOf)
      expect(second?.nonce_str).not.toBe(first?.nonce_str)
      expect(second?.transaction_id).toBe(first?.transaction_id)
      await shop.advance('2d')
      expect(target.received).toHaveLength(2)
      expect(await noticeOf(tea)).toMatchObject({ state: 'delivered', attempts: 2 })
    })
  })

  test('comes before the payment has returned', async () => {
    let returnedYet = false
    let cameFirst: boolean | undefined
    const target = await openTarget(() => {
      cameFirst = !returnedYet
      return acknowledgesXml
    })
    open.push(target)
    await orderAndPay(target, 'callback-before-answer')
    returnedYet = true
    expect(cameFirst).toBe(true)
  })

  test('of a refund comes before the refund call has returned', async () => {
    const target = await openTarget(returned({ errcode: 0 }))
    open.push(target)
    await hosts(sandbox, 'documented', target, { kind: 'functions', names: ['refundCallback'] })
    const tea = freshNumber()
    await paid(shop, tea)
    const before = target.received.length
    const { respdata } = await withFault('callback-before-answer', 'refund', {
      ...numbered(tea),
      out_refund_no: `R-${tea}`,
      total_fee: 990,
      refund_fee: 990,
      function_name: 'refundCallback',
      env_id: 'prod-1a2b',
    })
    expect(respdata).toMatchObject({ result_code: 'SUCCESS' })
    const own = target.received.slice(before).filter(({ body }) => body.includes(`R-${tea}`))
    expect(own, 'it is there already').toHaveLength(1)
  })

  test('comes out of order: after those of later orders', async () => {
    const target = await xmlTarget()
    await atRest(shop, async () => {
      const first = await orderAndPay(target, 'callback-out-of-order')
      const second = freshNumber()
      await paid(v2(), second, { notify_url: `${target.url}/n` })
      await shop.advance('9m')
      expect(target.received.map((one) => xmlOf(one).out_trade_no)).toEqual([second])
      await shop.advance('1m')
      expect(target.received.map((one) => xmlOf(one).out_trade_no)).toEqual([second, first])
    })
  })

  test('never comes, is seen as exhausted, and can be sent by hand', async () => {
    const target = await xmlTarget()
    const tea = await orderAndPay(target, 'callback-lost')
    await shop.advance('2d')
    expect(target.received).toEqual([])
    expect(await noticeOf(tea)).toMatchObject({
      state: 'exhausted',
      attempts: 0,
      why: expect.stringContaining('callback-lost'),
    })
    await sandbox.control('/sandbox/callbacks', { env_id: 'documented', out_trade_no: tea, resend: true })
    expect(xmlOf(await target.arrived(1))).toMatchObject({ out_trade_no: tea })
  })

  test('is wrongly signed', async () => {
    const target = await xmlTarget()
    await orderAndPay(target, 'callback-bad-signature')
    const fields = xmlOf(await target.arrived(1))
    expect(fields.sign).toMatch(/^[0-9A-F]{32}$/)
    expect(fields.sign).not.toBe(signatureOf(fields, setting.provider.apiKey))
  })

  test('is struck as its order asked for when it was made', async () => {
    const target = await xmlTarget()
    const tea = freshNumber()
    const { respdata } = await withFault('callback-lost', 'unifiedorder', {
      ...orderOf(tea),
      function_name: undefined,
      container: { service: 'pay', path: '/' },
    })
    expect(respdata).toMatchObject({ result_code: 'SUCCESS' })
    await shop.pay({ out_trade_no: tea })
    expect(await noticeOf(tea)).toMatchObject({ state: 'exhausted', attempts: 0 })
    expect(target.received).toEqual([])
  })
})

describe('a fault is asked for', () => {
  const failing = async (tea: string, more?: object) => (await shop.unifiedOrder(tea, more)).err_code

  test('by amount', async () => {
    await on('systemerror-before', { total_fee: 101 })
    expect(await failing(freshNumber(), { total_fee: 101 })).toBe('SYSTEMERROR')
    expect(await failing(freshNumber(), { total_fee: 102 })).toBeUndefined()
  })

  test('by amount, of calls that only name the order too', async () => {
    const [tea, other] = [freshNumber(), freshNumber()]
    await ordered(shop, tea, { total_fee: 103 })
    await ordered(shop, other)
    await on('systemerror-before', { total_fee: 103 })
    expect(await shop.queryOrder(tea)).toMatchObject({ err_code: 'SYSTEMERROR' })
    expect(await shop.queryOrder(other)).toMatchObject({ trade_state: 'NOTPAY' })
  })

  test('by order, or by the beginning of its number', async () => {
    const tea = freshNumber()
    await on('systemerror-before', { out_trade_no: tea })
    await on('systemerror-before', { out_trade_no: 'BROKEN-*' })
    expect(await failing(tea)).toBe('SYSTEMERROR')
    expect(await failing(freshNumber('BROKEN'))).toBe('SYSTEMERROR')
    expect(await failing(freshNumber())).toBeUndefined()
  })

  test('by method', async () => {
    const tea = freshNumber()
    await on('systemerror-before', { method: 'queryOrder' })
    expect(await failing(tea)).toBeUndefined()
    expect(await shop.queryOrder(tea)).toMatchObject({ err_code: 'SYSTEMERROR' })
  })

  test('so often and no more, however many ask at once', async () => {
    await on('systemerror-before', { times: 3 })
    const heard = await Promise.all(Array.from({ length: 12 }, () => failing(freshNumber())))
    expect(heard.filter((code) => code === 'SYSTEMERROR')).toHaveLength(3)
    const { on: left } = (await (await fetch(`${sandbox.url}/sandbox/faults?env_id=documented`)).json()) as {
      on: unknown[]
    }
    expect(left).toEqual([])
  })

  test('once, and a refund that is only asked for again does not use it up', async () => {
    const tea = freshNumber()
    await paid(shop, tea)
    const refund = (number: string) =>
      shop.answer('refund', {
        ...numbered(tea),
        out_refund_no: number,
        total_fee: 990,
        refund_fee: 1,
      })
    await refund(`A-${tea}`)
    await on('refund-closed', { times: 1 })
    for (const number of [`A-${tea}`, `B-${tea}`]) await refund(number)
    await shop.advance('5s')
    for (const [number, status] of [
      [`A-${tea}`, 'SUCCESS'],
      [`B-${tea}`, 'REFUNDCLOSE'],
    ] as const)
      expect(await shop.answer('queryRefund', { sub_mch_id: subMchId, out_refund_no: number })).toMatchObject(
        {
          refund_status_0: status,
        },
      )
  })

  test('until it is switched off, by its name or its id', async () => {
    await on('systemerror-before')
    const { switched_on } = (await on('bad-signature')) as { switched_on: { id: string } }
    expect(await failing(freshNumber())).toBe('SYSTEMERROR')
    expect(await switchFaults({ off: 'systemerror-before' })).toMatchObject({ switched_off: 1 })
    expect(await failing(freshNumber())).toBeUndefined()
    expect(await switchFaults({ off: switched_on.id })).toMatchObject({ switched_off: 1 })
    expect(await switchFaults({ off: 'all' })).toMatchObject({ switched_off: 0 })
  })

  test('of a payment only where it strikes payments: others are refused, and nothing is paid', async () => {
    const tea = freshNumber()
    await ordered(shop, tea)
    const refused = await sandbox.control(
      '/sandbox/pay',
      { env_id: 'documented', out_trade_no: tea },
      { 'x-cloudpay-fault': 'slow=2s' },
    )
    expect(refused).toMatchObject({ status: 400, json: { error: { code: 'INVALID' } } })
    expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'NOTPAY' })
  })

  test('only where there is one: a wrong name, span or rule is refused in words', async () => {
    const { respdata } = await withFault('explode', 'queryorder', numbered('TEA'))
    expect(respdata).toMatchObject({
      return_code: 'FAIL',
      return_msg: expect.stringMatching(/x-cloudpay-fault names an unknown fault/),
    })
    expect((await withFault('slow=soon', 'queryorder', numbered('TEA'))).respdata).toMatchObject({
      return_code: 'FAIL',
    })
    for (const asked of [
      {},
      { on: 'explode' },
      { on: 'slow', span: '2h' },
      { on: 'slow', off: 'slow' },
      { on: 'slow', times: 0 },
    ])
      expect(await sandbox.control('/sandbox/faults', { env_id: 'documented', ...asked })).toMatchObject({
        status: 400,
      })
    expect(Object.keys(faultMenu).length).toBeGreaterThan(10)
  })
})

test('a container learns of a wrong signature from its own header', async () => {
  const target = await openTarget()
  open.push(target)
  await hosts(sandbox, 'documented', target, { kind: 'container', names: ['signed'] })
  const tea = freshNumber()
  await on('callback-bad-signature', { out_trade_no: tea })
  await paid(shop, tea, { function_name: undefined, container: { service: 'signed', path: '/' } })
  const received = await target.arrived(1)
  expect(jsonOf(received)).toMatchObject({ outTradeNo: tea })
  const { createHmac } = await import('node:crypto')
  const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(received.headers['x-cloudpay-signature'])) ?? []
  expect(v1).not.toBe(
    createHmac('sha256', 'token-of-documented').update(`${t}.${received.body}`).digest('hex'),
  )
})

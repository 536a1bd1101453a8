/** `wx.requestPayment` and the payer at its cashier, in the client's own words. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SignType, sign } from '../../src/protocol/sign.ts'
import { paymentIn, textOf } from '../support/answers.ts'
import { closed, ordered, paid } from '../support/orders.ts'
import { environmentNamed, freshNumber, openSandbox, type Sandbox, type Shop } from '../support/sandbox.ts'
import { merchantOf, providerOf, v2Environment } from '../support/v2-accounts.ts'
import { type V2Identity, v2Shop } from '../support/v2-client.ts'

const setting = v2Environment('documented', 1)

let sandbox: Sandbox
let shop: Shop
beforeAll(async () => {
  sandbox = await openSandbox({ environments: [setting, environmentNamed('other', 'documented')] })
  shop = sandbox.shop('documented')
})
afterAll(() => sandbox.close())

type Payment = Readonly<Record<string, string>>

async function requestPayment(payment: Payment, more: object = {}) {
  const asked = { env_id: 'documented', payment, ...more }
  const { status, json } = await sandbox.control('/sandbox/request-payment', asked)
  if (status !== 200) throw new Error(`refused: ${JSON.stringify(json)}`)
  return json
}

const paymentFor = async (tea: string, more?: object) => paymentIn(await ordered(shop, tea, more))

describe('the payer', () => {
  test('pays: requestPayment:ok, and the order is paid', async () => {
    const tea = freshNumber()
    const payment = await paymentFor(tea)
    expect(await requestPayment(payment)).toMatchObject({
      errMsg: 'requestPayment:ok',
      out_trade_no: tea,
      transaction_id: expect.stringMatching(/^4200/),
    })
    expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'SUCCESS' })
  })

  test.each([
    ['cancel', 'requestPayment:fail cancel'],
    ['fail', 'requestPayment:fail'],
  ])('does not pay (%s): %s, and the order can still be paid', async (then, errMsg) => {
    const tea = freshNumber()
    const payment = await paymentFor(tea)
    expect(await requestPayment(payment, { then })).toMatchObject({ errMsg })
    expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'NOTPAY' })
    expect(await requestPayment(payment)).toMatchObject({ errMsg: 'requestPayment:ok' })
  })

  test('waits on the password page while the shop closes the order, and is refused', async () => {
    const tea = freshNumber()
    const payment = await paymentFor(tea)
    expect(await requestPayment(payment, { then: 'wait' })).toMatchObject({ waiting: true })
    await shop.advance('5m')
    expect(await shop.closeOrder(tea)).toMatchObject({ result_code: 'SUCCESS' })
    expect(await requestPayment(payment, { then: 'pay' })).toMatchObject({
      errMsg: 'requestPayment:fail 该订单已失效，请重新下单',
      why: 'closed',
    })
    expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'CLOSED' })
  })

  test('of two that confirm at once one pays', async () => {
    const tea = freshNumber()
    const payment = await paymentFor(tea, { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' })
    const said = await Promise.all(Array.from({ length: 10 }, () => requestPayment(payment)))
    expect(said.filter(({ errMsg }) => errMsg === 'requestPayment:ok')).toHaveLength(1)
    expect(said.filter(({ why }) => why === 'already-paid')).toHaveLength(9)
  })

  test('is whoever the order names, and nobody else', async () => {
    const tea = freshNumber()
    const payment = await paymentFor(tea, { openid: 'oLin' })
    expect(await requestPayment(payment, { openid: 'oWang' })).toMatchObject({
      errMsg: 'requestPayment:fail 当前支付账号与下单账号不一致',
    })
    expect(await shop.pay({ out_trade_no: tea, openid: 'oWang' })).toMatchObject({
      status: 409,
      json: { error: { code: 'OTHER_PAYER' } },
    })
    expect(await requestPayment(payment, { openid: 'oLin' })).toMatchObject({
      errMsg: 'requestPayment:ok',
      openid: 'oLin',
    })
  })

  test('is anybody of several where the order names nobody', async () => {
    const lin = await sandbox.control('/sandbox/payers', { env_id: 'documented', name: 'Lin' })
    expect(lin.json.openid).toMatch(/^o[0-9A-Za-z_-]{27}$/)
    await sandbox.control('/sandbox/payers', { env_id: 'documented', name: 'Wang', openid: 'oWang' })
    const { payers } = (await (await fetch(`${sandbox.url}/sandbox/payers?env_id=documented`)).json()) as {
      payers: unknown[]
    }
    expect(payers).toEqual([
      { name: 'Lin', openid: lin.json.openid },
      { name: 'Wang', openid: 'oWang' },
    ])
    const tea = freshNumber()
    const payment = await paymentFor(tea, { trade_type: 'APP' })
    expect(await requestPayment(payment, { openid: 'oWang' })).toMatchObject({ openid: 'oWang' })
    expect(await shop.queryOrder(tea)).toMatchObject({ openid: 'oWang' })
  })
})

describe('the client refuses, in its words,', () => {
  test.each([
    ['a closed order', closed, '该订单已失效，请重新下单'],
    ['a paid order', paid, '该订单已支付'],
  ])('%s', async (_what, arrange, words) => {
    const tea = freshNumber()
    const answers: Record<string, unknown>[] = []
    // The payment of the order as it was made, before it was paid or closed.
    await arrange(
      { ...shop, unifiedOrder: async (...asked) => keep(answers, await shop.unifiedOrder(...asked)) },
      tea,
    )
    const payment = paymentIn(answers[0] ?? {})
    for (const then of ['wait', 'pay', 'cancel'])
      expect(await requestPayment(payment, { then })).toMatchObject({
        errMsg: `requestPayment:fail ${words}`,
      })
  })

  test('a prepay older than two hours, and an order whose own time is over', async () => {
    const [tea, late] = [freshNumber(), freshNumber()]
    const now = await shop.now()
    const payment = await paymentFor(tea)
    const expiring = await paymentFor(late, { time_expire: wireTimeOf(new Date(now.getTime() + 120_000)) })
    await shop.advance('2m')
    expect(await requestPayment(expiring)).toMatchObject({
      errMsg: 'requestPayment:fail 该订单已过期，请重新下单',
    })
    await shop.advance('1h58m')
    expect(await requestPayment(payment)).toMatchObject({ errMsg: 'requestPayment:fail 支付订单已过期' })
  })

  test('every change of what was signed', async () => {
    const payment = await paymentFor(freshNumber())
    for (const name of ['timeStamp', 'nonceStr', 'signType', 'paySign', 'appId']) {
      const changed = { ...payment, [name]: `${payment[name]}1` }
      expect(await requestPayment(changed), name).toMatchObject({
        errMsg: 'requestPayment:fail 支付验证签名失败',
        explained: expect.stringMatching(/paySign does not match/),
      })
    }
  })

  test('a payment that is none, or of nobody here', async () => {
    const payment = await paymentFor(freshNumber())
    const { package: _, ...less } = payment
    expect(await requestPayment(less)).toMatchObject({ why: 'bad-payment' })
    expect(await requestPayment({ ...payment, package: 'prepay_id=' })).toMatchObject({ why: 'bad-payment' })
    expect(await requestPayment({ ...payment, package: 'prepay_id=wx1' })).toMatchObject({ why: 'not-found' })
    expect(await requestPayment(payment, { env_id: 'other' })).toMatchObject({ why: 'not-found' })
    for (const asked of [{}, { payment: 'x' }, { payment, then: 'run' }, { payment, hurry: true }])
      expect(await sandbox.control('/sandbox/request-payment', asked)).toMatchObject({ status: 400 })
  })
})

const keep = <T>(kept: T[], one: T): T => {
  kept.push(one)
  return one
}

/** Beijing time as the wire has it. */
const wireTimeOf = (at: Date) =>
  new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 19).replace(/[-T:]/g, '')

describe('a v2 client makes its payment itself', () => {
  const paymentOf = (prepayId: string, appId: string, { apiKey, signType = 'MD5' }: V2Identity) => {
    const fields = {
      appId,
      timeStamp: '1490840662',
      nonceStr: '5K8264ILTKCH16CQ2502SI8ZNMTM67VS',
      package: `prepay_id=${prepayId}`,
      signType: signType satisfies SignType,
    }
    return { ...fields, paySign: sign(fields, apiKey, signType) }
  }

  test.each([
    ['a provider', providerOf(setting), 'MD5'],
    ['a provider, HMAC', providerOf(setting), 'HMAC-SHA256'],
    ['a merchant for itself', merchantOf(setting), 'MD5'],
  ] as const)('%s', async (_who, speaker, signType) => {
    const identity = { ...speaker, signType }
    const tea = freshNumber()
    const order = await v2Shop(sandbox, 'documented', identity).unifiedOrder(tea)
    const appId = identity.sub?.subAppid ?? identity.appid
    const payment = paymentOf(textOf(order, 'prepay_id'), appId, identity)
    expect(await requestPayment({ ...payment, paySign: payment.paySign.replace(/^./, 'x') })).toMatchObject({
      why: 'bad-sign',
    })
    const foreign = paymentOf(textOf(order, 'prepay_id'), 'wx0000000000000001', identity)
    expect(await requestPayment(foreign)).toMatchObject({ why: 'other-app' })
    expect(await requestPayment(payment)).toMatchObject({ errMsg: 'requestPayment:ok', out_trade_no: tea })
  })
})

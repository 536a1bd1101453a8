/** unifiedOrder: what every kind of order answers, and what the same number again comes to. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sign } from '../../src/protocol/sign.ts'
import {
  keysOf,
  paymentIn,
  refusalKeys,
  signatureOf,
  sorted,
  successKeys,
  textOf,
} from '../support/answers.ts'
import { ordered, prepayOf } from '../support/orders.ts'
import { freshNumber, openSandbox, type Sandbox, subMchId } from '../support/sandbox.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox()
})
afterAll(() => sandbox.close())

const shopOf = (envId: string) => sandbox.shop(envId)

const profiles = ['documented', 'observed'] as const

describe('what an order answers', () => {
  test('a JSAPI order answers its prepay_id and a payment whose signature a client can verify', async () => {
    const shop = shopOf('documented')
    const answer = await ordered(shop, freshNumber())
    expect(keysOf(answer)).toEqual(sorted([...successKeys, 'trade_type', 'prepay_id', 'payment']))
    expect(answer.prepay_id).toMatch(/^wx[0-9a-f]{34}$/)
    expect(answer.sign, "sign is made with the provider's key").toBe(signatureOf(answer, shop.apiKey))

    const { paySign, ...payment } = paymentIn(answer)
    expect(Object.keys(payment).sort()).toEqual(['appId', 'nonceStr', 'package', 'signType', 'timeStamp'])
    expect(payment).toMatchObject({
      appId: 'wx8888888888888888',
      package: `prepay_id=${answer.prepay_id}`,
      signType: 'MD5',
      timeStamp: expect.stringMatching(/^\d{10}$/),
    })
    expect(paySign).toBe(sign(payment, shop.apiKey))
  })

  test('an APP order answers a payment as the OpenSDK wants it, signed', async () => {
    const shop = shopOf('documented')
    const answer = await ordered(shop, freshNumber(), { trade_type: 'APP' })
    const { sign: signature, ...payment } = paymentIn(answer)
    expect(payment).toEqual({
      appid: 'wx8888888888888888',
      partnerid: subMchId,
      prepayid: answer.prepay_id,
      package: 'Sign=WXPay',
      noncestr: expect.stringMatching(/^[0-9A-Za-z]{1,32}$/),
      timestamp: expect.stringMatching(/^\d{10}$/),
    })
    expect(signature).toBe(sign(payment, shop.apiKey))
  })

  test('a NATIVE order answers the code_url of its QR code, at most 64 characters, and no payment', async () => {
    const answer = await ordered(shopOf('documented'), freshNumber(), { trade_type: 'NATIVE' })
    expect(keysOf(answer)).toEqual(sorted([...successKeys, 'trade_type', 'prepay_id', 'code_url']))
    expect(answer.code_url).toBe(`${sandbox.url}/q/${answer.prepay_id}`)
    expect(String(answer.code_url).length).toBeLessThanOrEqual(64)
  })

  test('an MWEB order answers the mweb_url of a page of this server, and no payment', async () => {
    const answer = await ordered(shopOf('documented'), freshNumber(), { trade_type: 'MWEB' })
    expect(keysOf(answer)).toEqual(sorted([...successKeys, 'trade_type', 'prepay_id', 'mweb_url']))
    expect(textOf(answer, 'mweb_url').startsWith(`${sandbox.url}/`), 'lies on this server').toBe(true)
  })

  test('device_info comes back when it was given', async () => {
    expect(await ordered(shopOf('documented'), freshNumber(), { device_info: 'WEB' })).toMatchObject({
      device_info: 'WEB',
    })
  })

  test("the payer is the one that the order names, else the environment's default one", async () => {
    const shop = shopOf('documented')
    const payers = [
      { more: {}, payer: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' },
      { more: { openid: 'oProvider' }, payer: 'oProvider' },
      { more: { sub_openid: 'oOwn' }, payer: 'oOwn' },
      { more: { openid: 'oProvider', sub_openid: 'oOwn' }, payer: 'oOwn' },
    ]
    for (const { more, payer } of payers) {
      const tea = freshNumber()
      await ordered(shop, tea, more)
      expect(await shop.pay({ out_trade_no: tea }), JSON.stringify(more)).toMatchObject({
        json: { openid: payer },
      })
    }
  })
})

describe('the same number again', () => {
  test.each(profiles)(
    '%s: an identical order while unpaid is the same order with the same prepay',
    async (profile) => {
      const shop = shopOf(profile)
      const tea = freshNumber()
      const first = await prepayOf(shop, tea, { nonce_str: 'first' })
      expect(await prepayOf(shop, tea, { nonce_str: 'second', spbill_create_ip: '10.0.0.7' })).toBe(first)
      await shop.advance('1h59m')
      expect(await prepayOf(shop, tea), 'just before two hours').toBe(first)
      expect(await shop.historyOf(tea)).toEqual(['ordered'])
    },
  )

  test.each(profiles)(
    '%s: an identical order after two hours has a fresh prepay, and only that one can be paid',
    async (profile) => {
      const shop = shopOf(profile)
      const tea = freshNumber()
      const first = await prepayOf(shop, tea)
      await shop.advance('2h')
      const second = await prepayOf(shop, tea)
      expect(second, 'a fresh prepay').not.toBe(first)
      expect(await prepayOf(shop, tea), 'which stays').toBe(second)
      expect(await shop.historyOf(tea)).toEqual(['ordered', 'renewed'])

      expect((await shop.pay({ prepay_id: first })).status, 'the old prepay cannot be paid').not.toBe(200)
      expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'NOTPAY' })
      expect(await shop.pay({ prepay_id: second })).toMatchObject({ status: 200 })
    },
  )

  const changes: readonly (readonly [field: string, value: unknown])[] = [
    ['total_fee', 991],
    ['body', 'Tea shop - green'],
    ['trade_type', 'NATIVE'],
    ['attach', 'table 7'],
    ['detail', '{}'],
    ['function_name', 'other'],
    ['env_id', 'prod-other'],
    ['openid', 'oOther'],
    ['sub_openid', 'oOther'],
    ['device_info', 'WEB'],
    ['time_start', '20240229000000'],
    ['time_expire', '20991201000000'],
    ['goods_tag', 'x'],
    ['sub_appid', 'wx7777777777777777'],
    ['profit_sharing', 'N'],
    ['limit_pay', 'no_credit'],
  ]
  test.each(changes)(
    'a number in use with another %s is refused, and the first order stands',
    async (field, value) => {
      const tea = freshNumber()
      for (const profile of profiles) {
        const shop = shopOf(profile)
        const payer = { openid: 'oTea' }
        const first = await prepayOf(shop, tea, payer)
        const refused = await shop.unifiedOrder(tea, { ...payer, [field]: value })
        expect(keysOf(refused), 'no prepay, no payment').toEqual(sorted(refusalKeys))
        expect(refused.sign).toBe(signatureOf(refused, shop.apiKey))
        if (profile === 'documented') {
          expect(refused.err_code).toBe('OUT_TRADE_NO_USED')
          expect(refused.err_code_des, 'names what differs').toMatch(new RegExp(`different: ${field}$`))
        } else {
          expect(refused).toMatchObject({ err_code: 'INVALID_REQUEST', err_code_des: '201 商户订单号重复' })
        }
        expect(await prepayOf(shop, tea, payer), 'the first order').toBe(first)
      }
    },
  )

  test('several fields that differ are all named, and an optional field dropped is a difference', async () => {
    const shop = shopOf('documented')
    const tea = freshNumber()
    await ordered(shop, tea, { attach: 'table 7' })
    expect(await shop.unifiedOrder(tea, { total_fee: 1, body: 'x' })).toMatchObject({
      err_code: 'OUT_TRADE_NO_USED',
      err_code_des: expect.stringMatching(/different: attach, body, total_fee$/),
    })
  })

  test.each(profiles)(
    '%s: a number that is paid is refused as ORDERPAID, identical or not',
    async (profile) => {
      const shop = shopOf(profile)
      const tea = freshNumber()
      await ordered(shop, tea)
      await shop.pay({ out_trade_no: tea })
      for (const more of [{}, { total_fee: 1 }]) {
        const refused = await shop.unifiedOrder(tea, more)
        expect(refused).toMatchObject({ return_code: 'SUCCESS', result_code: 'FAIL', err_code: 'ORDERPAID' })
        expect(keysOf(refused)).toEqual(sorted(refusalKeys))
        expect(refused.err_code_des).toMatch(
          profile === 'observed' ? /^该订单已支付$/ : /^the order has been paid/,
        )
      }
    },
  )

  test.each(profiles)('%s: a number that is closed stays burnt, identical or not', async (profile) => {
    const shop = shopOf(profile)
    const tea = freshNumber()
    await ordered(shop, tea)
    await shop.advance('5m')
    await shop.closeOrder(tea)
    for (const more of [{}, { total_fee: 1 }]) {
      const refused = await shop.unifiedOrder(tea, more)
      expect(keysOf(refused)).toEqual(sorted(refusalKeys))
      expect(refused).toMatchObject(
        profile === 'documented'
          ? { err_code: 'ORDERCLOSED', err_code_des: expect.stringMatching(/use a new out_trade_no/) }
          : { err_code: 'INVALID_REQUEST', err_code_des: '201 商户订单号重复' },
      )
    }
    expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'CLOSED' })
  })

  test('identical orders at once make one order with one prepay', async () => {
    const shop = shopOf('documented')
    const tea = freshNumber()
    const answers = await Promise.all(Array.from({ length: 20 }, () => prepayOf(shop, tea)))
    expect(new Set(answers).size, 'prepays handed out').toBe(1)
    expect(await shop.historyOf(tea)).toEqual(['ordered'])
  })

  test('identical orders at once after two hours renew the prepay once', async () => {
    const shop = shopOf('documented')
    const tea = freshNumber()
    await ordered(shop, tea)
    await shop.advance('2h')
    const answers = await Promise.all(Array.from({ length: 20 }, () => prepayOf(shop, tea)))
    expect(new Set(answers).size, 'prepays handed out').toBe(1)
    expect(await shop.historyOf(tea)).toEqual(['ordered', 'renewed'])
  })

  test('different orders at once for one number: one is made, the others hear that the number is taken', async () => {
    const shop = shopOf('documented')
    const tea = freshNumber()
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_each, at) => shop.unifiedOrder(tea, { total_fee: at + 1 })),
    )
    expect(answers.filter((answer) => answer.result_code === 'SUCCESS').length, 'orders made').toBe(1)
    expect(answers.filter((answer) => answer.err_code === 'OUT_TRADE_NO_USED').length, 'refused').toBe(9)
  })
})

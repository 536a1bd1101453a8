/** `POST /pay/*`: a shop that speaks WeChat Pay v2, for itself or through its provider. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { demoEnvironment } from '../../src/app/demo-environment.ts'
import { keysOf, sorted, textOf } from '../support/answers.ts'
import { closeOrderRows } from '../support/close-order-cases.ts'
import { closed, ordered, paid, prepayOf } from '../support/orders.ts'
import { freshNumber, openSandbox, type Sandbox, subMchId } from '../support/sandbox.ts'
import { merchantOf, providerOf, v2Environment } from '../support/v2-accounts.ts'
import { notifyUrl, payerOpenid, type V2Identity, v2Shop } from '../support/v2-client.ts'

const environments = {
  documented: v2Environment('documented', 1),
  observed: v2Environment('observed', 2),
  sandbox: demoEnvironment,
}

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox({ environments: Object.values(environments) })
})
afterAll(() => sandbox.close())

const modes = { direct: merchantOf, partner: providerOf }
const voices = (['direct', 'partner'] as const).flatMap((mode) =>
  (['MD5', 'HMAC-SHA256'] as const).map((signType) => ({
    mode,
    signType,
    identityIn: (profile: 'documented' | 'observed'): V2Identity => ({
      ...modes[mode](environments[profile]),
      signType,
    }),
  })),
)
const shopOf = (mode: 'direct' | 'partner', profile: 'documented' | 'observed' = 'documented') =>
  v2Shop(sandbox, profile, modes[mode](environments[profile]))

/** The common block, as each mode carries it; an answer has no field of these that its mode does not. */
const commonKeys = ['return_code', 'return_msg', 'appid', 'mch_id', 'nonce_str', 'sign', 'result_code']
const common = { direct: commonKeys, partner: [...commonKeys, 'sub_appid', 'sub_mch_id'] }

describe.each(voices)('a $mode shop that signs with $signType', ({ mode, signType, identityIn }) => {
  test.each(['documented', 'observed'] as const)(
    '%s: orders, is paid, and asks for its order',
    async (profile) => {
      const identity = identityIn(profile)
      const shop = v2Shop(sandbox, profile, identity)
      const tea = freshNumber()

      const order = await shop.unifiedOrder(tea, { device_info: 'WEB', attach: '第 1 桌' })
      expect(keysOf(order), 'the answer to the order').toEqual(
        sorted([...common[mode], 'device_info', 'trade_type', 'prepay_id']),
      )
      expect(order).toMatchObject({
        return_code: 'SUCCESS',
        return_msg: 'OK',
        result_code: 'SUCCESS',
        appid: identity.appid,
        mch_id: identity.mchId,
        ...(identity.sub && { sub_mch_id: identity.sub.subMchId, sub_appid: identity.sub.subAppid }),
        trade_type: 'JSAPI',
        device_info: 'WEB',
      })
      expect(order.nonce_str).toMatch(/^[0-9A-Za-z]{16}$/)
      expect(textOf(order, 'sign')).toHaveLength(signType === 'MD5' ? 32 : 64)

      expect(await shop.queryOrder(tea), 'before it is paid').toMatchObject({
        trade_state: 'NOTPAY',
        trade_state_desc: '订单未支付',
        out_trade_no: tea,
        total_fee: '990',
      })
      expect(await shop.pay({ prepay_id: order.prepay_id, sub_mch_id: undefined })).toMatchObject({
        status: 200,
        json: { out_trade_no: tea, callback: { target: notifyUrl } },
      })
      const found = await shop.queryOrder(tea)
      const payer = mode === 'direct' ? [] : ['sub_openid', 'sub_is_subscribe']
      expect(keysOf(found), 'the answer to the query').toEqual(
        sorted([
          ...[...common[mode], ...payer, 'openid', 'is_subscribe', 'device_info', 'trade_type', 'bank_type'],
          ...['total_fee', 'fee_type', 'cash_fee', 'cash_fee_type', 'transaction_id', 'out_trade_no'],
          ...['attach', 'time_end', 'trade_state', 'trade_state_desc'],
        ]),
      )
      expect(found).toMatchObject({ trade_state: 'SUCCESS', openid: payerOpenid, attach: '第 1 桌' })
      expect(
        await shop.answer('queryOrder', { transaction_id: found.transaction_id, out_trade_no: 'another' }),
        'by its transaction_id, which wins',
      ).toMatchObject({ out_trade_no: tea, trade_state: 'SUCCESS' })
    },
  )

  test.each(closeOrderRows)('$profile: closing $of $told', async ({ profile, arrange, promised }) => {
    const identity = identityIn(profile)
    const shop = v2Shop(sandbox, profile, identity)
    const tea = freshNumber()
    await arrange(shop, tea)

    const answer = await shop.closeOrder(tea)

    expect(answer).toMatchObject({ return_code: 'SUCCESS', return_msg: 'OK', result_code: promised.result })
    const refused = promised.result === 'FAIL'
    const errCode = refused ? promised.errCode : undefined
    expect(answer.err_code, 'err_code is visible here').toBe(errCode)
    expect(keysOf(answer)).toEqual(
      sorted([
        // A direct merchant's answer was recorded with an empty sub_mch_id.
        ...common[mode],
        ...(mode === 'direct' ? ['sub_mch_id'] : []),
        ...(errCode === undefined ? [] : ['err_code']),
        ...(refused ? ['err_code_des'] : []),
      ]),
    )
    expect(answer.sub_mch_id).toBe(mode === 'direct' ? '' : subMchId)
    const queried = await shop.queryOrder(tea)
    expect(queried.trade_state ?? queried.err_code, 'orderquery afterwards').toBe(promised.query)
    expect(await shop.historyOf(tea)).toEqual(promised.history)
  })
})

describe('an order', () => {
  test('NATIVE is answered with a code_url, MWEB with a mweb_url, neither with a payment', async () => {
    const shop = shopOf('direct')
    const native = await ordered(shop, freshNumber(), {
      trade_type: 'NATIVE',
      product_id: '1',
      openid: undefined,
    })
    expect(native).toMatchObject({ code_url: expect.stringMatching(/^http.*\/q\/wx/) })
    const mweb = await ordered(shop, freshNumber(), { trade_type: 'MWEB', scene_info: '{"h5_info":{}}' })
    expect(mweb).toMatchObject({ mweb_url: expect.stringMatching(/^http/) })
    for (const answer of [native, mweb]) expect(answer).not.toHaveProperty('payment')
  })

  test('that replaces another is signed over it, and leaves the other unpayable', async () => {
    const shop = shopOf('direct')
    const [old, next] = [freshNumber(), freshNumber()]
    await ordered(shop, old)
    await ordered(shop, next, { replaces: old })
    expect(await shop.pay({ out_trade_no: old })).toMatchObject({ json: { error: { code: 'CLOSED' } } })
    expect(await shop.pay({ out_trade_no: next })).toMatchObject({ status: 200 })
    expect(await shop.unifiedOrder(freshNumber(), { replaces: old })).toMatchObject({ err_code: 'ORDERPAID' })
  })

  test('without nonce the same twice is the same prepay, from another address and with another signature too', async () => {
    const tea = freshNumber()
    const prepay = await prepayOf(shopOf('direct'), tea)
    const hmac = v2Shop(sandbox, 'documented', {
      ...merchantOf(environments.documented),
      signType: 'HMAC-SHA256',
    })
    expect(await prepayOf(hmac, tea, { spbill_create_ip: '10.0.0.1' })).toBe(prepay)
  })

  test.each([
    ['notify_url', { notify_url: 'https://tea.example.com/other' }],
    ['total_fee', { total_fee: 991 }],
    ['attach', { attach: 'x' }],
    ['version', { version: '1.0' }],
  ])('with another %s is another order', async (name, more) => {
    for (const [profile, errCode] of [
      ['documented', 'OUT_TRADE_NO_USED'],
      ['observed', 'INVALID_REQUEST'],
    ] as const) {
      const shop = shopOf('direct', profile)
      const tea = freshNumber()
      await ordered(shop, tea)
      const again = await shop.unifiedOrder(tea, more)
      expect(again).toMatchObject({ result_code: 'FAIL', err_code: errCode })
      if (profile === 'documented') expect(again.err_code_des).toMatch(new RegExp(`different: ${name}`))
      else expect(again.err_code_des).toBe('201 商户订单号重复')
    }
  })

  test('that is paid, or closed, says so to the same number', async () => {
    const [here, there] = [shopOf('partner'), shopOf('partner', 'observed')]
    const [sold, gone] = [freshNumber(), freshNumber()]
    await paid(here, sold)
    expect(await here.unifiedOrder(sold)).toMatchObject({ result_code: 'FAIL', err_code: 'ORDERPAID' })
    await closed(here, gone)
    expect(await here.unifiedOrder(gone)).toMatchObject({ result_code: 'FAIL', err_code: 'ORDERCLOSED' })
    await closed(there, gone)
    expect(await there.unifiedOrder(gone)).toMatchObject({ result_code: 'FAIL', err_code: 'INVALID_REQUEST' })
  })

  test('whose time_expire is past is refused with PARAM_ERROR', async () => {
    const answer = await shopOf('direct').unifiedOrder(freshNumber(), { time_expire: '20200101000000' })
    expect(answer).toMatchObject({ result_code: 'FAIL', err_code: 'PARAM_ERROR' })
  })

  test('may hold what XML must escape, and gives it back as it came', async () => {
    const shop = shopOf('direct')
    for (const attach of [' <b>&amp; "tea" & \'milk\' ', ']]>', '<![CDATA[', '1\r\n2', '中文 🍵', '0']) {
      const tea = freshNumber()
      await ordered(shop, tea, { attach, detail: '{"goods":[{"name":"茶 & <b>"}]}' })
      expect(await shop.queryOrder(tea)).toMatchObject({ attach })
    }
  })
})

test('the demo merchant speaks for itself, and its provider for it, by one key', async () => {
  const apiKey = '192006250b4c09247ec02edce69f6a2d'
  const appid = 'wx8888888888888888'
  const itself = v2Shop(sandbox, 'sandbox', { appid, mchId: subMchId, apiKey })
  const provider = v2Shop(sandbox, 'sandbox', {
    appid: 'wxd678efh667hg6787',
    mchId: '1230000109',
    apiKey,
    sub: { subMchId },
  })
  const tea = freshNumber()
  await ordered(itself, tea)
  expect(await provider.queryOrder(tea)).toMatchObject({ trade_state: 'NOTPAY', sub_appid: appid })
})

describe('one order book', () => {
  /** A merchant's orders made by itself, and those that its provider made for it. */
  const together = () => {
    const direct = merchantOf(environments.documented)
    const sub = { subMchId: direct.mchId, subAppid: direct.appid }
    return {
      direct: v2Shop(sandbox, 'documented', direct),
      partner: v2Shop(sandbox, 'documented', { ...environments.documented.provider, sub }),
      admin: sandbox.shop('documented'),
      subMchId: direct.mchId,
    }
  }

  test("a merchant's order is its provider's to query and close, and the other way round", async () => {
    const { direct, partner } = together()
    const [mine, theirs] = [freshNumber(), freshNumber()]
    await ordered(direct, mine)
    await ordered(partner, theirs)
    expect(await partner.queryOrder(mine)).toMatchObject({ trade_state: 'NOTPAY' })
    await direct.advance('5m')
    expect(await partner.closeOrder(mine)).toMatchObject({ result_code: 'SUCCESS' })
    expect(await direct.closeOrder(theirs)).toMatchObject({ result_code: 'SUCCESS' })
    expect(await direct.queryOrder(mine)).toMatchObject({ trade_state: 'CLOSED' })
  })

  test("its payer's openid is the provider's sub_openid: the same order either way", async () => {
    const { direct, partner } = together()
    const tea = freshNumber()
    const prepay = await prepayOf(direct, tea)
    expect(await prepayOf(partner, tea, { openid: undefined, sub_openid: payerOpenid })).toBe(prepay)
    expect(await partner.unifiedOrder(tea), 'under the provider, openid is another person').toMatchObject({
      err_code: 'OUT_TRADE_NO_USED',
      err_code_des: expect.stringMatching(/different: openid, sub_openid$/),
    })
  })

  test('an order made through /admin is one with another callback target: its number is taken', async () => {
    const { partner, admin, subMchId: merchant } = together()
    const tea = freshNumber()
    expect(await admin.unifiedOrder(tea, { sub_mch_id: merchant })).toMatchObject({ result_code: 'SUCCESS' })
    expect(await partner.unifiedOrder(tea)).toMatchObject({
      err_code: 'OUT_TRADE_NO_USED',
      err_code_des: expect.stringMatching(/different: env_id, function_name, notify_url$/),
    })
    expect(await partner.queryOrder(tea), 'yet it is there to query').toMatchObject({ trade_state: 'NOTPAY' })
    expect(await partner.closeOrder(tea), 'and to close').toMatchObject({ result_code: 'FAIL' })
  })

  test("another merchant's number, and another environment's, is another order", async () => {
    const tea = freshNumber()
    await ordered(shopOf('direct'), tea)
    expect(await shopOf('partner').queryOrder(tea)).toMatchObject({ err_code: 'ORDERNOTEXIST' })
    expect(await shopOf('direct', 'observed').queryOrder(tea)).toMatchObject({ err_code: 'ORDERNOTEXIST' })
  })
})

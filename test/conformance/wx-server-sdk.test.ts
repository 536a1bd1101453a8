/** wx-server-sdk, three versions of it, unmodified: what code in a cloud function sees of every outcome. */
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sign } from '../../src/protocol/sign.ts'
import {
  type CallbackTarget,
  eventOf,
  failedBecause,
  hosts,
  openTarget,
  returned,
} from '../support/callback-target.ts'
import {
  camelNumber,
  camelOrder,
  heardBy,
  type OfficialSdk,
  officialSdks,
  rejectedOf,
  startOfficialSdk,
} from '../support/official-sdk.ts'
import { environmentNamed, freshNumber, openSandbox, type Sandbox, subMchId } from '../support/sandbox.ts'

const versions = Object.keys(officialSdks) as (keyof typeof officialSdks)[]

describe.each(versions)('wx-server-sdk %s', (version) => {
  let sandbox: Sandbox
  let sdk: OfficialSdk
  let observed: OfficialSdk

  const start = (envId: string) =>
    startOfficialSdk({ version, url: sandbox.url, ...sandbox.shop(envId).credentials, envName: 'prod-1a2b' })

  beforeAll(async () => {
    sandbox = await openSandbox({
      environments: [
        environmentNamed('documented', 'documented', { language: 'zh' }),
        environmentNamed('observed', 'observed'),
      ],
    })
    sdk = start('documented')
    observed = start('observed')
  })
  afterAll(async () => {
    await sdk.close()
    await observed.close()
    await sandbox.close()
  })

  const shop = () => sandbox.shop('documented')
  const common = [
    'returnCode',
    'returnMsg',
    'appid',
    'mchId',
    'subAppid',
    'subMchId',
    'nonceStr',
    'sign',
    'resultCode',
    'resultMsg',
    'errCode',
    'errMsg',
  ]
  const keysOf = (value: object) => Object.keys(value).sort()

  test('it is the SDK as npm gives it', () => {
    const { name, version: found } = createRequire(import.meta.url)(`${officialSdks[version]}/package.json`)
    expect({ name, found }).toEqual({ name: 'wx-server-sdk', found: version })
  })

  describe('an order, as code in a cloud function sees it', () => {
    test('unifiedOrder resolves with a payment that a mini-program can hand to wx.requestPayment', async () => {
      const value = await sdk.value('unifiedOrder', camelOrder(freshNumber()))
      expect(value).toMatchObject({
        returnCode: 'SUCCESS',
        resultCode: 'SUCCESS',
        tradeType: 'JSAPI',
        ...heardBy('unifiedOrder'),
      })
      const { paySign, ...payment } = value.payment as Record<string, string>
      expect(Object.keys(payment).sort()).toEqual(['appId', 'nonceStr', 'package', 'signType', 'timeStamp'])
      expect(payment.package).toBe(`prepay_id=${value.prepayId}`)
      expect(paySign, 'the signature verifies').toBe(sign(payment, shop().apiKey))
    })

    test('unifiedOrder again with the same parameters resolves with the same prepay', async () => {
      const tea = freshNumber()
      const { prepayId } = await sdk.value('unifiedOrder', camelOrder(tea))
      expect(await sdk.value('unifiedOrder', camelOrder(tea, { nonceStr: 'other' }))).toMatchObject({
        prepayId,
      })
    })

    test('queryOrder tells the states: unpaid, paid, closed, Chinese text whole', async () => {
      const [tea, other] = [freshNumber(), freshNumber()]
      await sdk.value('unifiedOrder', camelOrder(tea, { attach: '第 7 桌 🍵' }))
      await sdk.value('unifiedOrder', camelOrder(other))
      expect(await sdk.value('queryOrder', camelNumber(tea))).toMatchObject({
        tradeState: 'NOTPAY',
        tradeStateDesc: '订单未支付',
        attach: '第 7 桌 🍵',
        totalFee: 990,
        ...heardBy('queryOrder'),
      })
      await shop().pay({ out_trade_no: tea })
      const paid = await sdk.value('queryOrder', camelNumber(tea))
      expect(paid).toMatchObject({ tradeState: 'SUCCESS', couponIdList: [], cashFee: 990 })
      expect(await sdk.value('queryOrder', { subMchId, transactionId: paid.transactionId })).toMatchObject({
        outTradeNo: tea,
      })
      await shop().advance('5m')
      await sdk.value('closeOrder', camelNumber(other))
      expect(await sdk.value('queryOrder', camelNumber(other))).toMatchObject({
        tradeState: 'CLOSED',
        tradeStateDesc: '订单已关闭',
      })
    })
  })

  test('a payment started again: replaces arrives as it is written', async () => {
    const [old, next] = [freshNumber(), freshNumber()]
    await sdk.value('unifiedOrder', camelOrder(old))
    expect(await sdk.value('unifiedOrder', camelOrder(next, { replaces: old }))).toMatchObject({
      resultCode: 'SUCCESS',
      prepayId: expect.any(String),
    })
    expect(await shop().pay({ out_trade_no: old })).toMatchObject({ json: { error: { code: 'CLOSED' } } })
    await shop().pay({ out_trade_no: next })
    const late = await sdk.value('unifiedOrder', camelOrder(freshNumber(), { replaces: old }))
    expect(late).toMatchObject({ resultCode: 'FAIL', errCodeDes: expect.stringContaining(next) })
  })

  describe('closeOrder, every outcome as code in a cloud function sees it', () => {
    test('closed: resultCode SUCCESS, with exactly the documented fields', async () => {
      const tea = freshNumber()
      await sdk.value('unifiedOrder', camelOrder(tea))
      await shop().advance('5m')
      const value = await sdk.value('closeOrder', { ...camelNumber(tea), nonceStr: 'abc' })
      expect(value).toMatchObject({
        returnCode: 'SUCCESS',
        returnMsg: 'OK',
        appid: 'wxd678efh667hg6787',
        mchId: '1230000109',
        subAppid: 'wx8888888888888888',
        subMchId,
        resultCode: 'SUCCESS',
        resultMsg: 'OK',
        ...heardBy('closeOrder'),
      })
      expect(keysOf(value)).toEqual([...common].sort())
    })

    test('too early: resultCode FAIL, and the text alone tells the rule and the time', async () => {
      const tea = freshNumber()
      await sdk.value('unifiedOrder', camelOrder(tea))
      const value = await sdk.value('closeOrder', camelNumber(tea))
      expect(value).toMatchObject({ returnCode: 'SUCCESS', resultCode: 'FAIL', ...heardBy('closeOrder') })
      expect(value.errCodeDes).toMatch(
        /^下单不足 5 分钟，暂不能关闭：请在 \d{4}-\d\d-\d\d \d\d:\d\d:\d\d（北京时间）或之后再关闭$/,
      )
      expect(keysOf(value)).toEqual([...common, 'errCodeDes'].sort())
    })

    test('ORDERCLOSED, ORDERPAID and ORDERNOTEXIST: err_code is lost on the way, the text names it', async () => {
      const [closed, paid] = [freshNumber(), freshNumber()]
      await sdk.value('unifiedOrder', camelOrder(closed))
      await sdk.value('unifiedOrder', camelOrder(paid))
      await shop().pay({ out_trade_no: paid })
      await shop().advance('5m')
      await sdk.value('closeOrder', camelNumber(closed))
      for (const [tea, text] of [
        [closed, /^订单已关闭（ORDERCLOSED）/],
        [paid, /^该订单已支付（ORDERPAID）/],
        [freshNumber(), /^订单不存在（ORDERNOTEXIST）/],
      ] as const) {
        const value = await sdk.value('closeOrder', camelNumber(tea))
        expect(value).toMatchObject({ returnCode: 'SUCCESS', resultCode: 'FAIL', ...heardBy('closeOrder') })
        expect(value.errCodeDes).toMatch(text)
      }
    })

    test('a malformed call resolves with returnCode FAIL and names the field', async () => {
      expect(await sdk.value('closeOrder', { subMchId, outTradeNo: 'x'.repeat(33) })).toEqual({
        returnCode: 'FAIL',
        returnMsg: '参数格式校验错误：out_trade_no 不得超过 32 个字符',
        ...heardBy('closeOrder'),
      })
      expect(await sdk.value('unifiedOrder', camelOrder(freshNumber(), { totalFee: '990' }))).toEqual({
        returnCode: 'FAIL',
        returnMsg: '参数格式校验错误：total_fee 应为整数，收到文本',
        ...heardBy('unifiedOrder'),
      })
    })

    test('observed: young, closed, and never ordered all resolve with SUCCESS, a paid one with "order paid"', async () => {
      const [young, paid] = [freshNumber(), freshNumber()]
      await observed.value('unifiedOrder', camelOrder(young))
      await observed.value('unifiedOrder', camelOrder(paid))
      await sandbox.shop('observed').pay({ out_trade_no: paid })
      for (const tea of [young, young, freshNumber()]) {
        expect(await observed.value('closeOrder', camelNumber(tea))).toMatchObject({
          returnCode: 'SUCCESS',
          resultCode: 'SUCCESS',
        })
      }
      expect(await observed.value('closeOrder', camelNumber(paid))).toMatchObject({
        resultCode: 'FAIL',
        errCodeDes: 'order paid',
      })
      expect(await observed.value('unifiedOrder', camelOrder(freshNumber(), { totalFee: 0 }))).toMatchObject({
        returnCode: 'FAIL',
        payment: { package: 'prepay_id=' },
      })
    })
  })

  describe('a refund, as code in a cloud function sees it', () => {
    const refund = (tea: string, more: object = {}) => ({
      ...camelNumber(tea),
      outRefundNo: `R-${tea}`,
      totalFee: 990,
      refundFee: 90,
      refundDesc: '少了一份',
      ...more,
    })
    const paidOrder = async () => {
      const tea = freshNumber()
      await sdk.value('unifiedOrder', camelOrder(tea))
      await shop().pay({ out_trade_no: tea })
      return tea
    }

    test('refund resolves with the ids, and again with the same', async () => {
      const tea = await paidOrder()
      const first = await sdk.value('refund', refund(tea))
      expect(first).toMatchObject({
        returnCode: 'SUCCESS',
        resultCode: 'SUCCESS',
        outTradeNo: tea,
        outRefundNo: `R-${tea}`,
        refundId: expect.stringMatching(/^\d{28,32}$/),
        refundFee: 90,
        totalFee: 990,
        cashRefundFee: 90,
        ...heardBy('refund'),
      })
      expect(await sdk.value('refund', refund(tea, { nonceStr: 'other' }))).toMatchObject({
        refundId: first.refundId,
      })
    })

    test('queryRefund tells it under way and done, in lists and in numbered fields', async () => {
      const tea = await paidOrder()
      await sdk.value('refund', refund(tea))
      const asked = { subMchId, outRefundNo: `R-${tea}` }
      expect(await sdk.value('queryRefund', asked)).toMatchObject({
        refundCount: 1,
        refundStatusList: ['PROCESSING'],
        ...heardBy('queryRefund'),
      })
      await shop().advance('5s')
      const done = await sdk.value('queryRefund', asked)
      expect(done).toMatchObject({
        outTradeNo: tea,
        refundFeeList: [90],
        refundStatusList: ['SUCCESS'],
        refundRecvAccoutList: ['支付用户零钱'],
        couponTypeArray: [],
        outRefundNo_0: `R-${tea}`,
        refundStatus_0: 'SUCCESS',
      })
      expect(await sdk.value('queryOrder', camelNumber(tea))).toMatchObject({ tradeState: 'REFUND' })
    })

    test('more than was paid, another amount, an order that was not paid: the text alone tells it', async () => {
      const [tea, unpaid] = [await paidOrder(), freshNumber()]
      await sdk.value('unifiedOrder', camelOrder(unpaid))
      for (const [asked, text] of [
        [refund(tea, { refundFee: 991 }), /990/],
        [refund(tea, { totalFee: 991 }), /REFUND_FEE_MISMATCH|不一致/],
        [refund(unpaid), /TRADE_STATE_ERROR|未支付/],
        [refund(freshNumber()), /ORDERNOTEXIST/],
      ] as const) {
        const { returnCode, resultCode, returnMsg, errCodeDes } = await sdk.value('refund', asked)
        expect([returnCode, resultCode]).toContain('FAIL')
        expect(String(errCodeDes ?? returnMsg)).toMatch(text)
      }
    })

    test('queryRefund of a refund that nobody asked for names REFUNDNOTEXIST', async () => {
      expect(await sdk.value('queryRefund', { subMchId, outRefundNo: freshNumber() })).toMatchObject({
        resultCode: 'FAIL',
        errCodeDes: expect.stringContaining('REFUNDNOTEXIST'),
      })
    })
  })

  describe('cloud.callFunction', () => {
    let host: CallbackTarget
    beforeAll(async () => {
      host = await openTarget(returned({ tea: '乌龙茶' }))
      await hosts(sandbox, 'documented', host, { kind: 'functions', names: ['brew', 'breaks'] })
    })
    afterAll(() => host.close())

    test('resolves with what the function returned, which got its data', async () => {
      host.say(returned({ tea: '乌龙茶' }))
      const before = host.received.length
      const called = await sdk.value('callFunction', { name: 'brew', data: { cups: 2 } })
      expect(called).toMatchObject({ result: { tea: '乌龙茶' }, errMsg: 'callFunction:ok' })
      const [invoked] = host.received.slice(before)
      expect(invoked && eventOf(invoked)).toMatchObject({ cups: 2 })
    })

    test('rejects in words when the function threw, and when nobody hosts it', async () => {
      host.say(failedBecause('threw', 'no tea left'))
      const threw = rejectedOf(await sdk.call('callFunction', { name: 'breaks', data: {} }))
      expect(threw.errMsg).toContain('no tea left')
      const unknown = rejectedOf(await sdk.call('callFunction', { name: 'nobody', data: {} }))
      expect(unknown.errMsg).toContain('nobody')
    })
  })
})

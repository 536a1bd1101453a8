/**
 * One purchase from its order to the callback of its refund, on the test clock, for each kind of target: a cloud function, a
 * container, a v2 `notify_url`. Its first callback fails and comes again.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readableTime, wireTime } from '../../src/protocol/beijing-time.ts'
import { sign } from '../../src/protocol/sign.ts'
import { openReqInfo } from '../../src/protocol/v2/req-info.ts'
import {
  acknowledges,
  acknowledgesXml,
  type CallbackTarget,
  eventOf,
  failedBecause,
  hosts,
  jsonOf,
  openTarget,
  type Received,
  returned,
  type Says,
  xmlOf,
} from '../support/callback-target.ts'
import { atRest } from '../support/orders.ts'
import { freshNumber, openSandbox, type Sandbox, type Shop, subMchId } from '../support/sandbox.ts'
import { providerOf, v2Environment } from '../support/v2-accounts.ts'
import { payerOpenid, v2Shop } from '../support/v2-client.ts'

const setting = v2Environment('documented', 1, { callbackRetries: undefined })

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox({ environments: [setting] })
})
afterAll(() => sandbox.close())

/** A field of XML that `<root>` holds. */
const insideOf = (text: string) =>
  Object.fromEntries(
    [...text.matchAll(/<(\w+)><!\[CDATA\[(.*?)\]\]><\/\1>/gs)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  )

interface Kind {
  readonly shop: () => Shop
  /** What is named in the order and the refund. */
  readonly target: (target: CallbackTarget) => object
  readonly hosted: (target: CallbackTarget) => Promise<void>
  /** A wrong answer, the right one, and why the wrong one is wrong. */
  readonly refuses: Says
  readonly acknowledges: Says
  readonly why: RegExp
  /** The payload, in camelCase, numbers as numbers. */
  readonly payload: (received: Received) => Record<string, unknown>
  readonly refundPayload: (received: Received) => Record<string, unknown>
}

const camel = (fields: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      /_fee$/.test(name) ? Number(value) : value,
    ]),
  )

const kinds: Record<string, Kind> = {
  'a cloud function': {
    shop: () => sandbox.shop('documented'),
    target: () => ({ function_name: 'payCallback', env_id: 'prod-1a2b' }),
    hosted: (target) =>
      hosts(sandbox, 'documented', target, {
        kind: 'functions',
        names: ['payCallback'],
        token: 'token-of-the-host',
      }),
    refuses: failedBecause('threw', 'no such collection'),
    acknowledges: returned({ errcode: 0, errmsg: 'ok' }),
    why: /the function threw: no such collection/,
    payload: eventOf,
    refundPayload: eventOf,
  },
  'a container': {
    shop: () => sandbox.shop('documented'),
    target: () => ({
      function_name: undefined,
      callback_type: 2,
      container: { service: 'pay', path: '/notify' },
      env_id: 'prod-1a2b',
    }),
    hosted: (target) => hosts(sandbox, 'documented', target, { kind: 'container', names: ['pay'] }),
    refuses: { body: 'success' },
    acknowledges,
    why: /answered what is no JSON: success; a number errcode: 0 is required/,
    payload: jsonOf,
    refundPayload: jsonOf,
  },
  'a v2 notify_url': {
    shop: () => v2Shop(sandbox, 'documented', providerOf(setting)),
    target: ({ url }) => ({ notify_url: `${url}/wxpay/notify` }),
    hosted: async () => {},
    refuses: { body: 'SUCCESS' },
    acknowledges: acknowledgesXml,
    why: /answered what is not the XML that is needed: SUCCESS/,
    payload: (received) => camel(xmlOf(received)),
    refundPayload: (received) => {
      const { req_info: sealed = '', ...outside } = xmlOf(received)
      return camel({ ...outside, ...insideOf(openReqInfo(sealed, setting.provider.apiKey)) })
    },
  },
}

describe.each(Object.entries(kinds))('%s', (_name, kind) => {
  test('hears of the payment after a failure, and of the refund', async () => {
    const shop = kind.shop()
    const target = await openTarget(kind.refuses)
    await kind.hosted(target)
    const named = kind.target(target)
    const tea = freshNumber()
    await atRest(shop, async (now) => {
      const callbacksOf = async (query: string) =>
        (await (await fetch(`${sandbox.url}/sandbox/callbacks?env_id=documented&${query}`)).json()) as {
          notices: Record<string, unknown>[]
          attempts: Record<string, unknown>[]
        }

      await shop.unifiedOrder(tea, { ...named, attach: 'table 7', openid: payerOpenid })
      expect(await shop.pay({ out_trade_no: tea })).toMatchObject({ status: 200, json: { result: 'paid' } })

      // The first attempt fails, fifteen seconds later the second is answered.
      const first = await target.arrived(1)
      await shop.advance('14s')
      expect(target.received).toHaveLength(1)
      const failing = await callbacksOf(`out_trade_no=${tea}`)
      expect(failing.notices).toEqual([
        expect.objectContaining({
          kind: 'paid',
          state: 'failing',
          attempts: 1,
          why: expect.stringMatching(kind.why),
        }),
      ])
      target.say(kind.acknowledges)
      await shop.advance('1s')
      expect(target.received).toHaveLength(2)
      const { notices, attempts } = await callbacksOf(`out_trade_no=${tea}`)
      expect(notices).toEqual([expect.objectContaining({ state: 'delivered', attempts: 2 })])
      expect(attempts.map(({ outcome }) => outcome).sort()).toEqual(
        ['acknowledged', failing.attempts[0]?.outcome].sort(),
      )

      const paid = kind.payload(first)
      expect(paid).toMatchObject({
        returnCode: 'SUCCESS',
        resultCode: 'SUCCESS',
        outTradeNo: tea,
        subMchId,
        totalFee: 990,
        cashFee: 990,
        subOpenid: payerOpenid,
        tradeType: 'JSAPI',
        attach: 'table 7',
        timeEnd: wireTime(now),
      })
      const again = kind.payload(target.received[1] ?? first)
      expect(again.nonceStr, 'a copy is no key to tell copies by').not.toBe(paid.nonceStr)
      expect({ ...again, nonceStr: 0, sign: 0 }).toEqual({ ...paid, nonceStr: 0, sign: 0 })

      // A part of it is refunded: accepted at once, and known a few seconds later.
      const asked = { sub_mch_id: subMchId, out_trade_no: tea, out_refund_no: `R-${tea}` }
      const refund = await shop.answer('refund', { ...asked, total_fee: 990, refund_fee: 300, ...named })
      expect(refund).toMatchObject({ result_code: 'SUCCESS', out_refund_no: `R-${tea}` })
      expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'REFUND' })
      expect(await shop.answer('queryRefund', asked)).toMatchObject({ refund_status_0: 'PROCESSING' })
      await shop.advance('5s')
      expect(await shop.answer('queryRefund', asked)).toMatchObject({ refund_status_0: 'SUCCESS' })
      expect(target.received).toHaveLength(3)
      expect(kind.refundPayload(target.received[2] ?? first)).toMatchObject({
        returnCode: 'SUCCESS',
        outTradeNo: tea,
        outRefundNo: `R-${tea}`,
        transactionId: paid.transactionId,
        refundId: refund.refund_id,
        refundStatus: 'SUCCESS',
        refundFee: 300,
        totalFee: 990,
        refundRecvAccout: '支付用户零钱',
        successTime: readableTime(new Date(now.getTime() + 20_000)),
      })
      expect((await callbacksOf(`out_refund_no=R-${tea}`)).notices).toEqual([
        expect.objectContaining({
          kind: 'refunded',
          refund_status: 'SUCCESS',
          state: 'delivered',
          attempts: 1,
        }),
      ])
    })
    await target.close()
  })
})

test('a v2 notice is signed with the key of the mch_id that ordered, over every field', async () => {
  const target = await openTarget(acknowledgesXml)
  const shop = v2Shop(sandbox, 'documented', { ...providerOf(setting), signType: 'HMAC-SHA256' })
  const tea = freshNumber()
  await shop.unifiedOrder(tea, { notify_url: `${target.url}/n` })
  await shop.pay({ out_trade_no: tea })
  const fields = xmlOf(await target.arrived(1))
  expect(fields).toMatchObject({ sign_type: 'HMAC-SHA256', appid: setting.provider.appid })
  expect(fields.sign).toBe(sign(fields, setting.provider.apiKey, 'HMAC-SHA256'))
  await target.close()
})

/** `POST /_/pay/<name>`: a shop in a container of Cloud Run. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findOrderIn } from '../../src/ledger/order.ts'
import { orderKey } from '../../src/ledger/order-key.ts'
import { keysOf, refusalKeys, signatureOf, sorted, successKeys, textOf } from '../support/answers.ts'
import { closeOrderRows } from '../support/close-order-cases.ts'
import { cloudRunShop, postPay } from '../support/cloud-run-client.ts'
import { partsAsked } from '../support/databases.ts'
import { ordered, prepayOf } from '../support/orders.ts'
import {
  environmentNamed,
  freshNumber,
  openSandbox,
  orderRequest,
  type Sandbox,
  subMchId,
} from '../support/sandbox.ts'
import { payerOpenid } from '../support/v2-client.ts'

const tokens = { documented: undefined, observed: 'door-token-of-observed' }
const envIds = { documented: 'sandbox', observed: 'observed' }

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox({
    environments: [
      environmentNamed('sandbox', 'documented'),
      environmentNamed('observed', 'observed', { doorToken: tokens.observed }),
    ],
  })
})
afterAll(() => sandbox.close())

const shopOf = (profile: 'documented' | 'observed') => cloudRunShop(sandbox, envIds[profile], tokens[profile])
const post = (name: string, request: object) => postPay(sandbox.url, name, { body: JSON.stringify(request) })
/** The request that made an order, as it is stored. */
const storedRequest = async (outTradeNo: string) =>
  (await findOrderIn(sandbox.db, orderKey({ parts: partsAsked }, 'sandbox', subMchId, outTradeNo)))?.request

describe.each(['documented', 'observed'] as const)('%s: a container', (profile) => {
  test('orders, is paid, and asks for its order', async () => {
    const shop = shopOf(profile)
    const tea = freshNumber()
    const order = await ordered(shop, tea)
    expect(keysOf(order)).toEqual(sorted([...successKeys, 'trade_type', 'prepay_id', 'payment']))
    expect(order).toMatchObject({ sub_mch_id: subMchId, trade_type: 'JSAPI' })
    expect(order.sign).toBe(signatureOf(order, shop.apiKey))
    expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'NOTPAY', total_fee: 990 })
    expect(await shop.pay({ prepay_id: order.prepay_id })).toMatchObject({ status: 200 })
    expect(await shop.queryOrder(tea)).toMatchObject({
      trade_state: 'SUCCESS',
      openid: payerOpenid,
      total_fee: 990,
      coupon_id_list: [],
    })
  })
})

describe('closeOrder', () => {
  test.each(closeOrderRows)('$profile: closing $of $told', async ({ profile, arrange, promised }) => {
    const shop = shopOf(profile)
    const tea = freshNumber()
    await arrange(shop, tea)
    const answer = await shop.closeOrder(tea)
    expect(answer).toMatchObject({ return_code: 'SUCCESS', result_code: promised.result })
    const refused = promised.result === 'FAIL'
    const errCode = refused ? promised.errCode : undefined
    expect(answer.err_code, 'err_code is visible here').toBe(errCode)
    expect(keysOf(answer)).toEqual(
      sorted(
        refused ? refusalKeys.filter((key) => key !== 'err_code' || errCode !== undefined) : successKeys,
      ),
    )
    expect(answer.sign).toBe(signatureOf(answer, shop.apiKey))
    const queried = await shop.queryOrder(tea)
    expect(queried.trade_state ?? queried.err_code, 'queryOrder afterwards').toBe(promised.query)
    expect(await shop.historyOf(tea)).toEqual(promised.history)
  })
})

describe('the envelope', () => {
  test('is HTTP 200, errcode 0 and "ok" around a business refusal too', async () => {
    const heard = await post('closeorder', { sub_mch_id: subMchId, out_trade_no: freshNumber() })
    expect(heard).toMatchObject({
      status: 200,
      errcode: 0,
      errmsg: 'ok',
      respdata: { result_code: 'FAIL', err_code: 'ORDERNOTEXIST' },
    })
    expect(heard.headers.get('content-type')).toBe('application/json; charset=utf-8')
  })

  test('is there around a format failure, which is the same as at the other doors', async () => {
    const request = { sub_mch_id: subMchId, out_trade_no: 'TEA 1' }
    const heard = await post('closeorder', request)
    expect(heard).toMatchObject({ errcode: 0, respdata: { return_code: 'FAIL' } })
    expect(heard.respdata).toEqual(await sandbox.shop('sandbox').answer('closeOrder', request))
  })

  test('names the call in x-openapi-seqid, under which the log has it', async () => {
    const tea = freshNumber()
    const { headers } = await post('queryorder', { sub_mch_id: subMchId, out_trade_no: tea })
    const id = headers.get('x-openapi-seqid')
    expect(id).toMatch(/^[0-9a-f]{10}$/)
    const line = sandbox
      .log()
      .split('\n')
      .find((found) => found.includes(`"id":"${id}"`))
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      door: 'cloud-run',
      method: 'queryOrder',
      envId: 'sandbox',
      outTradeNo: tea,
      outcome: 'not-found',
    })
  })

  test.each(['closeOrder', 'closeorder', 'CLOSEORDER', 'CloseOrder', 'closeorder?x=1'])(
    '%s is closeOrder',
    async (name) => {
      const heard = await post(name, { sub_mch_id: subMchId, out_trade_no: freshNumber() })
      expect(heard.respdata).toMatchObject({ err_code: 'ORDERNOTEXIST' })
    },
  )

  test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON ;charset=UTF-8'])(
    'content type %s is taken',
    async (type) => {
      const body = JSON.stringify({ sub_mch_id: subMchId, out_trade_no: freshNumber() })
      const heard = await postPay(sandbox.url, 'queryorder', { body, headers: { 'content-type': type } })
      expect(heard).toMatchObject({ errcode: 0, respdata: { err_code: 'ORDERNOTEXIST' } })
    },
  )
})

describe('an order', () => {
  test('may be written in camelCase, container and all', async () => {
    const shop = shopOf('documented')
    const tea = freshNumber()
    const container = { service: 'pay', path: '/notify' }
    const prepay = await prepayOf(shop, tea, { function_name: undefined, container, callback_type: 2 })
    const heard = await post('unifiedOrder', {
      envId: 'prod-1a2b',
      subMchId,
      body: 'Tea shop - oolong',
      outTradeNo: tea,
      totalFee: 990,
      spbillCreateIp: '127.0.0.1',
      openid: payerOpenid,
      callbackType: 2,
      container: { Service: 'pay', path: '/notify' },
    })
    expect(heard.respdata).toMatchObject({ prepay_id: prepay })
  })

  test('needs its payer named: the container knows who that is', async () => {
    const heard = await post('unifiedorder', orderRequest(freshNumber()))
    expect(heard.respdata).toEqual({
      return_code: 'FAIL',
      return_msg: expect.stringMatching(/openid is missing/),
    })
    await ordered(shopOf('documented'), freshNumber(), { openid: undefined, sub_openid: 'o1' })
    await ordered(shopOf('documented'), freshNumber(), { openid: undefined, trade_type: 'NATIVE' })
  })

  test('is the same order at /admin, if it names the same payer and the same function', async () => {
    const [container, code] = [shopOf('documented'), sandbox.shop('sandbox')]
    const tea = freshNumber()
    const prepay = await prepayOf(container, tea)
    expect(await prepayOf(code, tea), 'the default payer').toBe(prepay)
    expect(await prepayOf(code, tea, { callback_type: 1 }), 'saying the type changes nothing').toBe(prepay)
    expect(await code.unifiedOrder(tea, { openid: 'o2' })).toMatchObject({ err_code: 'OUT_TRADE_NO_USED' })
  })

  test('is for the app that from_appid names, if the body names none', async () => {
    const [mine, named] = [freshNumber(), freshNumber()]
    const request = orderRequest(mine, { openid: payerOpenid })
    const from = await post('unifiedorder?from_appid=wx1234567890abcdef', request)
    expect(from.respdata).toMatchObject({
      sub_appid: 'wx1234567890abcdef',
      payment: { appId: 'wx1234567890abcdef' },
    })
    const both = await post('unifiedorder?from_appid=wx1234567890abcdef', {
      ...request,
      out_trade_no: named,
      sub_appid: 'wx8888888888888888',
    })
    expect(both.respdata).toMatchObject({ sub_appid: 'wx8888888888888888' })
  })
})

const container = { service: 'pay', path: '/' }

describe.each(['/_/pay', '/admin'])('the callback target, through %s', (door) => {
  const shop = () => (door === '/admin' ? sandbox.shop('sandbox') : shopOf('documented'))

  test('of a container is stored, and told with the payment', async () => {
    const tea = freshNumber()
    await ordered(shop(), tea, { function_name: undefined, container, callback_type: 2 })
    expect(await storedRequest(tea)).toMatchObject({ container, callbackType: 2, envId: 'prod-1a2b' })
    expect(await shop().pay({ out_trade_no: tea })).toMatchObject({
      json: { callback: { target: 'pay/ (prod-1a2b)' } },
    })
  })

  test('says by itself which type it is', async () => {
    const [toContainer, toFunction] = [freshNumber(), freshNumber()]
    await ordered(shop(), toContainer, { function_name: undefined, container })
    expect(await storedRequest(toContainer)).toMatchObject({ container, callbackType: 2 })
    await ordered(shop(), toFunction, { container: null, callback_type: null })
    expect(await storedRequest(toFunction)).toMatchObject({ functionName: 'payCallback', callbackType: 1 })
  })

  // biome-ignore format: a table is read by its columns
  test.each<[string, object, RegExp]>([
    ['nothing', { function_name: undefined }, /function_name is missing/],
    ['both', { container }, /function_name must not be given beside container/],
    ['both, as a function', { container, callback_type: 1 }, /container must not be given beside function_name/],
    ['a function as a container', { callback_type: 2 }, /container is missing/],
    ['a container as a function', { container, function_name: undefined, callback_type: 1 }, /function_name is missing/],
    ['a type that is none', { callback_type: 3 }, /callback_type must be 1 \/ 2/],
    ['a type that is text', { callback_type: '1' }, /callback_type must be 1 \/ 2/],
    ['a container of text', { container: 'pay', function_name: undefined }, /container must be an object, got text/],
    ['a container without service', { container: { path: '/' }, function_name: undefined }, /container.service is missing/],
    ['a container without path', { container: { service: 'pay' }, function_name: undefined }, /container.path is missing/],
    ['a path that is none', { container: { ...container, path: 'notify' }, function_name: undefined }, /container.path must begin with \//],
    ['a path with a blank', { container: { ...container, path: '/a b' }, function_name: undefined }, /container.path must begin with \//],
    ['no env_id', { container, function_name: undefined, env_id: undefined }, /env_id is missing/],
  ])('is refused when it is %s', async (_what, more, says) => {
    const before = await sandbox.orders()
    expect(await shop().unifiedOrder(freshNumber(), more)).toEqual({
      return_code: 'FAIL',
      return_msg: expect.stringMatching(says),
    })
    expect(await sandbox.orders()).toBe(before)
  })

  test.each([
    ['another path', { container: { ...container, path: '/other' } }, 'container'],
    [
      'a function instead',
      { container: undefined, function_name: 'payCallback' },
      'container, function_name',
    ],
  ])('is part of the order: %s is another', async (_what, more, differing) => {
    const tea = freshNumber()
    const first = { function_name: undefined, container }
    const prepay = await prepayOf(shop(), tea, first)
    expect(await prepayOf(shop(), tea, { ...first, container: { path: '/', service: 'pay' } })).toBe(prepay)
    const again = await shop().unifiedOrder(tea, { ...first, ...more })
    expect(again).toMatchObject({ err_code: 'OUT_TRADE_NO_USED' })
    expect(textOf(again, 'err_code_des')).toContain(`different: ${differing}`)
  })
})

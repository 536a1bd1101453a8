/** Whose order it is: environments, merchants, app ids. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { apiOptionsOf } from '../support/admin-client.ts'
import { formatFailKeys, keysOf, paymentIn, sorted, textOf } from '../support/answers.ts'
import { ordered, prepayOf } from '../support/orders.ts'
import {
  environmentNamed,
  freshNumber,
  openSandbox,
  orderRequest,
  type Sandbox,
  subMchId,
} from '../support/sandbox.ts'

const { subAppid: _, ...unbranded } = environmentNamed('unbranded', 'documented')

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox({
    environments: [
      environmentNamed('documented', 'documented'),
      environmentNamed('observed', 'observed'),
      environmentNamed('strict', 'documented', {
        strictMerchants: true,
        merchants: [{ subMchId, subAppid: 'wx8888888888888888' }, { subMchId: '1900000202' }],
      }),
      environmentNamed('strict-zh', 'documented', { strictMerchants: true, language: 'zh' }),
      environmentNamed('strict-observed', 'observed', { strictMerchants: true }),
      environmentNamed('own-name', 'documented', { strictEnv: true }),
      environmentNamed('branded', 'documented', {
        subAppid: 'wxenvironment00000',
        merchants: [{ subMchId: '1900000201', subAppid: 'wxmerchant00000000' }, { subMchId: '1900000202' }],
      }),
      unbranded,
    ],
  })
})
afterAll(() => sandbox.close())

const shopOf = (envId: string) => sandbox.shop(envId)

test("two environments with the same merchant and number do not see each other's orders", async () => {
  const [here, there] = [shopOf('documented'), shopOf('observed')]
  const tea = freshNumber()
  const mine = await prepayOf(here, tea)
  expect(await there.queryOrder(tea)).toMatchObject({ err_code: 'ORDERNOTEXIST' })
  const theirs = await prepayOf(there, tea, { total_fee: 1 })
  expect(theirs).not.toBe(mine)
  expect(await there.pay({ prepay_id: mine }), "another environment's prepay").toMatchObject({
    status: 404,
  })
  expect(await there.pay({ prepay_id: theirs })).toMatchObject({ status: 200, json: { total_fee: 1 } })
  expect(await here.queryOrder(tea)).toMatchObject({ trade_state: 'NOTPAY', total_fee: 990 })
})

test("env_id in the body names the callback's target, never the environment", async () => {
  const shop = shopOf('documented')
  const tea = freshNumber()
  await ordered(shop, tea, { env_id: 'observed' })
  expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'NOTPAY' })
  expect(await shop.pay({ out_trade_no: tea })).toMatchObject({
    json: { callback: { target: 'payCallback (observed)' } },
  })
})

test.each([
  {
    from: 'the body',
    sub_mch_id: '1900000201',
    body: 'wxbody000000000000',
    api: 'wxapioptions000000',
    is: 'wxbody000000000000',
  },
  {
    from: 'apiOptions',
    sub_mch_id: '1900000201',
    body: undefined,
    api: 'wxapioptions000000',
    is: 'wxapioptions000000',
  },
  {
    from: 'the merchant',
    sub_mch_id: '1900000201',
    body: undefined,
    api: undefined,
    is: 'wxmerchant00000000',
  },
  {
    from: 'the environment',
    sub_mch_id: '1900000202',
    body: undefined,
    api: undefined,
    is: 'wxenvironment00000',
  },
])('sub_appid comes from $from when nothing before it gives one', async ({ sub_mch_id, body, api, is }) => {
  const shop = shopOf('branded')
  const tea = freshNumber()
  const answer = await shop.answer(
    'unifiedOrder',
    orderRequest(tea, { sub_mch_id, sub_appid: body }),
    api === undefined ? {} : { apiOptions: apiOptionsOf(api) },
  )
  expect(answer).toMatchObject({ result_code: 'SUCCESS', sub_appid: is, payment: { appId: is } })
  const asked = { sub_mch_id, out_trade_no: tea }
  expect(await shop.answer('queryOrder', asked), 'the order keeps it').toMatchObject({ sub_appid: is })
})

test('without a sub_appid anywhere the answer has none, and the provider is whom the client pays', async () => {
  const answer = await ordered(shopOf('unbranded'), freshNumber(), {
    openid: 'o1',
    sub_mch_id: '1900000333',
  })
  expect(answer).not.toHaveProperty('sub_appid')
  expect(paymentIn(answer)).toMatchObject({ appId: 'wxd678efh667hg6787' })
})

test('an unknown merchant is taken in with its first order, and the log says so once, of many at once too', async () => {
  const shop = shopOf('documented')
  const sub_mch_id = '1900007777'
  await Promise.all(Array.from({ length: 10 }, () => ordered(shop, freshNumber(), { sub_mch_id })))
  await ordered(shop, freshNumber(), { sub_mch_id })
  const told = sandbox
    .log()
    .split('\n')
    .filter((line) => line.includes('took in an unknown merchant') && line.includes(sub_mch_id))
  expect(told.length, 'lines about it').toBe(1)
})

test('strictMerchants: a merchant that is not listed hears return_code FAIL from every method, and nothing is written', async () => {
  const before = await sandbox.orders()
  const tea = freshNumber()
  const unlisted = { sub_mch_id: '1900000999', out_trade_no: tea }
  for (const apiName of ['unifiedOrder', 'queryOrder', 'closeOrder']) {
    const request = apiName === 'unifiedOrder' ? orderRequest(tea, unlisted) : unlisted
    const en = await shopOf('strict').answer(apiName, request)
    expect(en.return_msg, apiName).toMatch(/^the merchant is not bound to this provider/)
    expect(keysOf(en), apiName).toEqual(sorted(formatFailKeys))
    expect(await shopOf('strict-zh').answer(apiName, request), apiName).toMatchObject({
      return_code: 'FAIL',
      return_msg: expect.stringMatching(/^受理关系不存在/),
    })
    expect(await shopOf('strict-observed').answer(apiName, request), apiName).toMatchObject({
      return_code: 'FAIL',
      return_msg: '受理关系不存在',
    })
  }
  expect(await sandbox.orders(), 'the number of rows').toBe(before)
})

test('strictMerchants: the texts are whole, in both languages', async () => {
  for (const envId of ['strict', 'strict-zh']) {
    for (const wrong of [{ sub_mch_id: '1900000999' }, { sub_appid: 'wx0000000000000000' }]) {
      const text = textOf(await shopOf(envId).unifiedOrder(freshNumber(), wrong), 'return_msg')
      expect([...text].length).toBeLessThanOrEqual(128)
      expect(text, 'is not cut').not.toMatch(/…$/)
    }
  }
})

test("strictMerchants: a sub_appid that is not the merchant's hears return_code FAIL, and nothing is written", async () => {
  const shop = shopOf('strict')
  const before = await sandbox.orders()
  const body = await shop.unifiedOrder(freshNumber(), { sub_appid: 'wx0000000000000000' })
  const options = await shop.answer('unifiedOrder', orderRequest(freshNumber()), {
    apiOptions: apiOptionsOf('wx0000000000000000'),
  })
  for (const answer of [body, options]) {
    expect(keysOf(answer)).toEqual(sorted(formatFailKeys))
    expect(answer.return_msg).toMatch(/^sub_mch_id and sub_appid do not match: .*wx8888888888888888/)
  }
  expect(await sandbox.orders(), 'the number of rows').toBe(before)
})

test("strictEnv: another environment's name hears -601012 on the error channel, its own and none are served", async () => {
  const shop = shopOf('own-name')
  const request = { sub_mch_id: subMchId, out_trade_no: freshNumber() }
  const foreign = await shop.call('closeOrder', request, { envName: 'prod-1a2b' })
  expect(foreign).toMatchObject({ status: 200, channel: 'error', json: { errcode: -601012 } })
  expect(foreign.json.errmsg).toMatch(/belongs to environment own-name, not to prod-1a2b/)
  for (const envName of ['own-name', '']) {
    const heard = await shop.call('closeOrder', request, { envName })
    expect(heard, `envName "${envName}"`).toMatchObject({
      channel: 'answer',
      json: { err_code: 'ORDERNOTEXIST' },
    })
  }
})

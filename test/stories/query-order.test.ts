/** queryOrder: what is told of an order in each of its states, by whichever number it is asked for. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { wireTime } from '../../src/protocol/beijing-time.ts'
import {
  formatFailKeys,
  keysOf,
  refusalKeys,
  signatureOf,
  sorted,
  successKeys,
  textOf,
} from '../support/answers.ts'
import { atRest, closed, ordered, paid } from '../support/orders.ts'
import {
  environmentNamed,
  freshNumber,
  openSandbox,
  type Sandbox,
  type Shop,
  subMchId,
} from '../support/sandbox.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox({
    environments: [
      environmentNamed('documented', 'documented'),
      environmentNamed('observed', 'observed'),
      environmentNamed('documented-zh', 'documented', { language: 'zh' }),
    ],
  })
})
afterAll(() => sandbox.close())

const profiles = ['documented', 'observed'] as const
const shopOf = (envId: string) => sandbox.shop(envId)
const ask = (shop: Shop, asked: object) => shop.answer('queryOrder', { sub_mch_id: subMchId, ...asked })

const always = [...successKeys, 'out_trade_no', 'attach', 'trade_state', 'trade_state_desc']
const unpaidKeys = sorted([...always, 'device_info', 'total_fee'])
const paidKeys = sorted([
  ...unpaidKeys,
  'openid',
  'is_subscribe',
  'sub_openid',
  'sub_is_subscribe',
  'trade_type',
  'bank_type',
  'fee_type',
  'cash_fee',
  'cash_fee_type',
  'coupon_id_list',
  'coupon_type_list',
  'coupon_fee_list',
  'transaction_id',
  'time_end',
])
const closedKeys = sorted(always)

test.each(profiles)('%s: an unpaid order is NOTPAY, with its amount', async (profile) => {
  const shop = shopOf(profile)
  const tea = freshNumber()
  await ordered(shop, tea, { attach: '第 7 桌', device_info: 'WEB' })
  const answer = await shop.queryOrder(tea)
  expect(answer).toMatchObject({
    result_code: 'SUCCESS',
    out_trade_no: tea,
    trade_state: 'NOTPAY',
    trade_state_desc: '订单未支付',
    total_fee: 990,
    attach: '第 7 桌',
    device_info: 'WEB',
  })
  expect(keysOf(answer), 'these keys and no others').toEqual(unpaidKeys)
  expect(answer.sign).toBe(signatureOf(answer, shop.apiKey))
})

test.each(profiles)(
  '%s: a paid order is SUCCESS, with who paid what, when and under which transaction',
  async (profile) => {
    const shop = shopOf(profile)
    await atRest(shop, async (now) => {
      const tea = freshNumber()
      await paid(shop, tea)
      const answer = await shop.queryOrder(tea)
      expect(answer).toMatchObject({
        result_code: 'SUCCESS',
        out_trade_no: tea,
        trade_state: 'SUCCESS',
        trade_state_desc: '支付成功',
        total_fee: 990,
        cash_fee: 990,
        fee_type: 'CNY',
        cash_fee_type: 'CNY',
        trade_type: 'JSAPI',
        bank_type: 'OTHERS',
        openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
        sub_openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
        is_subscribe: 'N',
        sub_is_subscribe: 'N',
        attach: '',
        device_info: '',
        coupon_id_list: [],
        coupon_type_list: [],
        coupon_fee_list: [],
        time_end: wireTime(now),
      })
      expect(answer.transaction_id, '28 digits with the Beijing date').toMatch(
        new RegExp(`^4200\\d{6}${wireTime(now).slice(0, 8)}\\d{10}$`),
      )
      expect(keysOf(answer), 'these keys and no others').toEqual(paidKeys)
      expect(answer.sign, 'over all fields but the lists').toBe(signatureOf(answer, shop.apiKey))
    })
  },
)

test.each(profiles)('%s: a closed order is CLOSED, without amount and transaction', async (profile) => {
  const shop = shopOf(profile)
  const tea = freshNumber()
  await closed(shop, tea, { attach: 'table 7' })
  const answer = await shop.queryOrder(tea)
  expect(answer).toMatchObject({
    result_code: 'SUCCESS',
    out_trade_no: tea,
    trade_state: 'CLOSED',
    trade_state_desc: '订单已关闭',
    attach: 'table 7',
  })
  expect(keysOf(answer), 'these keys and no others').toEqual(closedKeys)
})

test.each(profiles)('%s: an order whose time ran out is NOTPAY until somebody closes it', async (profile) => {
  const shop = shopOf(profile)
  const tea = freshNumber()
  await ordered(shop, tea)
  await shop.advance('8d')
  expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'NOTPAY' })
})

test.each(profiles)('%s: a number that was never ordered does not exist', async (profile) => {
  const shop = shopOf(profile)
  const answer = await shop.queryOrder(freshNumber())
  expect(answer).toMatchObject({ return_code: 'SUCCESS', result_code: 'FAIL', err_code: 'ORDERNOTEXIST' })
  expect(answer.err_code_des).toMatch(
    profile === 'observed' ? /^order not exist$/ : /^the order does not exist/,
  )
  expect(keysOf(answer)).toEqual(sorted(refusalKeys))
  expect(answer.sign).toBe(signatureOf(answer, shop.apiKey))
})

test('in Chinese the refusal is in Chinese', async () => {
  const text = textOf(await shopOf('documented-zh').queryOrder(freshNumber()), 'err_code_des')
  expect(text).toMatch(/^订单不存在（ORDERNOTEXIST）：请核对/)
})

test('a paid order is found by its transaction_id, which wins over an out_trade_no beside it', async () => {
  const shop = shopOf('documented')
  const [tea, other] = [freshNumber(), freshNumber()]
  await paid(shop, tea)
  await ordered(shop, other)
  const transaction_id = textOf(await shop.queryOrder(tea), 'transaction_id')

  expect(await ask(shop, { transaction_id })).toMatchObject({ out_trade_no: tea, trade_state: 'SUCCESS' })
  expect(await ask(shop, { transaction_id, out_trade_no: other })).toMatchObject({ out_trade_no: tea })
  expect(await ask(shop, { transactionId: transaction_id, outTradeNo: other })).toMatchObject({
    out_trade_no: tea,
  })
  expect(await ask(shop, { transaction_id: '', out_trade_no: other }), 'an empty one is none').toMatchObject({
    out_trade_no: other,
  })
  expect(
    await ask(shop, { transaction_id: '4200000000000000000000000000', out_trade_no: tea }),
  ).toMatchObject({
    err_code: 'ORDERNOTEXIST',
  })
})

test("a transaction_id is its own merchant's and environment's", async () => {
  const shop = shopOf('documented')
  const tea = freshNumber()
  await paid(shop, tea)
  const transaction_id = textOf(await shop.queryOrder(tea), 'transaction_id')
  const notThere = { err_code: 'ORDERNOTEXIST' }
  expect(await ask(shop, { transaction_id, sub_mch_id: '1900000999' })).toMatchObject(notThere)
  expect(await ask(shopOf('observed'), { transaction_id })).toMatchObject(notThere)
})

test('openid and sub_openid are told as the order gave them', async () => {
  const shop = shopOf('documented')
  const tea = freshNumber()
  await paid(shop, tea, { openid: 'oProvider', sub_openid: 'oOwn' })
  expect(await shop.queryOrder(tea)).toMatchObject({ openid: 'oProvider', sub_openid: 'oOwn' })
})

test('asking changes nothing', async () => {
  const shop = shopOf('documented')
  const tea = freshNumber()
  const before = await sandbox.orders()
  await shop.queryOrder(tea)
  expect(await sandbox.orders(), 'the number of rows').toBe(before)
  expect(await ordered(shop, tea)).toMatchObject({ result_code: 'SUCCESS' })
  await shop.queryOrder(tea)
  expect(await shop.historyOf(tea)).toEqual(['ordered'])
})

// biome-ignore format: a table is read by its columns
test.each([
  { why: 'neither number is given', asked: {}, says: /transaction_id or out_trade_no: one of them is required/ },
  { why: 'both numbers are empty', asked: { transaction_id: '', out_trade_no: null }, says: /one of them is required/ },
  { why: 'sub_mch_id is missing', asked: { sub_mch_id: undefined, out_trade_no: 'TEA' }, says: /sub_mch_id is missing/ },
  { why: 'transaction_id has 33 characters', asked: { transaction_id: '4'.repeat(33) }, says: /transaction_id must have at most 32/ },
  { why: 'transaction_id is a number', asked: { transaction_id: 42e26 }, says: /transaction_id must be text/ },
  { why: 'transaction_id holds NUL', asked: { transaction_id: '42\0' }, says: /transaction_id .*illegal/ },
  { why: 'transaction_id holds half a character', asked: { transaction_id: '42\ud83c' }, says: /transaction_id .*illegal/ },
  { why: 'out_trade_no is bad although transaction_id is good', asked: { transaction_id: '42', out_trade_no: 'a b' }, says: /out_trade_no .*digits, letters/ },
  { why: 'out_trade_no has 33 characters', asked: { out_trade_no: 'T'.repeat(33) }, says: /out_trade_no must have at most 32/ },
  { why: 'nonce_str has 33 characters', asked: { out_trade_no: 'TEA', nonce_str: 'n'.repeat(33) }, says: /nonce_str must have at most 32/ },
])('a query is refused with return_code FAIL when $why', async ({ asked, says }) => {
  const answer = await ask(shopOf('documented'), asked)
  expect(answer.return_code).toBe('FAIL')
  expect(answer.return_msg, 'names the field and its rule').toMatch(says)
  expect(keysOf(answer)).toEqual(sorted(formatFailKeys))
})

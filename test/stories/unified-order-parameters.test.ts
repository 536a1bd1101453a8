/** The rules of each parameter of unifiedOrder: what is refused for its form, and what is taken. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sign } from '../../src/protocol/sign.ts'
import { formatFailKeys, keysOf, paymentIn, sorted } from '../support/answers.ts'
import { ordered, prepayOf } from '../support/orders.ts'
import { environmentNamed, freshNumber, openSandbox, type Sandbox, subMchId } from '../support/sandbox.ts'

const { defaultOpenid: _, ...anonymous } = environmentNamed('anonymous', 'documented')

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox({
    environments: [
      environmentNamed('documented', 'documented'),
      environmentNamed('observed', 'observed'),
      environmentNamed('documented-zh', 'documented', { language: 'zh' }),
      anonymous,
    ],
  })
})
afterAll(() => sandbox.close())

const shopOf = (envId: string) => sandbox.shop(envId)

interface Refused {
  readonly why: string
  readonly patch: Record<string, unknown>
  readonly says: RegExp
}
const missing = [
  'function_name',
  'env_id',
  'sub_mch_id',
  'body',
  'out_trade_no',
  'total_fee',
  'spbill_create_ip',
]
const notText = [12, ['tea'], { of: 'tea' }, true]
/** Longest value of each text, counted in characters: an emoji is one, though two units of UTF-16. */
const longest = {
  function_name: 128,
  env_id: 128,
  sub_appid: 32,
  device_info: 32,
  nonce_str: 32,
  body: 128,
  detail: 6000,
  attach: 127,
  goods_tag: 32,
  product_id: 32,
  openid: 128,
  sub_openid: 128,
  receipt: 8,
  scene_info: 256,
}
// biome-ignore format: a table is read by its columns
const refused: readonly Refused[] = [
  ...missing.flatMap((name) => [
    { why: `${name} is missing`, patch: { [name]: undefined }, says: new RegExp(`${name} is missing`) },
    { why: `${name} is null`, patch: { [name]: null }, says: new RegExp(`${name} is missing`) },
    { why: `${name} is empty`, patch: { [name]: '' }, says: new RegExp(`${name} is missing`) },
  ]),
  ...Object.entries({ ...longest, sub_mch_id: 32, out_trade_no: 32 }).flatMap(([name, max]) => [
    {
      why: `${name} has ${max + 1} characters`,
      patch: { [name]: 'x'.repeat(max + 1) },
      says: new RegExp(`${name} must have at most ${max} characters`),
    },
    ...notText.map((value) => ({
      why: `${name} is ${JSON.stringify(value)}`,
      patch: { [name]: value },
      says: new RegExp(`${name} must be text`),
    })),
  ]),
  ...['function_name', 'body', 'detail', 'attach', 'openid'].flatMap((name) => [
    { why: `${name} holds NUL`, patch: { [name]: 'a\0b' }, says: new RegExp(`${name} .*illegal`) },
    {
      why: `${name} holds half a character`,
      patch: { [name]: 'a\ud83c' },
      says: new RegExp(`${name} .*illegal`),
    },
    {
      why: `${name} holds halves in the wrong order`,
      patch: { [name]: '\udf75\ud83c' },
      says: new RegExp(`${name} .*illegal`),
    },
  ]),
  { why: 'total_fee is text', patch: { total_fee: '990' }, says: /total_fee must be an integer, got text/ },
  { why: 'total_fee is a fraction', patch: { total_fee: 9.9 }, says: /total_fee must be an integer, got a fraction/ },
  { why: 'total_fee is negative', patch: { total_fee: -1 }, says: /total_fee must be greater than 0/ },
  { why: 'total_fee is 0', patch: { total_fee: 0 }, says: /total_fee must be greater than 0/ },
  { why: 'total_fee is over 2^31 - 1', patch: { total_fee: 2_147_483_648 }, says: /total_fee must not exceed 2147483647/ },
  { why: 'total_fee is over 2^53', patch: { total_fee: 2 ** 53 }, says: /total_fee must not exceed 2147483647/ },
  { why: 'total_fee is 1e300', patch: { total_fee: 1e300 }, says: /total_fee must not exceed 2147483647/ },
  { why: 'total_fee is true', patch: { total_fee: true }, says: /total_fee must be an integer, got a boolean/ },
  { why: 'total_fee is a list', patch: { total_fee: [990] }, says: /total_fee must be an integer, got an array/ },
  ...['time_start', 'time_expire'].flatMap((name) => [
    {
      why: `${name} is ISO 8601`,
      patch: { [name]: '2099-12-01T0:0' },
      says: new RegExp(`${name} .*yyyyMMddHHmmss`),
    },
    {
      why: `${name} has no seconds`,
      patch: { [name]: '209912010000' },
      says: new RegExp(`${name} .*yyyyMMddHHmmss`),
    },
    {
      why: `${name} is 31 February`,
      patch: { [name]: '20990231000000' },
      says: new RegExp(`${name} .*yyyyMMddHHmmss`),
    },
    {
      why: `${name} is 24 o'clock`,
      patch: { [name]: '20991201240000' },
      says: new RegExp(`${name} .*yyyyMMddHHmmss`),
    },
    {
      why: `${name} is a number`,
      patch: { [name]: 20_991_201_000_000 },
      says: new RegExp(`${name} must be text, got an integer`),
    },
    {
      why: `${name} has 15 digits`,
      patch: { [name]: '209912010000000' },
      says: new RegExp(`${name} must have at most 14`),
    },
  ]),
  ...['localhost', '999.1.1.1', '1.2.3', '::g', '127.0.0.1:80'].map((ip) => ({ why: `spbill_create_ip is ${ip}`, patch: { spbill_create_ip: ip }, says: /spbill_create_ip must be an IPv4 or IPv6 address/ })),
  { why: 'fee_type is USD', patch: { fee_type: 'USD' }, says: /fee_type must be CNY/ },
  { why: 'fee_type is cny', patch: { fee_type: 'cny' }, says: /fee_type must be CNY/ },
  { why: 'trade_type is jsapi', patch: { trade_type: 'jsapi' }, says: /trade_type must be JSAPI \/ NATIVE \/ APP \/ MWEB/ },
  { why: 'trade_type is MICROPAY', patch: { trade_type: 'MICROPAY' }, says: /trade_type must be JSAPI/ },
  { why: 'limit_pay is credit', patch: { limit_pay: 'credit' }, says: /limit_pay must be no_credit/ },
  { why: 'profit_sharing is y', patch: { profit_sharing: 'y' }, says: /profit_sharing must be Y \/ N/ },
  { why: 'out_trade_no holds a blank', patch: { out_trade_no: 'TEA 1' }, says: /out_trade_no .*digits, letters and _-\|\*@/ },
  { why: 'sub_mch_id holds a star', patch: { sub_mch_id: '1900000109*' }, says: /sub_mch_id .*digits, letters and _-/ },
]

test.each(refused)(
  'an order is refused with return_code FAIL, and not made, when $why',
  async ({ patch, says }) => {
    const shop = shopOf('documented')
    const before = await sandbox.orders()
    const answer = await shop.unifiedOrder(freshNumber(), patch)
    expect(answer.return_code).toBe('FAIL')
    expect(answer.return_msg, 'names the field and its rule').toMatch(says)
    expect(keysOf(answer), 'the keys of a format failure').toEqual(sorted(formatFailKeys))
    expect(await sandbox.orders(), 'the number of orders').toBe(before)
  },
)

test.each(Object.entries(longest).map(([name, max]) => ({ name, max })))(
  'a $name of $max characters is taken, an emoji counting as one',
  async ({ name, max }) => {
    await ordered(shopOf('documented'), freshNumber(), { [name]: '🍵'.repeat(max) })
  },
)

// biome-ignore format: a table is read by its columns
test.each([
  { what: 'the smallest amount', patch: { total_fee: 1 } },
  { what: 'the largest amount', patch: { total_fee: 2_147_483_647 } },
  { what: 'an IPv6 address', patch: { spbill_create_ip: '2001:db8::1' } },
  { what: 'a leap day', patch: { time_start: '20240229000000' } },
  { what: 'limit_pay no_credit', patch: { limit_pay: 'no_credit' } },
  { what: 'profit_sharing Y', patch: { profit_sharing: 'Y' } },
  { what: 'fields that nobody knows', patch: { notify_url: 'https://example.com', sign: 1, colour: ['red'] } },
  { what: 'optional fields that are empty or null', patch: { attach: '', device_info: null, time_expire: '', openid: null } },
  { what: 'Chinese text', patch: { body: '茶馆-乌龙茶', attach: '第 1 桌' } },
])('an order with $what is taken', async ({ patch }) => {
  await ordered(shopOf('documented'), freshNumber(), patch)
})

test('the same order may be written in camelCase', async () => {
  const shop = shopOf('documented')
  const tea = freshNumber()
  const prepay = await prepayOf(shop, tea)
  const camel = await shop.answer('unifiedOrder', {
    functionName: 'payCallback',
    envId: 'prod-1a2b',
    subMchId,
    body: 'Tea shop - oolong',
    outTradeNo: tea,
    totalFee: 990,
    spbillCreateIp: '127.0.0.1',
  })
  expect(camel, 'the very same prepay').toMatchObject({ prepay_id: prepay })
})

test('trade_type is JSAPI, fee_type CNY and the payer the default one unless said: saying so changes nothing', async () => {
  const shop = shopOf('documented')
  const tea = freshNumber()
  const prepay = await prepayOf(shop, tea)
  const spelled = {
    trade_type: 'JSAPI',
    fee_type: 'CNY',
    openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
    attach: '',
    detail: null,
  }
  expect(await prepayOf(shop, tea, spelled)).toBe(prepay)
})

test('a JSAPI order that names no payer is refused where the environment has no default one', async () => {
  const shop = shopOf('anonymous')
  expect(await shop.unifiedOrder(freshNumber())).toMatchObject({
    return_code: 'FAIL',
    return_msg: expect.stringMatching(/openid is missing/),
  })
  await ordered(shop, freshNumber(), { openid: 'o1' })
  await ordered(shop, freshNumber(), { sub_openid: 'o2' })
  await ordered(shop, freshNumber(), { trade_type: 'NATIVE' })
})

test('in Chinese the format failure names the field and its rule in Chinese', async () => {
  expect(await shopOf('documented-zh').unifiedOrder(freshNumber(), { total_fee: '990' })).toEqual({
    return_code: 'FAIL',
    return_msg: '参数格式校验错误：total_fee 应为整数，收到文本',
  })
})

test('observed: return_code FAIL carries a signed payment with the empty "prepay_id=", documented carries none', async () => {
  const observed = shopOf('observed')
  const answer = await observed.unifiedOrder(freshNumber(), { total_fee: 0 })
  expect(keysOf(answer)).toEqual(sorted([...formatFailKeys, 'payment']))
  const { paySign, ...payment } = paymentIn(answer)
  expect(payment).toMatchObject({ package: 'prepay_id=', signType: 'MD5' })
  expect(paySign).toBe(sign(payment, observed.apiKey))
})

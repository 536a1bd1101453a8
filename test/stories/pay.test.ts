/** The sandbox's customer, over `/sandbox/pay`. */
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isoTime, wireTime } from '../../src/protocol/beijing-time.ts'
import { messageOf, refusedAs } from '../support/controls.ts'
import { closed, ordered, paid, prepayOf } from '../support/orders.ts'
import {
  environmentNamed,
  freshNumber,
  openSandbox,
  type Sandbox,
  type Shop,
  subMchId,
} from '../support/sandbox.ts'

/** Real time stands: then every answer about time is exact. */
const wall = new Date()

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox({
    environments: [
      environmentNamed('documented', 'documented'),
      environmentNamed('observed', 'observed'),
      environmentNamed('documented-zh', 'documented', { language: 'zh' }),
    ],
    world: { wallClock: () => wall, randomBytes },
  })
})
afterAll(() => sandbox.close())

const shopOf = (envId = 'documented') => sandbox.shop(envId)

test('an order is paid by its number: the answer tells all of the payment, where its callback goes, and that nobody hosts that', async () => {
  const shop = shopOf()
  const tea = freshNumber()
  await ordered(shop, tea)
  const now = await shop.now()
  const { status, json } = await shop.pay({ out_trade_no: tea })
  expect(status).toBe(200)
  expect(json).toEqual({
    result: 'paid',
    env_id: 'documented',
    sub_mch_id: subMchId,
    out_trade_no: tea,
    transaction_id: expect.stringMatching(new RegExp(`^4200\\d{6}${wireTime(now).slice(0, 8)}\\d{10}$`)),
    total_fee: 990,
    openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
    paid_at: isoTime(now),
    callback: {
      target: 'payCallback (prod-1a2b)',
      state: 'pending',
      see: expect.stringContaining(`out_trade_no=${tea}`),
      note: expect.stringMatching(/nobody hosts.*cloudpay dev/),
    },
  })
  expect(await shop.queryOrder(tea)).toMatchObject({
    trade_state: 'SUCCESS',
    transaction_id: json.transaction_id,
  })
})

test('in a Chinese environment the note about the callback is Chinese', async () => {
  const shop = shopOf('documented-zh')
  const tea = freshNumber()
  await ordered(shop, tea)
  expect(await shop.pay({ out_trade_no: tea })).toMatchObject({
    json: { callback: { state: 'pending', note: expect.stringMatching(/没有程序托管/) } },
  })
})

test('an order is paid by its prepay_id, whoever its merchant is', async () => {
  const shop = shopOf()
  const tea = freshNumber()
  const prepay_id = await prepayOf(shop, tea, { sub_mch_id: '1900000555' })
  expect(await shop.pay({ prepay_id })).toMatchObject({
    status: 200,
    json: { out_trade_no: tea, sub_mch_id: '1900000555' },
  })
})

test('a number that one merchant has needs no sub_mch_id, one that several have does', async () => {
  const shop = shopOf()
  const [tea, both] = [freshNumber(), freshNumber()]
  await ordered(shop, tea, { sub_mch_id: '1900000555' })
  expect(await shop.pay({ out_trade_no: tea })).toMatchObject({ status: 200 })
  await ordered(shop, both)
  await ordered(shop, both, { sub_mch_id: '1900000555' })
  expect(await shop.pay({ out_trade_no: both })).toMatchObject(refusedAs(400, 'SEVERAL_MERCHANTS'))
  expect(await shop.pay({ out_trade_no: both, sub_mch_id: '1900000555' })).toMatchObject({ status: 200 })
})

const byNumber = (tea: string) => ({ out_trade_no: tea })
const reasons: readonly {
  readonly of: string
  readonly arrange: (shop: Shop, tea: string) => Promise<unknown>
  readonly code: string
  readonly says: RegExp
  readonly state: string
}[] = [
  { of: 'a paid order', arrange: paid, code: 'ALREADY_PAID', says: /has been paid/, state: 'SUCCESS' },
  {
    of: 'a closed order',
    arrange: closed,
    code: 'CLOSED',
    says: /is closed; order again with a new number/,
    state: 'CLOSED',
  },
  {
    of: 'an order out of time',
    arrange: async (shop, tea) => {
      await ordered(shop, tea)
      await shop.advance('7d')
    },
    code: 'EXPIRED',
    says: /ran out of time.*\d{4}-\d\d-\d\d \d\d:\d\d:\d\d Beijing time/,
    state: 'NOTPAY',
  },
  {
    of: 'a prepay older than two hours',
    arrange: async (shop, tea) => {
      await ordered(shop, tea)
      await shop.advance('2h')
    },
    code: 'PREPAY_EXPIRED',
    says: /two hours are over; call unifiedOrder again/,
    state: 'NOTPAY',
  },
]
test.each(reasons)('the payment of $of is refused as $code, and changes nothing', async (row) => {
  const shop = shopOf()
  const tea = freshNumber()
  await row.arrange(shop, tea)
  const before = await shop.historyOf(tea)
  const { status, json } = await shop.pay(byNumber(tea))
  expect({ status, json }).toMatchObject(refusedAs(409, row.code))
  expect(json).toMatchObject({ result: 'refused', out_trade_no: tea })
  expect(messageOf(json), 'says why and what to do').toMatch(row.says)
  expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: row.state })
  expect(await shop.historyOf(tea)).toEqual(before)
})

test('the prepay_id of a paid or closed order is refused for the same reason as its number', async () => {
  const shop = shopOf()
  const [first, second] = [freshNumber(), freshNumber()]
  const [paidPrepay, closedPrepay] = [await prepayOf(shop, first), await prepayOf(shop, second)]
  await shop.pay({ prepay_id: paidPrepay })
  await shop.advance('5m')
  await shop.closeOrder(second)
  expect(await shop.pay({ prepay_id: paidPrepay })).toMatchObject(refusedAs(409, 'ALREADY_PAID'))
  expect(await shop.pay({ prepay_id: closedPrepay })).toMatchObject(refusedAs(409, 'CLOSED'))
})

test('a payment of the last millisecond of its two hours is taken', async () => {
  const shop = shopOf()
  const tea = freshNumber()
  await ordered(shop, tea)
  await shop.advance('1h59m59s999ms')
  expect(await shop.pay(byNumber(tea))).toMatchObject({ status: 200 })
})

test('a prepay that a fresher one replaced cannot be paid, and the refusal says so', async () => {
  const shop = shopOf()
  const tea = freshNumber()
  const old = await prepayOf(shop, tea)
  await shop.advance('2h')
  const fresh = await prepayOf(shop, tea)

  const { status, json } = await shop.pay({ prepay_id: old })
  expect([404, 409], 'refused').toContain(status)
  expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'NOTPAY' })
  expect(messageOf(json), 'tells the customer about the fresher one').toMatch(/fresher|replaced/)
  expect(await shop.pay({ prepay_id: fresh })).toMatchObject({ status: 200 })
})

test('the customer who pays first wins over a close, and the close that comes first wins over the customer', async () => {
  for (const profile of ['documented', 'observed']) {
    const shop = shopOf(profile)
    const [payerFirst, closeFirst] = [freshNumber(), freshNumber()]
    await ordered(shop, payerFirst)
    const prepay_id = await prepayOf(shop, closeFirst)
    await shop.advance('5m')

    expect(await shop.pay(byNumber(payerFirst))).toMatchObject({ status: 200 })
    expect(await shop.closeOrder(payerFirst)).toMatchObject({ result_code: 'FAIL', err_code: 'ORDERPAID' })
    expect(await shop.historyOf(payerFirst)).toEqual(['ordered', 'paid'])

    expect(await shop.closeOrder(closeFirst)).toMatchObject({ result_code: 'SUCCESS' })
    expect(await shop.pay(byNumber(closeFirst))).toMatchObject(refusedAs(409, 'CLOSED'))
    expect(await shop.pay({ prepay_id })).toMatchObject(refusedAs(409, 'CLOSED'))
    expect(await shop.historyOf(closeFirst)).toEqual(['ordered', 'closed'])
  }
})

// biome-ignore format: a table is read by its columns
test.each([
  { why: 'neither number is given', asked: {}, status: 400, code: 'INVALID', says: /exactly one of out_trade_no and prepay_id/ },
  { why: 'both numbers are given', asked: { out_trade_no: 'T', prepay_id: 'wx1' }, status: 400, code: 'INVALID', says: /exactly one of/ },
  { why: 'the number is no text', asked: { out_trade_no: 7 }, status: 400, code: 'INVALID', says: /out_trade_no must be text, got an integer/ },
  { why: 'the number is bad', asked: { out_trade_no: 'a b' }, status: 400, code: 'INVALID', says: /out_trade_no .*digits, letters/ },
  { why: 'the prepay_id is too long', asked: { prepay_id: 'w'.repeat(65) }, status: 400, code: 'INVALID', says: /prepay_id .*at most 64/ },
  { why: 'the prepay_id holds NUL', asked: { prepay_id: 'wx\0' }, status: 400, code: 'INVALID', says: /prepay_id .*illegal/ },
  { why: 'a field is misspelt', asked: { outTradeNo: 'T' }, status: 400, code: 'INVALID', says: /outTradeNo/ },
  { why: 'nobody ordered the number', asked: { out_trade_no: 'T-nobody' }, status: 404, code: 'ORDER_NOT_FOUND', says: /documented has no such order; check sub_mch_id, out_trade_no or prepay_id/ },
  { why: 'nobody issued the prepay_id', asked: { prepay_id: 'wx01000000ffffffff000000000000000000' }, status: 404, code: 'ORDER_NOT_FOUND', says: /no such order/ },
  { why: 'the prepay_id is no prepay_id', asked: { prepay_id: 'tea' }, status: 404, code: 'ORDER_NOT_FOUND', says: /no such order/ },
  { why: 'the environment is unknown', asked: { env_id: 'nowhere', out_trade_no: 'T' }, status: 404, code: 'ENV_NOT_FOUND', says: /没有环境 nowhere.* \/ there is no environment nowhere/ },
  { why: 'env_id is a number', asked: { env_id: 1, out_trade_no: 'T' }, status: 400, code: 'INVALID', says: /env_id must be text/ },
])('a payment is refused with $status when $why', async ({ asked, status, code, says }) => {
  const answer = await shopOf().pay(asked)
  expect(answer).toMatchObject(refusedAs(status, code))
  expect(messageOf(answer.json), 'says what to do').toMatch(says)
})

test('what comes of a control is told in the language of whoever asked, else in the environment’s', async () => {
  const shop = shopOf()
  const note = async (headers: Record<string, string>) => {
    const tea = freshNumber()
    await ordered(shop, tea)
    const asked = { env_id: shop.envId, out_trade_no: tea }
    const { json } = await sandbox.control('/sandbox/pay', asked, headers)
    const shown = await fetch(`${sandbox.url}/sandbox/faults?env_id=${shop.envId}`, { headers })
    const { menu } = (await shown.json()) as { menu: { does: string }[] }
    return [Object(json.callback).note, menu[0]?.does]
  }
  const chinese = expect.stringMatching(/\p{Script=Han}/u)
  expect(await note({ 'accept-language': 'zh-CN,zh;q=0.9' })).toEqual([chinese, chinese])
  expect(await note({}), 'the environment’s').toEqual([
    expect.not.stringMatching(/\p{Script=Han}/u),
    expect.not.stringMatching(/\p{Script=Han}/u),
  ])
})

/** time_expire: an order's own time, on the clock of its environment. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readableTime, wireTime } from '../../src/protocol/beijing-time.ts'
import { keysOf, refusalKeys, sorted, textOf } from '../support/answers.ts'
import { atRest, ordered, prepayOf } from '../support/orders.ts'
import { environmentNamed, freshNumber, openSandbox, type Sandbox, type Shop } from '../support/sandbox.ts'

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

const shopOf = (envId: string) => sandbox.shop(envId)

const profiles = ['documented', 'observed'] as const

const inFuture = async (shop: Shop, seconds: number) =>
  wireTime(new Date((await shop.now()).getTime() + seconds * 1000))

test('documented: after its own time_expire the number is spent, and the customer cannot pay', async () => {
  const shop = shopOf('documented')
  const tea = freshNumber()
  const time_expire = await inFuture(shop, 600)
  await ordered(shop, tea, { time_expire })
  await shop.advance('10m')
  const refused = await shop.unifiedOrder(tea, { time_expire })
  expect(keysOf(refused)).toEqual(sorted(refusalKeys))
  expect(refused).toMatchObject({
    err_code: 'ORDERCLOSED',
    err_code_des: expect.stringMatching(/ran out of time at/),
  })
  expect(await shop.pay({ out_trade_no: tea })).toMatchObject({
    status: 409,
    json: { error: { code: 'EXPIRED' } },
  })
  expect(await shop.queryOrder(tea), 'nothing closes it by itself').toMatchObject({ trade_state: 'NOTPAY' })
  expect(await shop.closeOrder(tea)).toMatchObject({ result_code: 'SUCCESS' })
})

test('observed: after its own time_expire an identical order revives it with a fresh prepay that can be paid', async () => {
  const shop = shopOf('observed')
  const tea = freshNumber()
  const time_expire = await inFuture(shop, 600)
  const first = await prepayOf(shop, tea, { time_expire })
  await shop.advance('10m')
  expect(await shop.pay({ out_trade_no: tea }), 'before it is revived').toMatchObject({ status: 409 })
  expect(
    await shop.unifiedOrder(tea, { time_expire, total_fee: 1 }),
    'other parameters do not revive it',
  ).toMatchObject({
    err_code: 'INVALID_REQUEST',
  })

  const second = await prepayOf(shop, tea, { time_expire })
  expect(second).not.toBe(first)
  expect(await shop.historyOf(tea)).toEqual(['ordered', 'revived'])
  expect(await prepayOf(shop, tea, { time_expire }), 'repeated').toBe(second)
  expect(await shop.pay({ prepay_id: second })).toMatchObject({ status: 200 })
})

test.each(profiles)(
  "%s: a first time_expire that is past is refused, and the text names the sandbox's time",
  async (profile) => {
    const shop = shopOf(profile)
    await atRest(shop, async (now) => {
      for (const seconds of [-1, 0]) {
        const tea = freshNumber()
        const refused = await shop.unifiedOrder(tea, { time_expire: await inFuture(shop, seconds) })
        expect(refused).toMatchObject({ result_code: 'FAIL', err_code: 'PARAM_ERROR' })
        expect(refused.err_code_des).toMatch(/past/)
        expect(refused.err_code_des).toContain(readableTime(now))
        expect(keysOf(refused)).toEqual(sorted(refusalKeys))
        expect(await shop.queryOrder(tea), 'no order was made').toMatchObject({ err_code: 'ORDERNOTEXIST' })
      }
    })
  },
)

test.each(profiles)(
  '%s: a first time_expire less than a minute ahead is refused, one of a minute is taken',
  async (profile) => {
    const shop = shopOf(profile)
    await atRest(shop, async () => {
      const tea = freshNumber()
      const refused = await shop.unifiedOrder(tea, { time_expire: await inFuture(shop, 59) })
      expect(refused).toMatchObject({ result_code: 'FAIL', err_code: 'PARAM_ERROR' })
      expect(refused.err_code_des).toMatch(
        profile === 'observed' ? /^time_expire时间过短/ : /less than 1 minute/,
      )
      await ordered(shop, tea, { time_expire: await inFuture(shop, 60) })
    })
  },
)

test('the texts about time_expire are whole, in both languages', async () => {
  for (const envId of ['documented', 'documented-zh']) {
    const shop = shopOf(envId)
    for (const seconds of [-3600, 10]) {
      const refused = await shop.unifiedOrder(freshNumber(), { time_expire: await inFuture(shop, seconds) })
      const text = textOf(refused, 'err_code_des')
      expect([...text].length).toBeLessThanOrEqual(128)
      expect(text, 'is not cut').not.toMatch(/…$/)
    }
  }
})

test.each(profiles)(
  '%s: an identical order is never refused for a time_expire that has come near',
  async (profile) => {
    const shop = shopOf(profile)
    const tea = freshNumber()
    const time_expire = await inFuture(shop, 600)
    const first = await prepayOf(shop, tea, { time_expire })
    await shop.advance('9m50s')
    expect(await prepayOf(shop, tea, { time_expire })).toBe(first)
  },
)

test('a near time_expire is judged by the sandbox clock, not by real time', async () => {
  const shop = shopOf('documented')
  const realSoon = wireTime(new Date(Date.now() + 3_600_000))
  await shop.advance('30d')
  expect(await shop.unifiedOrder(freshNumber(), { time_expire: realSoon })).toMatchObject({
    err_code: 'PARAM_ERROR',
    err_code_des: expect.stringMatching(/past/),
  })
})

test('a prepay dies with the time_expire of its order, though its two hours are not over', async () => {
  const shop = shopOf('documented')
  const tea = freshNumber()
  const prepay = await prepayOf(shop, tea, { time_expire: await inFuture(shop, 120) })
  await shop.advance('2m')
  expect(await shop.pay({ prepay_id: prepay })).toMatchObject({
    status: 409,
    json: { error: { code: 'EXPIRED' } },
  })
})

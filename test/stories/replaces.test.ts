/**
 * A payment is started again: `unifiedOrder` with `replaces`, in one call, what the documentation asks of every merchant.
 * At every moment at most one attempt of a purchase can be paid.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { textOf } from '../support/answers.ts'
import { postPay } from '../support/cloud-run-client.ts'
import { atRest, ordered, paid } from '../support/orders.ts'
import {
  environmentNamed,
  freshNumber,
  openSandbox,
  orderRequest,
  type Sandbox,
  type Shop,
  subMchId,
} from '../support/sandbox.ts'

let sandbox: Sandbox
beforeAll(async () => {
  const engineCloses = { closeAtTimeExpire: true, closeAfterSevenDays: true }
  sandbox = await openSandbox({
    environments: [
      environmentNamed('documented', 'documented', { ...engineCloses, doorToken: 'token-of-documented' }),
      environmentNamed('observed', 'observed', engineCloses),
    ],
  })
})
afterAll(() => sandbox.close())

const documented = () => sandbox.shop('documented')
const observed = () => sandbox.shop('observed')
const instead = (shop: Shop, old: string, next: string, more?: object) =>
  shop.unifiedOrder(next, { replaces: old, ...more })
const isPaid = { status: 200, json: { result: 'paid' } }
const isRefused = { status: 409, json: { error: { code: 'CLOSED' } } }
const stateOf = async (shop: Shop, tea: string) => (await shop.queryOrder(tea)).trade_state

describe('inside the five minutes', () => {
  test('the old number cannot be paid from that moment on, the new one can, and the old is closed once the rules allow', async () => {
    await atRest(documented(), async () => {
      const [old, next] = [freshNumber(), freshNumber()]
      await ordered(documented(), old)
      await documented().advance('1m')
      expect(await instead(documented(), old, next)).toMatchObject({ result_code: 'SUCCESS' })

      expect(await documented().pay({ out_trade_no: old })).toMatchObject(isRefused)
      expect(await stateOf(documented(), old), 'as the contract has no word for it').toBe('NOTPAY')
      expect(await documented().closeOrder(old)).toMatchObject({
        result_code: 'FAIL',
        err_code_des: expect.stringMatching(/5 minutes/),
      })
      expect(await documented().pay({ out_trade_no: next })).toMatchObject(isPaid)

      await documented().advance('3m59s')
      expect(await stateOf(documented(), old)).toBe('NOTPAY')
      await documented().advance('1s')
      expect(await stateOf(documented(), old)).toBe('CLOSED')
      expect(await documented().eventsOf(old)).toMatchObject([
        { event: 'ordered' },
        { event: 'replaced', successor: next },
        { event: 'closed', by: 'engine', why: 'replaced' },
      ])
      expect(await documented().closeOrder(old)).toMatchObject({ err_code: 'ORDERCLOSED' })
    })
  })

  test('a payer who is typing the password hears that the order has expired', async () => {
    const [old, next] = [freshNumber(), freshNumber()]
    const { payment } = await ordered(documented(), old)
    const asked = { env_id: 'documented', payment }
    const request = (then: string) => sandbox.control('/sandbox/request-payment', { ...asked, then })
    expect((await request('wait')).json).toMatchObject({ waiting: true })
    await instead(documented(), old, next)
    expect((await request('pay')).json).toMatchObject({
      errMsg: 'requestPayment:fail 该订单已失效，请重新下单',
    })
  })
})

describe('after the five minutes, or where there is no such rule', () => {
  test.each(['documented', 'observed'])(
    '%s: the old number is closed when the call returns',
    async (envId) => {
      const shop = sandbox.shop(envId)
      const [old, next] = [freshNumber(), freshNumber()]
      await ordered(shop, old)
      if (envId === 'documented') await shop.advance('5m')
      await instead(shop, old, next)
      expect(await stateOf(shop, old)).toBe('CLOSED')
      expect(await shop.pay({ out_trade_no: old })).toMatchObject(isRefused)
      expect(await shop.pay({ out_trade_no: next })).toMatchObject(isPaid)
    },
  )

  test('one that its shop closed, or that ran out of time, is replaced all the same', async () => {
    const shop = documented()
    const [closed, late] = [freshNumber(), freshNumber()]
    await ordered(shop, closed)
    await ordered(shop, late)
    await shop.advance('5m')
    await shop.closeOrder(closed)
    await shop.advance('8d')
    for (const old of [closed, late]) {
      const next = freshNumber()
      expect(await instead(shop, old, next)).toMatchObject({ result_code: 'SUCCESS' })
      expect(await stateOf(shop, old)).toBe('CLOSED')
      expect(await shop.pay({ out_trade_no: next })).toMatchObject(isPaid)
    }
  })
})

describe('what was paid stays the only payment', () => {
  test('a paid order is not replaced: ORDERPAID names it, and nothing was ordered', async () => {
    const [old, next] = [freshNumber(), freshNumber()]
    await paid(documented(), old)
    const refused = await instead(documented(), old, next)
    expect(refused).toMatchObject({ result_code: 'FAIL', err_code: 'ORDERPAID' })
    expect(textOf(refused, 'err_code_des')).toContain(old)
    expect(await documented().queryOrder(next)).toMatchObject({ err_code: 'ORDERNOTEXIST' })
  })

  test('whichever attempt was paid, every later one hears its number', async () => {
    const shop = observed()
    const [a, b, c] = [freshNumber(), freshNumber(), freshNumber()]
    await ordered(shop, a)
    await instead(shop, a, b)
    await shop.pay({ out_trade_no: b })
    for (const old of [a, b]) {
      const refused = await instead(shop, old, c)
      expect(refused).toMatchObject({ err_code: 'ORDERPAID' })
      expect(textOf(refused, 'err_code_des')).toContain(b)
    }
  })

  test('of a payment and a new number at the same moment one wins, and both are told the truth', async () => {
    const shop = observed()
    const rounds = Array.from({ length: 40 }, async () => {
      const [old, next] = [freshNumber(), freshNumber()]
      await ordered(shop, old)
      const [payment, replaced] = await Promise.all([
        shop.pay({ out_trade_no: old }),
        instead(shop, old, next),
      ])
      if (payment.status === 200) {
        expect(replaced).toMatchObject({ err_code: 'ORDERPAID' })
        expect(await shop.queryOrder(next)).toMatchObject({ err_code: 'ORDERNOTEXIST' })
      } else {
        expect(payment).toMatchObject(isRefused)
        expect(replaced).toMatchObject({ result_code: 'SUCCESS' })
        expect(await shop.pay({ out_trade_no: next })).toMatchObject(isPaid)
        expect(await stateOf(shop, old)).toBe('CLOSED')
      }
    })
    await Promise.all(rounds)
  })
})

describe('one successor', () => {
  test('the same call again is the same order', async () => {
    const [old, next] = [freshNumber(), freshNumber()]
    await ordered(documented(), old)
    const first = await instead(documented(), old, next)
    const again = await instead(documented(), old, next, { nonce_str: 'another' })
    expect(again).toMatchObject({ result_code: 'SUCCESS', prepay_id: first.prepay_id })
    await documented().advance('2h')
    const fresh = await instead(documented(), old, next)
    expect(fresh).toMatchObject({ result_code: 'SUCCESS' })
    expect(fresh.prepay_id).not.toBe(first.prepay_id)
  })

  test('of eight callers at once with numbers of their own one gets an order, and the others hear its number', async () => {
    const old = freshNumber()
    await ordered(observed(), old)
    const numbers = Array.from({ length: 8 }, () => freshNumber())
    const answers = await Promise.all(numbers.map((next) => instead(observed(), old, next)))
    const won = numbers.filter((_, place) => answers[place]?.result_code === 'SUCCESS')
    expect(won).toHaveLength(1)
    for (const answer of answers.filter(({ result_code }) => result_code === 'FAIL')) {
      expect(answer).toMatchObject({ err_code: 'INVALID_REQUEST' })
      expect(textOf(answer, 'err_code_des')).toContain(won[0])
    }
    const payments = await Promise.all(numbers.map((next) => observed().pay({ out_trade_no: next })))
    expect(payments.filter(({ status }) => status === 200)).toHaveLength(1)
  })

  test('of eight callers at once with one number all get the same order', async () => {
    const [old, next] = [freshNumber(), freshNumber()]
    await ordered(observed(), old)
    const answers = await Promise.all(Array.from({ length: 8 }, () => instead(observed(), old, next)))
    expect(new Set(answers.map(({ prepay_id }) => prepay_id)).size).toBe(1)
  })

  test('a second successor is refused, and hears the last of a long chain', async () => {
    const shop = observed()
    const chain = Array.from({ length: 20 }, () => freshNumber())
    const [first = '', ...others] = chain
    await ordered(shop, first)
    for (const [place, next] of others.entries())
      expect(await instead(shop, chain[place] ?? '', next)).toMatchObject({ result_code: 'SUCCESS' })
    const last = chain.at(-1) ?? ''
    for (const old of [first, chain[7] ?? '']) {
      const refused = await instead(shop, old, freshNumber())
      expect(refused).toMatchObject({ err_code: 'INVALID_REQUEST' })
      expect(textOf(refused, 'err_code_des')).toContain(last)
    }
    const payments = await Promise.all(chain.map((tea) => shop.pay({ out_trade_no: tea })))
    expect(payments.map(({ status }) => status)).toEqual([...others.map(() => 409), 200])
  })

  test('a chain that many pull at once never has two that can be paid', async () => {
    const shop = observed()
    const first = freshNumber()
    await ordered(shop, first)
    const made = [first]
    await Promise.all(
      Array.from({ length: 6 }, async () => {
        for (let step = 0; step < 5; step++) {
          const next = freshNumber()
          const answer = await instead(shop, made.at(-1) ?? first, next)
          if (answer.result_code === 'SUCCESS') made.push(next)
        }
      }),
    )
    const payments = await Promise.all(made.map((tea) => shop.pay({ out_trade_no: tea })))
    expect(payments.filter(({ status }) => status === 200)).toHaveLength(1)
  })
})

describe('what is refused', () => {
  test('a number that nobody ordered, or another merchant did', async () => {
    const foreign = freshNumber()
    await ordered(documented(), foreign, { sub_mch_id: '1900000777' })
    for (const old of [freshNumber(), foreign]) {
      const next = freshNumber()
      expect(await instead(documented(), old, next)).toMatchObject({ err_code: 'ORDERNOTEXIST' })
      expect(await documented().queryOrder(next)).toMatchObject({ err_code: 'ORDERNOTEXIST' })
    }
  })

  test('its own number, and no number at all', async () => {
    const tea = freshNumber()
    for (const replaces of [tea, 'a blank', 'x'.repeat(33)]) {
      const refused = await instead(documented(), replaces, tea)
      expect(refused).toMatchObject({ return_code: 'FAIL' })
      expect(textOf(refused, 'return_msg')).toContain('replaces')
    }
  })

  test('a new number that is taken: the old order stays as it was', async () => {
    const [old, taken] = [freshNumber(), freshNumber()]
    await ordered(documented(), old)
    await ordered(documented(), taken)
    const refused = await instead(documented(), old, taken)
    expect(refused).toMatchObject({ err_code: 'OUT_TRADE_NO_USED' })
    expect(textOf(refused, 'err_code_des')).toContain('replaces')
    expect(await documented().pay({ out_trade_no: old })).toMatchObject(isPaid)
  })
})

test('a container says it in the same words', async () => {
  const [old, next] = [freshNumber(), freshNumber()]
  await ordered(documented(), old)
  const { respdata } = await postPay(sandbox.url, 'unifiedorder', {
    token: 'token-of-documented',
    body: JSON.stringify({
      ...orderRequest(next, { openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o' }),
      replaces: old,
    }),
  })
  expect(respdata).toMatchObject({ result_code: 'SUCCESS' })
  expect(await documented().pay({ out_trade_no: old })).toMatchObject(isRefused)
  expect(await documented().pay({ out_trade_no: next, sub_mch_id: subMchId })).toMatchObject(isPaid)
})

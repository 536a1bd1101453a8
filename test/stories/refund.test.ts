/** refund and queryRefund, as a table of cases told through every door: what is accepted, what is refused, and why. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { signatureOf, successKeys, textOf, type Wire } from '../support/answers.ts'
import { cloudRunShop } from '../support/cloud-run-client.ts'
import { closed, ordered, paid } from '../support/orders.ts'
import { freshNumber, openSandbox, type Sandbox, type Shop } from '../support/sandbox.ts'
import { providerOf, v2Environment } from '../support/v2-accounts.ts'
import { v2Shop } from '../support/v2-client.ts'

const tokens = { documented: 'token-of-documented', observed: 'token-of-observed' } as const
const settings = {
  documented: v2Environment('documented', 1, { doorToken: tokens.documented }),
  observed: v2Environment('observed', 2, { doorToken: tokens.observed }),
}

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox({ environments: [settings.documented, settings.observed] })
})
afterAll(() => sandbox.close())

type Profile = keyof typeof settings

const doors: Record<string, (profile: Profile) => Shop> = {
  'the official SDK': (profile) => sandbox.shop(profile),
  'Cloud Run': (profile) => cloudRunShop(sandbox, profile, tokens[profile]),
  v2: (profile) => v2Shop(sandbox, profile, providerOf(settings[profile])),
}

const subMchId = '1900000109'
const refundOf = (shop: Shop, tea: string, more: object = {}) =>
  shop.answer('refund', {
    sub_mch_id: subMchId,
    out_trade_no: tea,
    out_refund_no: `R-${tea}`,
    total_fee: 990,
    refund_fee: 990,
    ...more,
  })
const queryOf = (shop: Shop, asked: object) => shop.answer('queryRefund', { sub_mch_id: subMchId, ...asked })

const balance = (shop: Shop, change: object) =>
  sandbox.control('/sandbox/balance', { env_id: shop.envId, ...change })

interface Case {
  readonly of: string
  readonly arrange: (shop: Shop, tea: string) => Promise<unknown>
  readonly asked?: object
  /** `SUCCESS`, or the err_code. */
  readonly heard: string
  /** The text that the real service was recorded to answer. */
  readonly recorded?: string
}

const cases: readonly Case[] = [
  { of: 'a paid order, all of it', arrange: paid, heard: 'SUCCESS' },
  { of: 'a part of a paid order', arrange: paid, asked: { refund_fee: 1 }, heard: 'SUCCESS' },
  {
    of: 'an order paid a day less than a year ago',
    arrange: async (shop, tea) => {
      await paid(shop, tea)
      await shop.advance('364d')
    },
    heard: 'SUCCESS',
  },
  {
    of: 'an order paid a year ago',
    arrange: async (shop, tea) => {
      await paid(shop, tea)
      await shop.advance('365d')
    },
    heard: 'TRADE_OVERDUE',
  },
  { of: 'an unpaid order', arrange: ordered, heard: 'ORDERNOTEXIST', recorded: '订单不存在' },
  { of: 'a number never ordered', arrange: async () => {}, heard: 'ORDERNOTEXIST', recorded: '订单不存在' },
  { of: 'a closed order', arrange: closed, heard: 'ERROR', recorded: '订单已关闭' },
  {
    of: 'more than was paid',
    arrange: paid,
    asked: { refund_fee: 991 },
    heard: 'ERROR',
    recorded: '可退款的余额不足',
  },
  {
    of: 'the largest amount there is',
    arrange: paid,
    asked: { refund_fee: 2_147_483_647 },
    heard: 'ERROR',
    recorded: '可退款的余额不足',
  },
  {
    of: 'more than what is left',
    arrange: async (shop, tea) => {
      await paid(shop, tea)
      await refundOf(shop, tea, { out_refund_no: `A-${tea}`, refund_fee: 500 })
    },
    asked: { refund_fee: 491 },
    heard: 'ERROR',
    recorded: '可退款的余额不足',
  },
  {
    of: 'an order that is refunded in full',
    arrange: async (shop, tea) => {
      await paid(shop, tea)
      await refundOf(shop, tea, { out_refund_no: `A-${tea}` })
    },
    asked: { refund_fee: 1 },
    heard: 'ERROR',
    recorded: '订单已全额退款',
  },
  {
    of: "a total that is not the order's",
    arrange: paid,
    asked: { total_fee: 1000 },
    heard: 'REFUND_FEE_MISMATCH',
  },
  {
    of: 'the same number with another amount',
    arrange: async (shop, tea) => {
      await paid(shop, tea)
      await refundOf(shop, tea, { refund_fee: 100 })
    },
    asked: { refund_fee: 200 },
    heard: 'REFUND_FEE_MISMATCH',
  },
  {
    of: 'the same number for another order',
    arrange: async (shop, tea) => {
      const other = freshNumber()
      await paid(shop, other)
      await refundOf(shop, other, { out_refund_no: `R-${tea}` })
      await paid(shop, tea)
    },
    heard: 'INVALID_REQUEST',
  },
  {
    of: 'more than the balance of the merchant',
    arrange: async (shop, tea) => {
      await paid(shop, tea)
      await balance(shop, { set: 989 })
    },
    heard: 'NOTENOUGH',
    recorded: '基本账户余额不足，请充值后重新发起',
  },
]

describe.each(Object.entries(doors))('through %s', (_door, shopOf) => {
  const rows = cases.flatMap((one) =>
    (['documented', 'observed'] as const).map((profile) => ({ ...one, profile })),
  )
  test.each(rows)('$profile: refunding $of is answered $heard', async (row) => {
    const { profile, arrange, asked, heard, recorded } = row
    const shop = shopOf(profile)
    const tea = freshNumber()
    await balance(shop, { unlimited: true })
    await arrange(shop, tea)
    const answer = await refundOf(shop, tea, asked)
    expect(answer).toMatchObject({ return_code: 'SUCCESS', return_msg: 'OK' })
    expect(heardIn(answer), `err_code_des: ${answer.err_code_des}`).toBe(heard)
    if (profile === 'observed' && recorded !== undefined) expect(answer.err_code_des).toBe(recorded)
    if (profile === 'documented' && heard !== 'SUCCESS') expect(answer.err_code_des).toContain(heard)
    expect(answer.sign, 'signed whatever it says').toBe(signatureOf(answer, shop.apiKey))
  })

  test('the same refund again is the same refund: the money moves once', async () => {
    const shop = shopOf('documented')
    const tea = freshNumber()
    await balance(shop, { unlimited: true })
    await paid(shop, tea)
    const first = await refundOf(shop, tea, { refund_fee: 300 })
    await shop.advance('1m')
    const again = await refundOf(shop, tea, { refund_fee: 300 })
    expect(again).toMatchObject({ result_code: 'SUCCESS', refund_id: first.refund_id })
    expect(heardIn(await refundOf(shop, tea, { out_refund_no: `B-${tea}`, refund_fee: 691 }))).toBe('ERROR')
    expect(heardIn(await refundOf(shop, tea, { out_refund_no: `B-${tea}`, refund_fee: 690 }))).toBe('SUCCESS')
  })

  test('a balance pays for refunds, and what comes back fills it again', async () => {
    const shop = shopOf('documented')
    const tea = freshNumber()
    await paid(shop, tea)
    await balance(shop, { set: 500 })
    expect(heardIn(await refundOf(shop, tea, { refund_fee: 400 }))).toBe('SUCCESS')
    expect(heardIn(await refundOf(shop, tea, { out_refund_no: `B-${tea}`, refund_fee: 101 }))).toBe(
      'NOTENOUGH',
    )
    await sandbox.control('/sandbox/refund', {
      env_id: shop.envId,
      out_refund_no: `R-${tea}`,
      result: 'REFUNDCLOSE',
    })
    expect(heardIn(await refundOf(shop, tea, { out_refund_no: `B-${tea}`, refund_fee: 500 }))).toBe('SUCCESS')
    expect(await balance(shop, { add: 7 })).toMatchObject({ json: { balance: 7 } })
    await balance(shop, { unlimited: true })
  })

  test('an order is refunded by its transaction_id too, which wins over the number', async () => {
    const shop = shopOf('documented')
    const [tea, other] = [freshNumber(), freshNumber()]
    await paid(shop, tea)
    await paid(shop, other)
    const { transaction_id } = await shop.queryOrder(tea)
    const answer = await refundOf(shop, other, { transaction_id, out_refund_no: `T-${tea}` })
    expect(answer).toMatchObject({ result_code: 'SUCCESS', out_trade_no: tea, transaction_id })
    const unknown = { transaction_id: '4200000000202611230000000000' }
    expect(heardIn(await refundOf(shop, tea, { ...unknown, out_refund_no: `U-${tea}` }))).toBe(
      'INVALID_TRANSACTIONID',
    )
    expect(heardIn(await queryOf(shop, unknown))).toBe('INVALID_TRANSACTIONID')
  })

  test('fifty refunds of an order, and no more; they are told ten at a time, the newest first', async () => {
    const shop = shopOf('documented')
    const tea = freshNumber()
    await paid(shop, tea)
    const number = (n: number) => `N${n}-${tea}`
    for (let n = 1; n <= 50; n++)
      expect(heardIn(await refundOf(shop, tea, { out_refund_no: number(n), refund_fee: 1 }))).toBe('SUCCESS')
    expect(heardIn(await refundOf(shop, tea, { out_refund_no: number(51), refund_fee: 1 }))).toBe(
      'INVALID_REQUEST',
    )
    await shop.advance('1m')

    const first = await queryOf(shop, { out_trade_no: tea })
    expect(numbersIn(first)).toMatchObject({ refund_count: 10, total_refund_count: 50 })
    expect(first.out_refund_no_0).toBe(number(50))
    expect(first.out_refund_no_9).toBe(number(41))
    const last = await queryOf(shop, { out_trade_no: tea, offset: 45 })
    expect(numbersIn(last)).toMatchObject({ refund_count: 5, total_refund_count: 50 })
    expect(last.out_refund_no_4).toBe(number(1))
    expect(heardIn(await queryOf(shop, { out_trade_no: tea, offset: 50 }))).toBe('PARAM_ERROR')
  })

  test('a refund is asked for by four numbers, of which the first of the table wins', async () => {
    const shop = shopOf('documented')
    const tea = freshNumber()
    await paid(shop, tea)
    await refundOf(shop, tea, { out_refund_no: `A-${tea}`, refund_fee: 1 })
    const second = await refundOf(shop, tea, { out_refund_no: `B-${tea}`, refund_fee: 2 })
    const { transaction_id } = await shop.queryOrder(tea)
    const nowhere = { out_trade_no: 'NOWHERE' }
    for (const [asked, told] of [
      [{ refund_id: second.refund_id, out_refund_no: `A-${tea}`, ...nowhere }, [`B-${tea}`]],
      [{ out_refund_no: `A-${tea}`, transaction_id: 'NOWHERE' }, [`A-${tea}`]],
      [{ transaction_id, ...nowhere }, [`B-${tea}`, `A-${tea}`]],
      [{ out_trade_no: tea }, [`B-${tea}`, `A-${tea}`]],
    ] as const) {
      const answer = await queryOf(shop, asked)
      expect([answer.out_refund_no_0, answer.out_refund_no_1].filter((one) => one !== undefined)).toEqual(
        told,
      )
    }
    for (const asked of [{ out_refund_no: 'NOWHERE' }, { refund_id: 'NOWHERE' }, nowhere])
      expect(heardIn(await queryOf(shop, asked))).toBe('REFUNDNOTEXIST')
  })

  test('a paid order without a refund, an unpaid and a closed one have none', async () => {
    const shop = shopOf('observed')
    for (const arrange of [paid, ordered, closed]) {
      const tea = freshNumber()
      await arrange(shop, tea)
      const answer = await queryOf(shop, { out_trade_no: tea })
      expect(answer).toMatchObject({ err_code: 'REFUNDNOTEXIST', err_code_des: 'not exist' })
    }
  })

  test('refunding and querying without a number, or with a wrong one, say which field is wrong', async () => {
    const shop = shopOf('documented')
    const tea = freshNumber()
    await paid(shop, tea)
    for (const [asked, problem] of [
      [{ out_trade_no: undefined }, /transaction_id or out_trade_no/],
      [{ out_refund_no: undefined }, /out_refund_no is missing/],
      [{ out_refund_no: 'a b' }, /out_refund_no may hold/],
      [{ refund_fee: 0 }, /refund_fee/],
      [{ refund_fee: 2_147_483_648 }, /refund_fee must not exceed/],
      [{ refund_account: 'POCKET' }, /refund_account must be/],
    ] as const) {
      const answer = await refundOf(shop, tea, asked)
      expect(answer).toMatchObject({ return_code: 'FAIL', return_msg: expect.stringMatching(problem) })
    }
    expect(await queryOf(shop, {})).toMatchObject({
      return_code: 'FAIL',
      return_msg: expect.stringMatching(/one of them is required/),
    })
  })
})

const heardIn = ({ result_code, err_code, return_code, return_msg }: Wire): unknown =>
  return_code === 'FAIL' ? return_msg : (err_code ?? result_code)

/** v2 answers texts. */
const numbersIn = (answer: Wire) =>
  Object.fromEntries(
    ['refund_count', 'total_refund_count'].map((name) => [name, Number(answer[name])] as const),
  )

describe('what CloudPay answers', () => {
  test('an accepted refund has these fields and no others, its lists empty', async () => {
    const shop = sandbox.shop('documented')
    const tea = freshNumber()
    await paid(shop, tea)
    const answer = await refundOf(shop, tea, { refund_fee: 300 })
    expect(Object.keys(answer).sort()).toEqual(
      [
        ...successKeys,
        'transaction_id',
        'out_trade_no',
        'out_refund_no',
        'refund_id',
        'refund_fee',
        'total_fee',
        'cash_fee',
        'cash_refund_fee',
        'coupon_refund_fee',
        'coupon_refund_count',
        'coupon_type_list',
        'coupon_refund_id_list',
        'coupon_refund_fee_list',
      ].sort(),
    )
    expect(answer).toMatchObject({
      refund_fee: 300,
      total_fee: 990,
      cash_fee: 990,
      cash_refund_fee: 300,
      coupon_refund_fee: 0,
      coupon_type_list: [],
    })
    expect(textOf(answer, 'refund_id'), 'as recorded ones: 29 digits, 50… with the date').toMatch(
      /^50\d{8}20\d{6}\d{11}$/,
    )
  })

  test('queryRefund fills the lists that the real service leaves empty, and numbers the same fields beside them', async () => {
    const shop = sandbox.shop('documented')
    const tea = freshNumber()
    await paid(shop, tea)
    const first = await refundOf(shop, tea, { out_refund_no: `A-${tea}`, refund_fee: 300 })
    await shop.advance('1m')
    await refundOf(shop, tea, {
      out_refund_no: `B-${tea}`,
      refund_fee: 200,
      refund_account: 'REFUND_SOURCE_RECHARGE_FUNDS',
    })
    const answer = await queryOf(shop, { out_trade_no: tea })
    expect(answer).toMatchObject({
      total_fee: 990,
      cash_fee: 990,
      refund_count: 2,
      out_refund_no_list: [`B-${tea}`, `A-${tea}`],
      refund_fee_list: [200, 300],
      refund_status_list: ['PROCESSING', 'SUCCESS'],
      refund_channel: ['ORIGINAL', 'ORIGINAL'],
      refund_account_list: ['REFUND_SOURCE_RECHARGE_FUNDS', 'REFUND_SOURCE_UNSETTLED_FUNDS'],
      refund_recv_accout_list: ['支付用户零钱', '支付用户零钱'],
      refund_success_time_list: ['', expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/)],
      coupon_type_array: [],
      out_refund_no_1: `A-${tea}`,
      refund_id_1: first.refund_id,
      refund_status_0: 'PROCESSING',
      refund_success_time_1: expect.stringMatching(/^\d{4}/),
    })
    expect(answer, 'what is not known yet is not said').not.toHaveProperty('refund_success_time_0')
    expect(answer, 'all of them are told').not.toHaveProperty('total_refund_count')
  })
})

test('a v2 refundquery stands in alphabetical order, with the sum that nobody documents', async () => {
  const shop = v2Shop(sandbox, 'documented', providerOf(settings.documented))
  const tea = freshNumber()
  await paid(shop, tea)
  await refundOf(shop, tea, { out_refund_no: `A-${tea}`, refund_fee: 300 })
  await refundOf(shop, tea, { out_refund_no: `B-${tea}`, refund_fee: 200 })
  const answer = await queryOf(shop, { out_trade_no: tea })
  expect(Object.keys(answer)).toEqual(Object.keys(answer).sort())
  expect(answer).toMatchObject({ refund_fee: '500', refund_fee_0: '200', refund_fee_1: '300' })
  expect(await queryOf(shop, { out_refund_no: `A-${tea}` })).toMatchObject({
    refund_fee: '300',
    refund_count: '1',
  })
})

describe('what comes of a refund', () => {
  const settleBy = (shop: Shop, tea: string, result: string) =>
    sandbox.control('/sandbox/refund', { env_id: shop.envId, out_refund_no: `R-${tea}`, result })
  const statusOf = async (shop: Shop, tea: string) =>
    (await queryOf(shop, { out_refund_no: `R-${tea}` })).refund_status_0

  test.each([
    ['refund-change', 'CHANGE'],
    ['refund-closed', 'REFUNDCLOSE'],
  ])('with the fault %s it comes to %s on the clock', async (fault, status) => {
    const shop = sandbox.shop('documented')
    const tea = freshNumber()
    await paid(shop, tea)
    await sandbox.control('/sandbox/faults', { env_id: 'documented', on: fault, out_trade_no: tea })
    await refundOf(shop, tea)
    expect(await statusOf(shop, tea)).toBe('PROCESSING')
    await shop.advance('5s')
    expect(await statusOf(shop, tea)).toBe(status)
    // Closed, its amount can be refunded again under another number; changed, it is still spoken for.
    const again = await refundOf(shop, tea, { out_refund_no: `B-${tea}` })
    expect(heardIn(again)).toBe(status === 'REFUNDCLOSE' ? 'SUCCESS' : 'ERROR')
    expect(await shop.queryOrder(tea), 'once refunded an order stays so').toMatchObject({
      trade_state: 'REFUND',
    })
  })

  test('one that came to CHANGE is finished by hand, and is final then', async () => {
    const shop = sandbox.shop('documented')
    const tea = freshNumber()
    await paid(shop, tea)
    await refundOf(shop, tea)
    expect(await settleBy(shop, tea, 'CHANGE')).toMatchObject({ status: 200, json: { status: 'CHANGE' } })
    await shop.advance('1h')
    expect(await statusOf(shop, tea), 'time alone changes nothing').toBe('CHANGE')
    expect(await settleBy(shop, tea, 'SUCCESS')).toMatchObject({ status: 200 })
    expect(await settleBy(shop, tea, 'SUCCESS'), 'the same again is no other').toMatchObject({ status: 200 })
    expect(await settleBy(shop, tea, 'REFUNDCLOSE')).toMatchObject({
      status: 409,
      json: { error: { code: 'SETTLED' } },
    })
  })

  test('a closed and a repeated order hear that the order was paid', async () => {
    const shop = sandbox.shop('documented')
    const tea = freshNumber()
    await paid(shop, tea)
    await refundOf(shop, tea)
    await shop.advance('10m')
    expect(await shop.closeOrder(tea)).toMatchObject({ err_code: 'ORDERPAID' })
    expect(await shop.unifiedOrder(tea)).toMatchObject({ err_code: 'ORDERPAID' })
    expect(await shop.pay({ out_trade_no: tea })).toMatchObject({ status: 409 })
    expect(await shop.historyOf(tea)).toEqual(['ordered', 'paid', 'refund-accepted'])
  })
})

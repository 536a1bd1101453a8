/** What operators do, through `/api` and with the client: list orders, look at one, close it, ask whether it is safe to replace. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CloudPayRefused } from '../../src/client/index.ts'
import { messageOf, refusedAs } from '../support/controls.ts'
import { operatorOf } from '../support/operator.ts'
import { atRest, closed, ordered, paid } from '../support/orders.ts'
import {
  environmentNamed,
  freshNumber,
  openSandbox,
  orderRequest,
  type Sandbox,
  subMchId,
} from '../support/sandbox.ts'

let sandbox: Sandbox
beforeAll(async () => {
  const engineCloses = { closeAtTimeExpire: true, closeAfterSevenDays: true }
  sandbox = await openSandbox({
    environments: [
      environmentNamed('documented', 'documented', engineCloses),
      environmentNamed('observed', 'observed', { language: 'zh' }),
      environmentNamed('listed', 'documented'),
      environmentNamed('strict', 'documented', { strictMerchants: true }),
    ],
  })
})
afterAll(() => sandbox.close())

const documented = () => sandbox.shop('documented')
const operator = () => operatorOf(sandbox, 'documented')

const get = async (path: string) => {
  const response = await fetch(`${sandbox.url}${path}`)
  return { status: response.status, json: (await response.json()) as Record<string, unknown> }
}

describe('closing one', () => {
  test('an unpaid order is closed for good; once more, and it was closed already', async () => {
    const tea = freshNumber()
    await ordered(documented(), tea)
    await documented().advance('5m')

    expect(await operator().closeOrder(tea)).toMatchObject({
      outcome: 'closed',
      order: { outTradeNo: tea, subMchId, state: 'CLOSED', totalFee: 990, closedAt: expect.any(Date) },
    })
    expect(await operator().closeOrder(tea)).toMatchObject({ outcome: 'already-closed' })
    expect(await documented().historyOf(tea)).toEqual(['ordered', 'closed'])
    expect(await documented().pay({ out_trade_no: tea })).toMatchObject({ status: 409 })
  })

  test('one that is too young is not closed, and the answer says from when on it can be', async () => {
    await atRest(documented(), async (now) => {
      const tea = freshNumber()
      await ordered(documented(), tea)
      const from = new Date(now.getTime() + 5 * 60_000)
      expect(await operator().closeOrder(tea)).toMatchObject({
        outcome: 'too-early',
        closableFrom: from,
        order: { state: 'NOTPAY' },
      })
      const heard = await sandbox.control('/api/orders/close', { env_id: 'documented', out_trade_no: tea })
      expect(heard).toMatchObject({
        status: 409,
        json: { outcome: 'too-early', closable_from: expect.stringMatching(/\+08:00$/) },
      })
      expect(messageOf(heard.json)).toMatch(/younger than five minutes.*Beijing time/)
      await documented().advance('5m')
      expect(await operator().closeOrder(tea)).toMatchObject({ outcome: 'closed' })
    })
  })

  test('a paid one is left as it is, and the answer has its transaction', async () => {
    const tea = freshNumber()
    await paid(documented(), tea)
    expect(await operator().closeOrder(tea)).toMatchObject({
      outcome: 'paid',
      order: { state: 'SUCCESS', transactionId: expect.stringMatching(/^\d{28}$/), paidAt: expect.any(Date) },
    })
    expect(await documented().historyOf(tea)).toEqual(['ordered', 'paid'])
  })

  test('a number that was never ordered: as the rules of the environment have it', async () => {
    const tea = freshNumber()
    expect(await operator().closeOrder(tea)).toEqual({ outcome: 'not-found' })
    expect(await operatorOf(sandbox, 'observed').closeOrder(tea)).toMatchObject({
      outcome: 'remembered',
      order: { state: 'CLOSED' },
    })
    expect(await operatorOf(sandbox, 'observed').closeOrder(tea)).toMatchObject({ outcome: 'already-closed' })
  })

  test('faults that are switched on for shops do not strike an operator', async () => {
    const tea = freshNumber()
    await ordered(documented(), tea)
    await documented().advance('5m')
    const on = { env_id: 'documented', on: 'close-without-effect', out_trade_no: tea }
    expect(await sandbox.control('/sandbox/faults', on)).toMatchObject({ status: 200 })
    expect(await operator().closeOrder(tea)).toMatchObject({ outcome: 'closed', order: { state: 'CLOSED' } })
  })

  test('forty payers and forty operators: each order is paid or closed, and every answer is true', async () => {
    const numbers = Array.from({ length: 40 }, () => freshNumber())
    for (const tea of numbers) await ordered(documented(), tea)
    await documented().advance('5m')
    const answers = await Promise.all(
      numbers.flatMap((tea) => [
        operator().closeOrder(tea),
        documented()
          .pay({ out_trade_no: tea })
          .then(({ status }) => ({ outcome: status === 200 ? 'pays' : 'refused' })),
      ]),
    )
    for (const [index, tea] of numbers.entries()) {
      const outcomes = [answers[2 * index]?.outcome, answers[2 * index + 1]?.outcome]
      expect(
        [
          ['closed', 'refused'],
          ['paid', 'pays'],
        ],
        tea,
      ).toContainEqual(outcomes)
    }
  })
})

describe('listing', () => {
  const shop = () => sandbox.shop('listed')
  const lister = () => operatorOf(sandbox, 'listed')
  const made: { number: string; merchant: string }[] = []
  beforeAll(async () => {
    // Several of one moment, of two merchants: a page must end between them, and begin there again.
    await atRest(shop(), async () => {
      for (const merchant of [subMchId, '1900000999']) {
        for (let count = 0; count < 4; count++) {
          const number = freshNumber(count % 2 === 0 ? 'Tea' : 'TEA')
          await ordered(shop(), number, { sub_mch_id: merchant })
          made.push({ number, merchant })
        }
        await shop().advance('1h')
      }
    })
  })
  const numbersOf = async (list: AsyncIterable<{ outTradeNo: string }>) => {
    const numbers: string[] = []
    for await (const { outTradeNo } of list) numbers.push(outTradeNo)
    return numbers
  }

  test.each([1, 2, 3, 5, 8, 500])(
    'in pages of %i each order comes once, the newest first',
    async (pageSize) => {
      const all = []
      for await (const order of lister().orders.list({ pageSize })) all.push(order)
      expect(all.map(({ outTradeNo }) => outTradeNo).sort()).toEqual(made.map(({ number }) => number).sort())
      const times = all.map(({ createdAt }) => createdAt.getTime())
      expect(times).toEqual(times.toSorted((a, b) => b - a))
    },
  )

  test('of one merchant, of a span of time, of a state, unpaid', async () => {
    const [first, second] = [made.slice(0, 4), made.slice(4)].map((some) =>
      some.map(({ number }) => number).sort(),
    )
    const sorted = async (filter: object) =>
      (await numbersOf(lister().orders.list({ pageSize: 3, ...filter }))).sort()
    expect(await sorted({ subMchId: '1900000999' })).toEqual(second)
    expect(await sorted({ createdBefore: '90m' })).toEqual(first)
    expect(await sorted({ createdAfter: '90m' })).toEqual(second)
    const [closing, paying] = second ?? []
    if (closing === undefined || paying === undefined) throw new Error('there are too few')
    const merchant = { subMchId: '1900000999' }
    await operatorOf(sandbox, 'listed', merchant).closeOrder(closing)
    await shop().pay({ out_trade_no: paying, sub_mch_id: '1900000999' })
    expect(await sorted({ states: ['CLOSED', 'SUCCESS'] })).toEqual([closing, paying].sort())
    expect(await sorted({ unpaid: true, ...merchant })).toEqual(second?.slice(2))
  })

  test('the page says where time stands, and what was meant by a span', async () => {
    await atRest(shop(), async (now) => {
      const page = await lister().orders.list({ createdBefore: '2h' }).page()
      expect(page).toMatchObject({ now, createdBefore: new Date(now.getTime() - 7_200_000) })
    })
  })

  test.each([
    ['state=PAID', 'state must be NOTPAY / CLOSING / SUCCESS / REFUND / CLOSED'],
    ['unpaid=no', 'unpaid must be true'],
    ['created_before=yesterday', 'created_before must be ISO 8601'],
    ['created_before=2026-12-01T00:00:00+08:00', '+ is %2B'],
    ['limit=501', 'limit must not exceed 500'],
    ['limit=some', 'limit must be'],
    ['cursor=abc', 'cursor is no next_cursor of this server'],
    ['sub_mch_id=a%20b', 'sub_mch_id may hold digits'],
    ['order=asc', 'there is no field order'],
  ])('%s is refused, and the text says what is wrong', async (query, words) => {
    const heard = await get(`/api/orders?env_id=listed&${query}`)
    expect(heard).toMatchObject(refusedAs(400, 'INVALID'))
    expect(messageOf(heard.json)).toContain(words)
  })
})

describe('one order', () => {
  test('with its history, its notices, and nothing that is a right in itself', async () => {
    const tea = freshNumber()
    const { prepay_id } = await ordered(documented(), tea)
    await documented().pay({ out_trade_no: tea })
    await documented().advance('1s')
    const found = await operator().orders.get(tea)
    expect(found).toMatchObject({
      outcome: 'found',
      order: {
        outTradeNo: tea,
        state: 'SUCCESS',
        body: 'Tea shop - oolong',
        history: [{ event: 'ordered' }, { event: 'paid', at: expect.any(Date) }],
        notices: [{ kind: 'paid', attempts: 1 }],
      },
    })
    const { json } = await get(`/api/orders/${tea}?env_id=documented`)
    expect(JSON.stringify(json)).not.toContain(prepay_id)
    expect(json.created_at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+\+08:00$/)
  })

  test('that is not there', async () => {
    expect(await operator().orders.get('TEA-|*@')).toEqual({ outcome: 'not-found' })
    expect(await operator().prove('TEA-|*@')).toEqual({ outcome: 'not-found' })
    const heard = await get('/api/orders/TEA-none?env_id=observed')
    expect(heard).toMatchObject(refusedAs(404, 'ORDER_NOT_FOUND'))
    expect(messageOf(heard.json), "in the environment's language").toMatch(/没有订单 TEA-none/)
  })

  test('of an environment that is not there, or a merchant that is not listed: refused, not unknown', async () => {
    await expect(operatorOf(sandbox, 'nowhere').orders.get('TEA-1')).rejects.toMatchObject({
      name: 'CloudPayRefused',
      code: 'ENV_NOT_FOUND',
      status: 404,
    })
    const strict = operatorOf(sandbox, 'strict', { subMchId: '1900000777' })
    const refused = await strict.closeOrder('TEA-1').catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(CloudPayRefused)
    expect(refused).toMatchObject({
      code: 'MERCHANT_UNBOUND',
      message: expect.stringContaining('1900000777'),
    })
  })
})

describe('whether it is safe to replace', () => {
  const proofOf = async (tea: string) => {
    const proved = await operator().prove(tea)
    if (proved.outcome === 'not-found') throw new Error(`there is no ${tea}`)
    return proved.proof
  }

  test('unpaid: no, and until when; closed: yes, and since when; what the engine will do is told', async () => {
    await atRest(documented(), async (now) => {
      const tea = freshNumber()
      await ordered(documented(), tea)
      const inMinutes = (minutes: number) => new Date(now.getTime() + minutes * 60_000)
      expect(await proofOf(tea)).toMatchObject({
        safe: false,
        takenAt: now,
        state: 'NOTPAY',
        reason: {
          code: 'payable',
          en: expect.stringContaining('until'),
          zh: expect.stringContaining('未支付'),
        },
        evidence: { holds: 'payable', since: now, until: inMinutes(120) },
        close: { allowed: false, whyNot: 'too-early', from: inMinutes(5) },
        next: [{ what: 'close', at: inMinutes(7 * 24 * 60), due: false }],
      })
      await documented().advance('2h')
      expect(await proofOf(tea)).toMatchObject({
        safe: false,
        reason: { code: 'prepay-expired' },
        close: { allowed: true },
      })
      await operator().closeOrder(tea)
      expect(await proofOf(tea)).toMatchObject({
        safe: true,
        state: 'CLOSED',
        reason: { code: 'closed', en: expect.stringContaining('by a caller') },
        evidence: { holds: 'unpayable', since: inMinutes(120) },
        close: { allowed: false, whyNot: 'closed' },
        next: [],
      })
    })
  })

  test('a chain of attempts: only the last can be paid, and once it is, no other may be ordered', async () => {
    await atRest(documented(), async (now) => {
      const [a, b, c] = [freshNumber(), freshNumber(), freshNumber()]
      await ordered(documented(), a)
      await ordered(documented(), b, { replaces: a })
      await ordered(documented(), c, { replaces: b })

      const first = await proofOf(a)
      expect(first).toMatchObject({
        safe: false,
        state: 'CLOSING',
        reason: { code: 'attempt-open', en: expect.stringContaining(c) },
        advice: { en: expect.stringContaining(`replaces: "${c}"`) },
        evidence: { holds: 'unpayable', since: now },
        purchase: {
          purchase: a,
          live: c,
          count: 3,
          attempts: [
            { outTradeNo: a, state: 'CLOSING', holds: 'unpayable' },
            { outTradeNo: b, state: 'CLOSING', holds: 'unpayable' },
            { outTradeNo: c, state: 'NOTPAY', holds: 'payable' },
          ],
        },
        next: [
          {
            what: 'close',
            at: new Date(now.getTime() + 300_000),
            en: expect.stringContaining('took its place'),
          },
        ],
      })
      expect((await proofOf(b)).purchase).toEqual(first.purchase)

      await documented().pay({ out_trade_no: c })
      expect(await proofOf(b)).toMatchObject({
        safe: false,
        reason: { code: 'purchase-paid', en: expect.stringContaining(c) },
        purchase: { paid: c },
      })
    })
  })

  test('all attempts closed: a new number may be ordered', async () => {
    const [a, b] = [freshNumber(), freshNumber()]
    await ordered(documented(), a)
    await ordered(documented(), b, { replaces: a })
    await documented().advance('5m')
    await operator().closeOrder(b)
    expect(await proofOf(a)).toMatchObject({ safe: true, reason: { code: 'closed' } })
    expect(await proofOf(b)).toMatchObject({ safe: true })
  })

  test('what is safe by the proof is refused to every payer, and what is not is decided by the shop', async () => {
    const [tea, cake] = [freshNumber(), freshNumber()]
    await closed(documented(), tea)
    await paid(documented(), cake)
    expect(await proofOf(tea)).toMatchObject({ safe: true })
    expect(await documented().pay({ out_trade_no: tea })).toMatchObject({ status: 409 })
    expect(await documented().unifiedOrder(tea)).toMatchObject({ err_code: 'ORDERCLOSED' })
    expect(await proofOf(cake)).toMatchObject({
      safe: false,
      reason: { code: 'paid' },
      close: { whyNot: 'already-paid' },
    })
    expect(
      await documented().answer('unifiedOrder', orderRequest(freshNumber(), { replaces: cake })),
    ).toMatchObject({
      err_code: 'ORDERPAID',
    })
  })
})

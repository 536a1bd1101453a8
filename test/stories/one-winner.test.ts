/** Pay and close meet on one order, many times over: one winner, and nobody is told otherwise. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshNumber, openSandbox, type Sandbox, type Shop } from '../support/sandbox.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox()
})
afterAll(() => sandbox.close())

const count = <T>(all: readonly T[], is: (one: T) => boolean) => all.filter(is).length

/** 100 closes and 100 payments at once, in an order that `turn` decides. */
async function meet(shop: Shop, outTradeNo: string, turn: number) {
  const calls = Array.from({ length: 200 }, (_, index) =>
    (index + turn) % 2 === 0
      ? shop.closeOrder(outTradeNo).then((answer) => ({ close: answer }))
      : shop.pay({ out_trade_no: outTradeNo }).then((answer) => ({ pay: answer })),
  )
  const heard = await Promise.all(calls)
  return {
    closes: heard.flatMap((one) => ('close' in one ? [one.close] : [])),
    pays: heard.flatMap((one) => ('pay' in one ? [one.pay] : [])),
  }
}

test.each([0, 1])(
  'of 200 concurrent closes and payments one wins, and every answer agrees with it (%s)',
  async (turn) => {
    const shop = sandbox.shop('documented')
    const tea = freshNumber()
    await shop.unifiedOrder(tea)
    await shop.advance('5m')

    const { closes, pays } = await meet(shop, tea, turn)

    const state = (await shop.queryOrder(tea)).trade_state
    const closed = count(closes, ({ result_code }) => result_code === 'SUCCESS')
    const paid = count(pays, ({ status }) => status === 200)
    expect({ closed, paid }).toEqual(state === 'CLOSED' ? { closed: 1, paid: 0 } : { closed: 0, paid: 1 })

    const losers = state === 'CLOSED' ? 'ORDERCLOSED' : 'ORDERPAID'
    expect(count(closes, ({ err_code }) => err_code === losers)).toBe(100 - closed)
    const turnedAway = state === 'CLOSED' ? 'CLOSED' : 'ALREADY_PAID'
    expect(
      count(pays, ({ json }) => (json as { error?: { code?: string } }).error?.code === turnedAway),
    ).toBe(100 - paid)
    expect(await shop.historyOf(tea)).toEqual(['ordered', state === 'CLOSED' ? 'closed' : 'paid'])
  },
)

test('a number that is ordered and closed at once is never left open with its close confirmed', async () => {
  const shop = sandbox.shop('observed')
  for (let round = 0; round < 10; round++) {
    const tea = freshNumber()
    const [ordered, closed] = await Promise.all([shop.unifiedOrder(tea), shop.closeOrder(tea)])
    expect(closed).toMatchObject({ result_code: 'SUCCESS' })
    // Whoever came first: the number is closed, and nothing that was handed out for it can be paid.
    expect((await shop.pay({ out_trade_no: tea })).status).not.toBe(200)
    expect(await shop.unifiedOrder(tea)).toMatchObject({ err_code: 'INVALID_REQUEST' })
    expect(['SUCCESS', 'FAIL']).toContain(ordered.result_code)
  }
})

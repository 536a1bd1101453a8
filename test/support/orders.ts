/** Steps that most stories begin with; each fails its test where the shop does not do what the step says. */
import { expect } from 'vitest'
import { textOf, type Wire } from './answers.ts'
import type { Shop } from './sandbox.ts'

/** An order that was taken. */
export async function ordered(shop: Shop, tea: string, more?: object): Promise<Wire> {
  const answer = await shop.unifiedOrder(tea, more)
  expect(answer, `the order ${tea} is taken`).toMatchObject({
    return_code: 'SUCCESS',
    result_code: 'SUCCESS',
  })
  return answer
}

/** The prepay_id of an order that was taken. */
export const prepayOf = async (shop: Shop, tea: string, more?: object) =>
  textOf(await ordered(shop, tea, more), 'prepay_id')

/** An order that its customer paid. */
export async function paid(shop: Shop, tea: string, more?: object): Promise<void> {
  await ordered(shop, tea, more)
  expect(await shop.pay({ out_trade_no: tea }), `the order ${tea} is paid`).toMatchObject({ status: 200 })
}

/** An order that the shop closed after five minutes. */
export async function closed(shop: Shop, tea: string, more?: object): Promise<void> {
  await ordered(shop, tea, more)
  await shop.advance('5m')
  expect(await shop.closeOrder(tea), `the order ${tea} is closed`).toMatchObject({ result_code: 'SUCCESS' })
}

/**
 * Tells a story while the environment's clock stands, on a whole second: wire times name nothing finer.
 * @param story hears the time at its beginning
 */
export async function atRest(shop: Shop, story: (now: Date) => Promise<void>): Promise<void> {
  await shop.setClock({ freeze: true })
  try {
    const now = new Date(Math.ceil((await shop.now()).getTime() / 1000) * 1000)
    await shop.setClock({ set: now.toISOString() })
    await story(now)
  } finally {
    await shop.setClock({ run: true })
  }
}

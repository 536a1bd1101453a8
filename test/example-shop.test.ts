/** What the examples' shop does when it is told what is not so, and of two purchases whose names begin alike. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'cloudpay-shop-'))
process.env.SHOP_DATA = folder
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function openShopOn(states: Map<string, string>) {
  const { openShop } = await import(new URL('../examples/shop.mjs', import.meta.url).href)
  const closed: string[] = []
  const shop = openShop({
    async order(outTradeNo: string) {
      states.set(outTradeNo, 'NOTPAY')
      return { package: outTradeNo }
    },
    async close(outTradeNo: string) {
      closed.push(outTradeNo)
      if (states.get(outTradeNo) === 'NOTPAY') states.set(outTradeNo, 'CLOSED')
    },
    stateOf: async (outTradeNo: string) => states.get(outTradeNo),
    refund: async () => true,
  })
  return { shop, closed }
}

test.each(['NOTPAY', 'CLOSED', undefined])('no tea goes out for an order that is %s', async (state) => {
  const states = new Map<string, string>()
  const { shop } = await openShopOn(states)
  const cup = `cup-${state}`
  await shop.checkout(cup)
  if (state === undefined) states.clear()
  else states.set(`${cup}-1`, state)
  await expect(shop.paid(`${cup}-1`)).rejects.toThrow('is not paid')
  expect((await shop.purchase(cup)).fulfilled).toBeUndefined()
})

test('nor for one that was refunded before the callback came; that one is acknowledged', async () => {
  const states = new Map<string, string>()
  const { shop } = await openShopOn(states)
  await shop.checkout('late')
  states.set('late-1', 'REFUND')
  await shop.paid('late-1')
  expect((await shop.purchase('late')).fulfilled).toBeUndefined()
})

test('another attempt closes the last number of this very purchase', async () => {
  const { shop, closed } = await openShopOn(new Map())
  await shop.checkout('tea')
  await shop.checkout('tea-9')
  expect(await shop.checkout('tea')).toMatchObject({ outTradeNo: 'tea-2' })
  expect(closed).toEqual(['tea-1'])
})

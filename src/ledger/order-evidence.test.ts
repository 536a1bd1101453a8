/** What is known of an order that may be replaced, on the ledger alone: a chain in its order, and one that is very long. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshStore } from '../../test/support/databases.ts'
import { asked, creation, minute } from '../../test/support/ledger-shop.ts'
import { createOrder } from './create-order.ts'
import type { Db } from './db/db.ts'
import { type Ledger, migrateLedger, openLedger } from './ledger.ts'
import { findEvidence } from './order-evidence.ts'
import { replaceOrder } from './replace-order.ts'

let db: Db
let ledger: Ledger
beforeAll(async () => {
  db = (await freshStore()).db
  await migrateLedger(db, new Date(0))
  ledger = await openLedger(db, { lanes: 1 })
})
afterAll(() => db.close())

const evidenceOf = (number: string) => findEvidence(db, asked(ledger, number, minute(0)))
const chain = async (prefix: string, count: number) => {
  await createOrder(ledger, creation(ledger, `${prefix}1`))
  for (let place = 2; place <= count; place++) {
    const create = { ...creation(ledger, `${prefix}${place}`), at: minute(1) }
    await replaceOrder(db, { create, replaces: `${prefix}${place - 1}` })
  }
}

test('an order that stands alone has no purchase; one that is not there has no evidence', async () => {
  await createOrder(ledger, creation(ledger, 'alone'))
  expect(await evidenceOf('alone')).toMatchObject({
    order: { outTradeNo: 'alone', state: 'NOTPAY' },
    dueAt: minute(240),
    closeWhy: 'time_expire',
    notices: [],
    purchase: undefined,
  })
  expect(await evidenceOf('none')).toBeUndefined()
})

test('whichever attempt is asked for, the chain is the same', async () => {
  await chain('C', 4)
  const all = await Promise.all(['C1', 'C2', 'C3', 'C4'].map(evidenceOf))
  for (const [place, found] of all.entries()) {
    expect(found?.order.outTradeNo).toBe(`C${place + 1}`)
    expect(found?.purchase).toMatchObject({ purchase: 'C1', live: 'C4', count: 4 })
    expect(found?.purchase?.attempts.map(({ outTradeNo }) => outTradeNo)).toEqual(['C1', 'C2', 'C3', 'C4'])
  }
})

test('of a very long chain the first attempts, the order itself and the live one are there', async () => {
  await chain('L', 205)
  const found = await evidenceOf('L203')
  expect(found?.order).toMatchObject({ outTradeNo: 'L203', replacedBy: 'L204', state: 'CLOSING' })
  expect(found?.purchase).toMatchObject({ live: 'L205', count: 205 })
  const numbers = found?.purchase?.attempts.map(({ outTradeNo }) => outTradeNo) ?? []
  expect(numbers.slice(0, 200)).toEqual(Array.from({ length: 200 }, (_, place) => `L${place + 1}`))
  expect(numbers.slice(200)).toEqual(['L203', 'L205'])
})

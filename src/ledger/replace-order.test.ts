/** One attempt takes the place of another, in the ledger: for every way in which the old one may stand, as the rules say. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshStore } from '../../test/support/databases.ts'
import { asked, creation, minute, payment } from '../../test/support/ledger-shop.ts'
import { closeOrder } from './close-order.ts'
import { createOrder } from './create-order.ts'
import type { Db } from './db/db.ts'
import { type Ledger, migrateLedger, openLedger } from './ledger.ts'
import { findOrder } from './order.ts'
import { payOrder } from './pay-order.ts'
import { afterGivingWay, whyNotReplace } from './purchase-rules.ts'
import { replaceOrder } from './replace-order.ts'

let db: Db
let ledger: Ledger
beforeAll(async () => {
  db = (await freshStore()).db
  await migrateLedger(db, new Date(0))
  ledger = await openLedger(db, { lanes: 1 })
})
afterAll(() => db.close())

let numbers = 0
const fresh = () => `attempt-${++numbers}`
const find = (name: string) => findOrder(ledger, asked(ledger, name, minute(0)))
const replacing = (old: string, next: string, at: Date) =>
  replaceOrder(db, { create: { ...creation(ledger, next), ...asked(ledger, next, at) }, replaces: old })

const arrangements: Record<string, (old: string) => Promise<unknown>> = {
  'never ordered': async () => {},
  unpaid: (old) => createOrder(ledger, creation(ledger, old)),
  async paid(old) {
    await createOrder(ledger, creation(ledger, old))
    await payOrder(ledger, payment(ledger, old, minute(1)))
  },
  async closed(old) {
    await createOrder(ledger, creation(ledger, old))
    await closeOrder(ledger, asked(ledger, old, minute(5)))
  },
  async replaced(old) {
    await createOrder(ledger, creation(ledger, old))
    await replacing(old, fresh(), minute(2))
  },
  async 'replaced by one that is paid'(old) {
    await createOrder(ledger, creation(ledger, old))
    const next = fresh()
    await replacing(old, next, minute(2))
    await payOrder(ledger, payment(ledger, next, minute(3)))
  },
}

describe.each(Object.entries(arrangements))('an order that is %s', (_name, arrange) => {
  test.each([3, 5, 130, 250])('is replaced, or not, at minute %d as the rules say', async (at) => {
    const [old, next] = [fresh(), fresh()]
    await arrange(old)
    const before = await find(old)
    const live = before?.replacedBy === undefined ? before : await find(before.replacedBy)
    const refused = whyNotReplace(before, live)
    const outcome = await replacing(old, next, minute(at))
    const after = await find(old)
    if (refused !== undefined || before === undefined) {
      expect(outcome).toEqual(refused)
      expect(after, 'it stands as it stood').toEqual(before)
      expect(await find(next), 'nothing was ordered').toBeUndefined()
      return
    }
    expect(outcome).toMatchObject({ created: { outTradeNo: next, state: 'NOTPAY', purchase: old } })
    const state = afterGivingWay(before, minute(at))
    expect(after).toMatchObject({ state, replacedBy: next, purchase: old })
    const due = await db.rows<{ due_at: Date | null }>('select due_at from orders where out_trade_no = $1', [
      old,
    ])
    expect(due).toEqual([{ due_at: state === 'CLOSING' ? minute(5) : null }])
  })
})

test('a chain is one purchase, whose row says which attempt is live', async () => {
  const [a, b, c] = [fresh(), fresh(), fresh()]
  await createOrder(ledger, creation(ledger, a))
  await replacing(a, b, minute(6))
  await replacing(b, c, minute(7))
  expect(await db.rows('select purchase, live, attempts from purchases where purchase = $1', [a])).toEqual([
    { purchase: a, live: c, attempts: 3 },
  ])
})

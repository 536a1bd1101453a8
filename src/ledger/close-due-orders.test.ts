/** Closing what is due, on the ledger alone: each order once, whoever else is at it, and every merchant in turn. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { freshStore } from '../../test/support/databases.ts'
import { asked, commandId, creation, heard, minute, payment } from '../../test/support/ledger-shop.ts'
import { type ClosedDue, closeInTurn, closeLongestDue, nextInTurn } from './close-due-orders.ts'
import { closeOrder } from './close-order.ts'
import { createOrder } from './create-order.ts'
import type { Db } from './db/db.ts'
import { type Ledger, migrateLedger, openLedger } from './ledger.ts'
import { findOrder } from './order.ts'
import { payOrder } from './pay-order.ts'

let db: Db
let ledger: Ledger
beforeAll(async () => {
  db = (await freshStore()).db
  await migrateLedger(db, new Date(0))
  // One part, so that a test knows where its orders are.
  ledger = await openLedger(db, { lanes: 1 })
})
beforeEach(() => db.rows('delete from orders'))
afterAll(() => db.close())

const place = { part: 0, clock: 'ledger' }
const due = (limit = 100, at = minute(240)) => ({ ...place, at, commandId: commandId(), limit })
const numbers = (closed: readonly ClosedDue[]) => closed.map(({ outTradeNo }) => outTradeNo).sort()

/** Orders of a merchant, due at minute 240 unless told otherwise. */
const make = async (merchant: string, count: number, closeAt = minute(240)) => {
  const names = Array.from({ length: count }, (_, place) => `${merchant}-${place}`)
  await Promise.all(
    names.map((name) => createOrder(ledger, { ...creation(ledger, name, merchant), part: 0, closeAt })),
  )
  return names
}

test('what is due is closed, longest due first, and what is not is left', async () => {
  await make('late', 1, minute(200))
  await make('m', 2, minute(220))
  await make('later', 1, minute(241))
  const closed = await closeLongestDue(db, due(2))
  expect(closed.map(({ subMchId }) => subMchId).sort(), 'the one due first is among them').toEqual([
    'late',
    'm',
  ])
  expect(numbers(await closeLongestDue(db, due()))).toHaveLength(1)
  expect(await closeLongestDue(db, due())).toEqual([])
  const order = await findOrder(ledger, { ...asked(ledger, 'late-0', minute(0), 'late'), part: 0 })
  expect(order).toMatchObject({ state: 'CLOSED', closedAt: minute(240), seq: 2 })
  expect(order?.history.at(-1)).toEqual({
    event: 'closed',
    by: 'engine',
    why: 'time_expire',
    at: minute(240).toISOString(),
    due: minute(200).toISOString(),
  })
})

test('however many close at once, each order is closed once', async () => {
  const names = await make('m', 300)
  const workers = Array.from({ length: 6 }, async () => {
    const mine: ClosedDue[] = []
    for (let more = true; more; ) {
      const closed = await closeLongestDue(db, due(25))
      mine.push(...closed)
      more = closed.length > 0
    }
    return mine
  })
  const all = (await Promise.all(workers)).flat()
  expect(numbers(all)).toEqual([...names].sort())
})

test('who pays in time, or closes first, has won; who comes later hears so', async () => {
  await make('m', 3)
  const of = (name: string, at: Date) => ({ ...asked(ledger, name, at, 'm'), part: 0 })
  expect(heard(await payOrder(ledger, { ...payment(ledger, 'm-0', minute(100), 'm'), part: 0 }))).toBe(
    'moved',
  )
  expect(heard(await closeOrder(ledger, of('m-1', minute(100))))).toBe('moved')
  expect(numbers(await closeLongestDue(db, due()))).toEqual(['m-2'])
  expect(heard(await closeOrder(ledger, of('m-2', minute(300))))).toBe('closed')
  expect(heard(await payOrder(ledger, { ...payment(ledger, 'm-2', minute(100), 'm'), part: 0 }))).toBe(
    'closed',
  )
})

test('an order that may not be closed yet is left, whatever it is due for', async () => {
  await make('m', 1, minute(3))
  expect(await closeLongestDue(db, due(10, minute(4)))).toEqual([])
  expect(numbers(await closeLongestDue(db, due(10, minute(5))))).toEqual(['m-0'])
})

test('merchants take turns, and the last is followed by the first', async () => {
  for (const merchant of ['a', 'b', 'c']) await make(merchant, 3)
  const lane = { ...place, dueBy: due().at, wall: due().at }
  const first = await nextInTurn(db, lane, undefined, 2)
  expect(first.map(({ subMchId }) => subMchId)).toEqual(['a', 'b'])
  const second = await nextInTurn(db, lane, first.at(-1), 2)
  expect(second.map(({ subMchId }) => subMchId)).toEqual(['c'])
  expect([...first, ...second].map(({ isDue }) => isDue)).toEqual([true, true, true])
  const early = await nextInTurn(db, { ...lane, dueBy: minute(1) }, undefined, 1)
  expect(early, 'later').toMatchObject([{ subMchId: 'a', isDue: false }])
  const closed = await closeInTurn(db, due(4), first)
  expect(closed.map(({ subMchId }) => subMchId).sort(), 'as many of one as of the other').toEqual([
    'a',
    'a',
    'b',
    'b',
  ])
})

import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshStore } from '../../test/support/databases.ts'
import { creation } from '../../test/support/ledger-shop.ts'
import { createOrder } from './create-order.ts'
import type { Db } from './db/db.ts'
import { type Ledger, migrateLedger, openLedger } from './ledger.ts'
import { decide, guardSql, orderCommands, orderRules, orderStates, targetOf } from './rules.ts'

let db: Db
let ledger: Ledger
beforeAll(async () => {
  db = (await freshStore()).db
  await migrateLedger(db, new Date(0))
  ledger = await openLedger(db, { lanes: 1 })
})
afterAll(() => db.close())

const minute = 60_000
const start = Date.UTC(2026, 10, 23)
const moment = fc.option(
  fc.integer({ min: -3, max: 3 }).map((minutes) => new Date(start + minutes * minute)),
  { nil: undefined },
)

test('the guard in SQL decides as the table does, for every state, command and time', async () => {
  const orders = fc.record({
    state: fc.constantFrom(...orderStates),
    closableFrom: moment,
    payableUntil: moment,
    expiresAt: moment,
    refundableUntil: moment,
  })
  const at = fc.integer({ min: -4, max: 4 }).map((minutes) => new Date(start + minutes * minute))
  await fc.assert(
    fc.asyncProperty(fc.array(orders, { minLength: 1, maxLength: 20 }), at, async (rows, now) => {
      for (const command of orderCommands) {
        const decided = await db.rows<{ moves: boolean }>(
          `select coalesce(${guardSql(command, 'held', '$1::timestamptz')}, false) as moves, $1::timestamptz as at
           from unnest($2::text[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[])
             with ordinality as held(state, closable_from, payable_until, expires_at, refundable_until, place)
           order by place`,
          [
            now,
            rows.map((row) => row.state),
            rows.map((row) => row.closableFrom ?? null),
            rows.map((row) => row.payableUntil ?? null),
            rows.map((row) => row.expiresAt ?? null),
            rows.map((row) => row.refundableUntil ?? null),
          ],
        )
        expect(decided.map(({ moves }) => moves)).toEqual(
          rows.map((row) => 'to' in decide(row, command, now)),
        )
      }
    }),
    { numRuns: 60 },
  )
})

test('a command leads to one state only, and nothing leaves CLOSED', () => {
  for (const command of orderCommands) {
    const targets = orderStates.flatMap((state) => {
      const cell = orderRules[state][command]
      return 'to' in cell ? [cell.to] : []
    })
    expect(new Set(targets)).toEqual(new Set([targetOf(command)]))
    expect(orderRules.CLOSED[command]).toEqual({ no: 'closed' })
  }
})

test('the schema knows the states of the table and no others', async () => {
  await createOrder(ledger, creation(ledger, 'n-1'))
  for (const state of orderStates) await db.rows('update orders set state = $1', [state])
  await expect(db.rows('update orders set state = $1', ['OPEN'])).rejects.toMatchObject({ sqlstate: '23514' })
})

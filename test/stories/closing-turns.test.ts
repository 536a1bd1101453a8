/** Closing goes by turns: who has most to be closed does not delay the others. */
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { openCloser } from '../../src/engine/close-due-orders.ts'
import type { ClosedDue } from '../../src/ledger/close-due-orders.ts'
import { createOrder } from '../../src/ledger/create-order.ts'
import { migrateLedger, openLedger } from '../../src/ledger/ledger.ts'
import { freshStore } from '../support/databases.ts'
import { creation, minute } from '../support/ledger-shop.ts'

test('a merchant with a thousand orders that are due longer delays nobody', async () => {
  const { db } = await freshStore()
  await migrateLedger(db, new Date(0))
  const ledger = await openLedger(db, { lanes: 1 })
  const make = (merchant: string, count: number, closeAt: Date) =>
    Promise.all(
      Array.from({ length: count }, (_, place) =>
        createOrder(ledger, { ...creation(ledger, `${merchant}-${place}`, merchant), part: 0, closeAt }),
      ),
    )
  await make('great', 1_200, minute(100))
  await make('small', 1, minute(230))
  const seen: ClosedDue[] = []
  const closer = openCloser({
    ledger,
    world: { wallClock: () => new Date(), randomBytes },
    onClosed: (closed) => void seen.push(...closed),
  })
  const look = () => closer.closeDue({ part: 0, clock: 'ledger' }, minute(240))
  await look()
  expect(seen.length, 'one look does not close them all').toBeLessThan(1_201)
  expect(seen.map(({ subMchId }) => subMchId)).toContain('small')
  while ((await look()) > 0);
  expect(seen).toHaveLength(1_201)
  expect(new Set(seen.map(({ outTradeNo }) => outTradeNo)).size, 'each once').toBe(1_201)
  await db.close()
})

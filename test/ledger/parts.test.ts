/** How many parts a ledger has is decided once: two gateways that disagreed would keep two orders under one number. */
import { expect, test } from 'vitest'
import { migrateLedger, openLedger } from '../../src/ledger/ledger.ts'
import { PartsRefused } from '../../src/ledger/parts.ts'
import { freshPostgres } from '../support/databases.ts'

test('whoever starts later with another number is refused, and without one gets what was decided', async () => {
  const database = await freshPostgres()
  try {
    const db = await database.open()
    await migrateLedger(db, new Date(0))
    expect((await openLedger(db, { lanes: 1 })).parts).toBe(1)
    await expect(openLedger(await database.open(), { lanes: 1, parts: 8 })).rejects.toMatchObject({
      parts: 1,
    })
    expect((await openLedger(await database.open(), { lanes: 1 })).parts).toBe(1)
  } finally {
    await database.close()
  }
})

test('of two first starts at once with different numbers one is refused', async () => {
  const database = await freshPostgres()
  try {
    const db = await database.open()
    await migrateLedger(db, new Date(0))
    const [one, other] = [db, await database.open()]
    const started = await Promise.allSettled([
      openLedger(one, { lanes: 1, parts: 8 }),
      openLedger(other, { lanes: 1, parts: 4 }),
    ])
    expect(started.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const refused = started.find((start) => start.status === 'rejected')
    expect(refused?.reason).toBeInstanceOf(PartsRefused)
  } finally {
    await database.close()
  }
})

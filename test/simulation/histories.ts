/** Histories one after the other on one database, and who looks at each. */
import { afterAll, beforeAll } from 'vitest'
import type { Db } from '../../src/ledger/db/db.ts'
import { migrateLedger, openLedger } from '../../src/ledger/ledger.ts'
import { freshStore } from '../support/databases.ts'
import { checkAsked } from './check-asked.ts'
import { check } from './checker.ts'
import { type History, type How, simulate } from './simulate.ts'

export const channels = {
  sandbox: ['its own word decides', check],
  asked: ['it loses, delays, repeats and garbles what it is asked', checkAsked],
} as const

/** Opened before a file's tests and closed after them. */
export function historyDb(): {
  readonly db: () => Db
  readonly run: (seed: number, how: How) => Promise<History>
} {
  let db: Db
  beforeAll(async () => {
    db = (await freshStore()).db
    await migrateLedger(db, new Date(0))
    await openLedger(db, { lanes: 1 })
  })
  afterAll(() => db.close())
  return {
    db: () => db,
    async run(seed, how) {
      for (const table of ['orders', 'refunds', 'purchases']) await db.rows(`delete from ${table}`)
      return simulate(seed, db, how)
    },
  }
}

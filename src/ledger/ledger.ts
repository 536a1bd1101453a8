/** The ledger as its callers hold it: the database, the batcher in front of it, and how many parts it has. */
import { type Batcher, openBatcher, type SentBatch } from './db/batcher.ts'
import type { Db } from './db/db.ts'
import { migrate } from './db/migrate.ts'
import { migrations } from './migrations.ts'
import { settleParts } from './parts.ts'

export interface Ledger {
  readonly db: Db
  readonly batcher: Batcher
  /** How many parts, fixed before the first order. */
  readonly parts: number
}

interface LedgerOptions {
  /** Statements on their way at the same time: connections of `db` that commands may use. */
  readonly lanes: number
  /** How many parts a new ledger gets; left out: 1, or as many as it has. */
  readonly parts?: number | undefined
  readonly onBatch?: (batch: SentBatch) => void
}

/**
 * Brings a database to the newest schema.
 * @param at for the record
 * @throws SchemaRefused made by a newer version; @throws LedgerUnavailable
 */
export const migrateLedger = (db: Db, at: Date): Promise<number[]> => migrate(db, migrations, at)

/**
 * Opens the ledger on a database with the newest schema.
 * @throws PartsRefused; @throws LedgerUnavailable
 */
export async function openLedger(db: Db, { lanes, parts, onBatch }: LedgerOptions): Promise<Ledger> {
  return { db, batcher: openBatcher(db, lanes, onBatch), parts: await settleParts(db, parts) }
}

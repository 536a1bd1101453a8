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
  /** For the record of migrations. */
  readonly at: Date
  readonly onBatch?: (batch: SentBatch) => void
}

/**
 * Brings the database to the newest schema and opens the ledger on it.
 * @throws SchemaRefused made by a newer version; @throws PartsRefused; @throws LedgerUnavailable
 */
export async function openLedger(db: Db, { lanes, parts, at, onBatch }: LedgerOptions): Promise<Ledger> {
  await migrate(db, migrations, at)
  return { db, batcher: openBatcher(db, lanes, onBatch), parts: await settleParts(db, parts) }
}

/**
 * The database that a test is told on. The suite runs on the embedded one, on a real PostgreSQL, and on a PostgreSQL
 * with eight parts (test/vitest.config.ts); some tests want a PostgreSQL whatever the suite runs on.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Store } from '../../src/app/store.ts'
import type { Db } from '../../src/ledger/db/db.ts'
import { openPglite } from '../../src/ledger/db/pglite.ts'
import { openPostgres } from '../../src/ledger/db/postgres.ts'
import { type Ledger, migrateLedger, openLedger } from '../../src/ledger/ledger.ts'
import { imageFile, ledgerImage } from '../../src/ledger/ledger-image.ts'
import { testDatabases } from './postgres.ts'
import { cacheOfTests } from './server-process.ts'

const world = { wallClock: () => new Date(), randomBytes: (size: number) => randomBytes(size) }

/** How many parts this run of the suite wants. */
export const partsAsked = Number(process.env.CLOUDPAY_TEST_PARTS ?? 1)

export interface FreshPostgres {
  readonly url: string
  /** A connection of its own each time, as another gateway would have. */
  readonly open: (connections?: number) => Promise<Db>
  readonly close: () => Promise<void>
}

export async function freshPostgres(): Promise<FreshPostgres> {
  const databases = await testDatabases()
  const url = await databases.freshDatabase()
  const opened: Db[] = []
  return {
    url,
    async open(connections = 4) {
      const db = await openPostgres({ url, connections })
      opened.push(db)
      return db
    },
    async close() {
      await Promise.all(opened.map((db) => db.close()))
      await databases.close()
    },
  }
}

/** Of an empty ledger, kept between runs. */
export const imageOfTests = () => ledgerImage(imageFile(join(cacheOfTests, 'opencloudpay')), world)

/** An empty database of the kind that this run of the suite is on; closing it removes it. */
export async function freshStore(): Promise<Store> {
  if (process.env.CLOUDPAY_TEST_ON !== 'postgres')
    return { db: await openPglite({ folder: 'memory', image: imageOfTests }), lanes: 1 }
  const database = await freshPostgres()
  const db = await database.open()
  return { db: { ...db, close: () => database.close() }, lanes: 3 }
}

/** An empty ledger of the kind, and with the parts, that this run of the suite is on. */
export async function freshLedger(): Promise<{ readonly db: Db; readonly ledger: Ledger }> {
  const { db, lanes } = await freshStore()
  await migrateLedger(db, new Date(0))
  return { db, ledger: await openLedger(db, { lanes, parts: partsAsked }) }
}

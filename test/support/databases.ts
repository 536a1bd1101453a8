/**
 * The database that a test is told on. The suite runs on the embedded one, on a real PostgreSQL, and on a PostgreSQL
 * with eight parts (test/vitest.config.ts); some tests want a PostgreSQL whatever the suite runs on.
 */
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { Store } from '../../src/app/store.ts'
import type { Db } from '../../src/ledger/db/db.ts'
import { openPostgres } from '../../src/ledger/db/postgres.ts'
import { openMemoryDb } from '../../src/ledger/memory-db.ts'
import { testDatabases } from './postgres.ts'

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

/** Where the image of an empty ledger is kept between runs. */
const imageFolder = fileURLToPath(new URL('../../.build/images', import.meta.url))

/** An empty database of the kind that this run of the suite is on; closing it removes it. */
export async function freshStore(): Promise<Store> {
  if (process.env.CLOUDPAY_TEST_ON !== 'postgres')
    return { db: await openMemoryDb(imageFolder, world), lanes: 1 }
  const database = await freshPostgres()
  const db = await database.open()
  return { db: { ...db, close: () => database.close() }, lanes: 3 }
}

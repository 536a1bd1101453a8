/**
 * Opens what the configuration asks for, the embedded database or a PostgreSQL, and makes the ledger on it ready:
 * newest schema, parts, environments. Owns what differs between the two; nothing above it knows which one serves.
 */
import type { Metrics } from '../doors/metrics/metrics.ts'
import { measureClockOffset } from '../ledger/db/clock-offset.ts'
import type { Db } from '../ledger/db/db.ts'
import { openPglite } from '../ledger/db/pglite.ts'
import { openPostgres } from '../ledger/db/postgres.ts'
import { watched } from '../ledger/db/watched.ts'
import { saveEnvironments } from '../ledger/environments.ts'
import { type Ledger, migrateLedger, openLedger } from '../ledger/ledger.ts'
import { imageFile, keptImage } from '../ledger/ledger-image.ts'
import type { World } from '../ledger/world.ts'
import { cacheFolder } from './cache-folder.ts'
import type { Config } from './config.ts'
import { ledgerRefused } from './ledger-refusals.ts'

/** A database, and how many statements of commands it takes at a time. */
export interface Store {
  readonly db: Db
  readonly lanes: number
}

/** Four connections: three for commands, so that what is not a command always finds one. */
const connections = 4
/** A call may need the clock, the command and the command again: three of these, and its caller hears within 8 s. */
const deadlineMs = 2_500
/** Migrations of a grown database take their time. */
const migrationDeadlineMs = 3_600_000

async function openServer(url: string, world: World): Promise<Store> {
  const migrating = await openPostgres({ url, connections: 1, deadlineMs: migrationDeadlineMs })
  try {
    await migrateLedger(migrating, world.wallClock())
  } finally {
    await migrating.close()
  }
  return { db: await openPostgres({ url, connections, deadlineMs }), lanes: connections - 1 }
}

async function openStore({ databaseUrl, dataFolder }: Config, world: World): Promise<Store> {
  if (databaseUrl !== undefined) return openServer(databaseUrl, world)
  const image = () => keptImage(imageFile(cacheFolder(process.env, process.platform)))
  // PGlite is one connection.
  return { db: await openPglite({ folder: dataFolder, image }), lanes: 1 }
}

interface DatabaseClock {
  /** The world on the database's time. */
  readonly world: World
  readonly stopClock: () => void
}

interface Prepared extends DatabaseClock {
  readonly ledger: Ledger
}

/**
 * @param open in place of what the configuration asks for: tests bring their own
 * @throws StartRefused with a text for people
 */
export async function prepareLedger(
  config: Config,
  world: World,
  open: (() => Promise<Store>) | undefined,
  metrics: Pick<Metrics, 'batch' | 'database'>,
): Promise<Prepared> {
  let store: Store | undefined
  let clock: DatabaseClock | undefined
  try {
    store = await (open?.() ?? openStore(config, world))
    const db = watched(store.db, metrics.database)
    await migrateLedger(db, world.wallClock())
    const ledger = await openLedger(db, { lanes: store.lanes, parts: config.parts, onBatch: metrics.batch })
    // Before anything of its time is written: clocks are read by everybody, on the database's time.
    clock = await onDatabaseTime(config, db, world)
    await saveEnvironments(db, config.environments, clock.world.wallClock())
    return { ledger, ...clock }
  } catch (error) {
    clock?.stopClock()
    await store?.db.close()
    throw ledgerRefused(error, config.dataFolder)
  }
}

/** How often the distance of the two clocks is taken again: machines drift by milliseconds a minute. */
const measureEveryMs = 60_000

/**
 * The world on the database's time, so that gateways beside each other agree on it. An embedded database has this
 * machine's clock, and nothing to correct.
 */
async function onDatabaseTime(config: Config, db: Db, world: World): Promise<DatabaseClock> {
  if (config.databaseUrl === undefined) return { world, stopClock: () => {} }
  let offsetMs = await measureClockOffset(db, world.wallClock)
  const timer = setInterval(() => {
    measureClockOffset(db, world.wallClock).then(
      (measured) => {
        offsetMs = measured
      },
      // Away: the distance last taken is better than none.
      () => {},
    )
  }, measureEveryMs).unref()
  return {
    world: { ...world, wallClock: () => new Date(world.wallClock().getTime() + offsetMs) },
    stopClock: () => clearInterval(timer),
  }
}

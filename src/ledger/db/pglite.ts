/**
 * The embedded driver: a database in a data folder of this process, or in memory. Puts together the folder,
 * its lock, PGlite and the turns; see those for what each promises.
 *
 * What is acknowledged survives the process (`kill -9`), not a power cut: PGlite never syncs to disk.
 */
import { DataFolderRefused, rememberDatabase, takeDataFolder } from './data-folder.ts'
import { type Db, LedgerUnavailable } from './db.ts'
import { dbOverOneConnection } from './one-connection.ts'
import { type Instance, startInstance } from './pglite-instance.ts'
import { keepUp, keptUp } from './upkeep.ts'

export interface PgliteOptions {
  /** A path, relative to the working folder or absolute; made when missing. `memory`: nothing is kept. */
  folder: string
  /** Of {@link imageOfDatabase}: what a new one begins with. Asked for only then. */
  image?: () => Promise<Uint8Array | undefined>
}

/**
 * Opens, or makes, an embedded database.
 *
 * An instance that dies is replaced on the next call, on the same files; that call waits for it. If the
 * database is not where it was, calls get LedgerUnavailable until it is back: no new one is made in its
 * place. One in memory has nothing to come back to and stays unavailable.
 *
 * @throws DataFolderRefused the folder cannot be used; what was in it is as it was
 */
export async function openPglite({ folder, image }: PgliteOptions): Promise<Db> {
  return keptUp(
    folder === 'memory'
      ? inMemory(await startInstance(undefined, await image?.()))
      : await openFolder(folder, image),
  )
}

/** Databases are made from these two, and none is made from an image: without them it is half as large. */
const templates = `update pg_database set datistemplate = false; drop database template0; drop database template1`

/** A new database in memory, prepared and packed up, for others to begin with. */
export async function imageOfDatabase(prepare: (db: Db) => Promise<unknown>): Promise<Uint8Array> {
  const instance = await startInstance(undefined)
  const db = inMemory(instance)
  try {
    await prepare(db)
    for (const statement of templates.split('; ')) await instance.script(statement)
    await instance.script('checkpoint')
    return await instance.dump()
  } finally {
    await db.close()
  }
}

async function openFolder(path: string, image: PgliteOptions['image']): Promise<Db> {
  const folder = await takeDataFolder(path)
  const { database } = folder
  let intact = () => true

  const startOnExisting = async () => {
    const remembered = rememberDatabase(database)
    if (remembered === undefined)
      throw new LedgerUnavailable(`${database}: the database is not there any more`)
    const instance = await startInstance(database)
    // Removed while it started: then PGlite made a new one, which must not take the place of the old.
    if (!remembered()) {
      await instance.abandon()
      throw new LedgerUnavailable(`${database}: the database was removed or replaced while it started`)
    }
    intact = remembered
    return instance
  }

  const startNew = async () => {
    const instance = await startInstance(database, await image?.())
    intact = rememberDatabase(database) ?? intact
    await folder.made()
    return instance
  }

  const first = await (folder.isNew ? startNew() : startOnExisting()).catch(async (cause: unknown) => {
    await folder.release()
    throw new DataFolderRefused('does-not-start', folder.path, wordsOf(cause), { cause })
  })
  const db = dbOverOneConnection(first, {
    lasting: true,
    intact: () => intact(),
    reopen: () =>
      startOnExisting().catch((cause: unknown) => {
        if (cause instanceof LedgerUnavailable) throw cause
        throw new LedgerUnavailable(`${database}: the database did not start again: ${wordsOf(cause)}`, {
          cause,
        })
      }),
    release: () => folder.release(),
  })
  // Before anybody waits for it: a crash may have left much uncounted. What fails is tried again later.
  if (!folder.isNew) await keepUp(db).catch(() => {})
  return db
}

const inMemory = (instance: Instance): Db =>
  dbOverOneConnection(instance, {
    lasting: false,
    intact: () => true,
    reopen: () => Promise.reject(new LedgerUnavailable('the in-memory database died, and all in it')),
    release: () => Promise.resolve(),
  })

const wordsOf = (cause: unknown) => (cause instanceof Error ? cause.message : String(cause))

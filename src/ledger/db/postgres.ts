/**
 * The driver for a PostgreSQL server: any number of gateways beside each other. Owns how long a call may take
 * and what becomes of it when the server goes away; see the pool for connections, and the address for its rules.
 */
import assert from 'node:assert/strict'
import { DatabaseUnusable, oldestServer, reasonOf } from './database-unusable.ts'
import { type Db, LedgerUnavailable, untilOutOfTheWay } from './db.ts'
import { rowsOf, type Session, transactionsOfOneDb } from './one-transaction.ts'
import { openPool, type PostgresPool } from './postgres-pool.ts'
import { completeUrl } from './postgres-url.ts'
import { countedWhileYoung } from './upkeep.ts'

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database?…`; `host=/folder` for a socket, `sslmode` as libpq has it. */
  url: string
  /** How many calls run at a time; others wait. 4 when left out. */
  connections?: number
  /**
   * How long a call may take, waiting, connecting and repeating included. 6 s when left out: a caller who
   * must hear within 8 s hears. Migrations of a grown database need more, and a Db of their own.
   */
  deadlineMs?: number
}

/**
 * Opens a database on a server, which must be there now; later it may come and go. While it is away calls get
 * LedgerUnavailable, and the next one after its return is served.
 *
 * @throws DatabaseUnusable
 */
export async function openPostgres({
  url,
  connections = 4,
  deadlineMs = 6_000,
}: PostgresOptions): Promise<Db> {
  assert(Number.isInteger(connections) && connections > 0, 'connections: a whole number from 1')
  assert(deadlineMs >= 100, 'deadlineMs: at least 100')
  const address = completeUrl(url)
  const limits = {
    connections,
    // The server's limits end before ours: its answer is worth more than our silence.
    statementMs: Math.floor((deadlineMs * 2) / 3),
    lockMs: Math.floor(deadlineMs / 2),
    connectMs: Math.floor(deadlineMs / 2),
    idleInTransactionMs: deadlineMs,
  }
  let pool: PostgresPool
  try {
    pool = openPool(address, limits)
  } catch (error) {
    throw new DatabaseUnusable('bad-url', undefined, error instanceof Error ? error.message : String(error))
  }
  const db = dbOverPool(pool, deadlineMs)
  try {
    await checkServer(db, pool)
  } catch (error) {
    await db.close()
    throw error
  }
  return countedWhileYoung(db)
}

async function checkServer(db: Db, { where, hasPassword }: PostgresPool): Promise<void> {
  const asked = db.rows<{ version: number; encoding: string }>(
    `select current_setting('server_version_num')::integer as version, current_setting('server_encoding') as encoding`,
  )
  const [server] = await asked.catch((error: unknown) => {
    const said = error instanceof LedgerUnavailable ? (error.cause ?? error) : error
    const found = said instanceof Error ? said.message : String(said)
    throw new DatabaseUnusable(reasonOf(said, hasPassword), where, found, { cause: said })
  })
  assert(server !== undefined)
  const version = Math.floor(server.version / 10_000)
  if (version < oldestServer) {
    throw new DatabaseUnusable('too-old', where, `PostgreSQL ${version}; ${oldestServer} or newer is needed`)
  }
  if (server.encoding !== 'UTF8') {
    throw new DatabaseUnusable('not-utf8', where, `its encoding is ${server.encoding}, and must be UTF8`)
  }
}

/** Each call on a connection of its own, within its time, again while someone is in the way. */
function dbOverPool(pool: PostgresPool, deadlineMs: number): Db {
  const transactions = transactionsOfOneDb()
  const begun = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined

  const once = async <T>(deadline: AbortSignal, work: (session: Session) => Promise<T>): Promise<T> => {
    deadline.throwIfAborted()
    const session = await pool.take()
    const giveUp = () => void session.giveUp()
    deadline.addEventListener('abort', giveUp)
    try {
      // It may have been too late before there was a connection.
      deadline.throwIfAborted()
      return await work(session)
    } finally {
      deadline.removeEventListener('abort', giveUp)
      session.done()
    }
  }

  const call = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    transactions.assertOutside()
    if (closing !== undefined) throw new LedgerUnavailable('the database was closed')
    const running = within(deadlineMs, (deadline) => untilOutOfTheWay(() => once(deadline, work)))
    begun.add(running)
    try {
      return await running
    } finally {
      begun.delete(running)
    }
  }

  return {
    rows: <Row>(...statement: Parameters<Session['ask']>) =>
      call(async (session) => rowsOf<Row>(await session.ask(...statement))),

    transaction: (body) => call((session) => transactions.run(session, body)),

    close() {
      closing ??= (async () => {
        // Each has its own deadline, so this ends.
        await Promise.allSettled(begun)
        await pool.end()
      })()
      return closing
    },
  }
}

/**
 * Runs `work` for so long and no longer. It is told when its time is over, and must let go of what it holds;
 * the caller does not wait for that.
 *
 * @throws LedgerUnavailable the time is over
 */
async function within<T>(ms: number, work: (deadline: AbortSignal) => Promise<T>): Promise<T> {
  const deadline = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const late = new LedgerUnavailable(`the database did not answer within ${ms} ms`)
      reject(late)
      deadline.abort(late)
    }, ms)
  })
  try {
    return await Promise.race([over, work(deadline.signal)])
  } finally {
    clearTimeout(timer)
  }
}

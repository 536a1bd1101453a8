/**
 * One running PGlite: started with our settings, spoken to in text, watched for its death.
 * Knows nothing of folders, locks, turns or transactions; only this file and `pglite-statements.ts` import PGlite.
 *
 * Why a watch: after a panic (a full disk, say) PGlite 0.5 goes on. It was seen to call an INSERT done that
 * no file ever held, and to spin for ever inside one call. So an instance that aborted, ended its session, or
 * ended a statement without a word is dead for good, and made to say so.
 */
import { PGlite } from '@electric-sql/pglite'
import type { StatementOptions } from './db.ts'
import type { Ran } from './one-transaction.ts'
import { statementsOf } from './pglite-statements.ts'

/** Calls must not overlap: whoever uses it takes turns. */
export interface Instance {
  /**
   * One statement, its parameters as text.
   * @throws InstanceDied, or PGlite's error with the SQLSTATE in `code`
   */
  query(sql: string, params: readonly (string | null)[], options?: StatementOptions): Promise<Ran>
  /** Statements without parameters, at least one; answers with the last. @throws as `query` */
  script(sql: string): Promise<Ran>
  /** All of its files, as they are now: another one can be started from them. */
  dump(): Promise<Uint8Array>
  /** Ends it in order: what is in memory is written. */
  stop(): Promise<void>
  /**
   * Lets go of its files without writing anything, as `kill -9` would: the next start recovers from the
   * log. For one that died or lost its folder: writing its memory now could ruin what lies there by then.
   */
  abandon(): Promise<void>
}

/** The instance is no more. It has no SQLSTATE: whether its last statement was done is unknown. */
export class InstanceDied extends Error {
  override readonly name = 'InstanceDied'
}

/**
 * Settings of every start. No background process exists in it: no autovacuum, and checkpoints run inside a
 * statement. `-F` in the defaults means that it never syncs: no promise over a power cut (docs say so).
 */
const startParams = [
  ...PGlite.defaultStartParams,
  ...['-c', 'shared_buffers=32MB'],
  ...['-c', 'jit=off'],
  // Everybody waits while a table is counted (upkeep.ts): 40,000 orders took 1.4 s by the usual 100, and 0.07 s so.
  ...['-c', 'default_statistics_target=10'],
]

/** Of a new database: log files of 1 MB instead of 16 save a quarter of the folder and a second of the start. */
const initDbStartParams = ['--wal-segsize=1', '--no-sync', '--no-instructions']

/** By its number in PostgreSQL. */
const int8 = 20
/** PGlite's own makes a bigint of what is beyond 2^53: two types for one column. */
const parsers = { [int8]: Number }

/** PGlite asks for all of it at once, which Node's own Blob copies together from small pieces, for half a second. */
class Whole extends Blob {
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    super([])
    this.#bytes = bytes
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    const { buffer, byteLength } = this.#bytes
    // Read, never written to: there is no need for a copy.
    return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
      ? buffer
      : new Uint8Array(this.#bytes).buffer
  }
}

/**
 * Starts one. An existing database takes about half a second, like one from an image; a new one three to five.
 *
 * @param folder made when it is missing, filled when it is empty; undefined: in memory
 * @param image of {@link Instance.dump}: what a new one begins with
 * @throws InstanceDied when it does not start: not a database, or one of another version
 */
export async function startInstance(folder: string | undefined, image?: Uint8Array): Promise<Instance> {
  let dead = false
  let lastWords = 'it did not say why'
  const died = (cause?: unknown) => {
    dead = true
    return new InstanceDied(`the embedded database died: ${lastWords}`, { cause: withoutValues(cause) })
  }
  /** Its log: only why it died is of use. Saying false keeps PGlite from printing it. */
  const onStderr = (line: string) => {
    lastWords = /\b(?:FATAL|PANIC): .*/.exec(line)?.[0] ?? lastWords
    return false
  }
  // Without the prefix, a folder named like `idb://…` would choose a file system by itself.
  const dataDir = folder === undefined ? 'memory://' : `file://${folder}`
  const begun = image === undefined ? { initDbStartParams } : { loadDataDir: new Whole(image) }
  const options = { dataDir, startParams, parsers, onStderr, ...begun }
  const pglite = await PGlite.create(options).catch((error: unknown) => {
    throw died(error)
  })
  leaveOnDeath(pglite, died)
  const statements = statementsOf(pglite)

  /** Runs one exchange and decides whether the instance outlived it. */
  const watched = async (exchange: () => Promise<Ran>): Promise<Ran> => {
    if (dead) throw died()
    try {
      const ran = await exchange()
      if (!dead) return ran
    } catch (error) {
      if (dead || isFatal(error)) throw died(error)
      throw withoutValues(error)
    }
    throw died()
  }

  return {
    query: (...statement) => watched(async () => spoken(await statements.run(...statement))),
    script: (sql) => watched(async () => spoken((await pglite.exec(sql)).at(-1))),
    dump: async () => new Uint8Array(await (await pglite.dumpDataDir('none')).arrayBuffer()),
    stop: () => pglite.close(),
    async abandon() {
      dead = true
      await pglite.fs?.closeFs()
    },
  }
}

/** What the runtime throws for an error that a session survives: PostgreSQL's jump back to its main loop. */
const survivable = 100

/**
 * Makes a death end the call that it happens in. PGlite's loop swallows whatever its main loop throws, aborts
 * and traps included, and runs on in what is left, for ever in the case of a simple query. What the loop calls
 * next without a guard is the way out of it.
 */
function leaveOnDeath(pglite: PGlite, died: (cause: unknown) => InstanceDied): void {
  const runtime = pglite.Module
  const runOnce = runtime._PostgresMainLoopOnce
  runtime._PostgresMainLoopOnce = () => {
    try {
      runOnce()
    } catch (thrown) {
      const status = typeof thrown === 'object' && thrown !== null && 'status' in thrown && thrown.status
      if (status === survivable) throw thrown
      const death = died(thrown)
      const leave = () => {
        throw death
      }
      runtime._PostgresMainLoopOnce = leave
      runtime.stackRestore = leave
      runtime._PostgresSendReadyForQueryIfNecessary = () => undefined
      runtime._pgl_pq_flush = () => undefined
      throw death
    }
  }
}

/** A statement that ends without its command word did not end: the instance broke underneath. */
function spoken(result: { command?: string; rows: readonly unknown[] } | undefined): Ran {
  if (!result?.command) throw new InstanceDied('a statement ended without an answer')
  return { command: result.command, rows: result.rows }
}

/** Errors without an SQLSTATE come from the runtime; FATAL ends the session, PANIC the server. */
function isFatal(error: unknown): boolean {
  if (typeof error !== 'object' || error === null || !('code' in error)) return true
  return 'severity' in error && (error.severity === 'FATAL' || error.severity === 'PANIC')
}

/** PGlite hangs the parameters on its errors, and PostgreSQL whole rows: neither belongs in a log. */
function withoutValues(error: unknown): unknown {
  if (typeof error === 'object' && error !== null) {
    for (const field of ['params', 'queryOptions', 'detail', 'where']) Reflect.deleteProperty(error, field)
  }
  return error
}

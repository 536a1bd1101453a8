/**
 * What the ledger asks of a database, and how a failure of one is understood: by SQLSTATE, never by a
 * message or a constraint's name. Owns the interface, the error types and the bounded retry that every
 * driver shares; knows no driver, no table and no clock.
 */

export interface StatementOptions {
  /**
   * Plan it anew each time, for these values and the table as it is now. Otherwise a driver may keep a plan:
   * cheaper, but one made while a table was small was seen to read all of it later. Claims ask for this.
   */
  readonly freshPlan?: boolean
}

export interface Statements {
  /**
   * Runs one statement and returns its rows.
   *
   * Values come back as int8 → number, timestamptz → Date, jsonb → parsed, bytea → Uint8Array,
   * arrays → arrays, null → null. Types are the statement's business: the row type is believed, not
   * checked. An int8 beyond 2^53 would lose digits; the ledger keeps none.
   *
   * @param params string, number, boolean, null, Date, Uint8Array (a Buffer too), and arrays of those,
   *   with nulls in them. jsonb is given as JSON text, a jsonb[] as an array of texts. Without `params`,
   *   `sql` may hold several statements: they run as one transaction, and the last one's rows come back.
   * @throws DatabaseError the database refused the statement: nothing of it happened
   * @throws LedgerUnavailable nothing is known of the outcome
   */
  rows<Row>(sql: string, params?: readonly unknown[], options?: StatementOptions): Promise<Row[]>
}

/**
 * A connection to the ledger's database, or several. `rows` alone is one transaction of its own.
 * A statement that met a deadlock or lost a serialisation (40P01, 40001) was tried again before anyone
 * hears of it.
 */
export interface Db extends Statements {
  /**
   * One short transaction, read committed. Rolled back when `body` throws (its error is passed on) or
   * when any of its statements failed, even if `body` swallowed that. Never wait for the network inside.
   *
   * @param body may run several times (deadlocks): it must do nothing but read and write through `tx`,
   *   and must not use the Db itself, which would wait for this very transaction. `tx` is dead afterwards
   * @throws DatabaseError a statement was refused: nothing happened
   * @throws LedgerUnavailable nothing is known of the outcome; any failure of COMMIT is one
   */
  transaction<T>(body: (tx: Statements) => Promise<T>): Promise<T>
  /** Waits for what was begun, then lets go of everything. Later calls get {@link LedgerUnavailable}. */
  close(): Promise<void>
}

/**
 * The database cannot be asked, or was asked and did not say what became of it: done, or not done.
 * Repeat with the same command ids: a command that finds its own id has won. Never guess success.
 */
export class LedgerUnavailable extends Error {
  override readonly name = 'LedgerUnavailable'
}

/** The database refused a statement, and said why. Nothing of the statement, or its transaction, happened. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError'
  /** Five characters, for example `23505` (unique violation). Decide by this alone. */
  readonly sqlstate: string

  constructor(sqlstate: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.sqlstate = sqlstate
  }
}

/**
 * PostgreSQL's classes start with a digit or are one of four. Node's own codes live in the same property,
 * and one of them, `EPIPE`, has five characters too: a lost connection must not pass for a refusal.
 */
const sqlstateShape = /^(?:\d[0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/

/** The SQLSTATE that an error of a driver, or one of ours, carries; undefined when the database said nothing. */
export function sqlstateOf(error: unknown): string | undefined {
  if (error instanceof DatabaseError) return error.sqlstate
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' && sqlstateShape.test(error.code) ? error.code : undefined
}

/**
 * What to do about an SQLSTATE.
 * `again`: certainly not done, only someone was in the way. `unavailable`: the server, not the statement:
 * connection (08), resources (53), shutdown, cancel and time limits (57), its own system (58), a lock that
 * was waited for too long (55P03), and a primary that became a standby (25006). `refused`: all others, and they stay so however often one asks;
 * 08P01 among them, which is how a wrong number of parameters reads.
 */
export function meaningOf(sqlstate: string | undefined): 'again' | 'unavailable' | 'refused' {
  if (sqlstate === undefined) return 'unavailable'
  if (sqlstate === '40P01' || sqlstate === '40001') return 'again'
  return /^(?:08(?!P01)|53|57|58|25006|55P03)/.test(sqlstate) ? 'unavailable' : 'refused'
}

/** A driver's error as one of ours, the original as its cause. Ours pass as they are. */
export function asLedgerError(error: unknown): DatabaseError | LedgerUnavailable {
  if (error instanceof DatabaseError || error instanceof LedgerUnavailable) return error
  const sqlstate = sqlstateOf(error)
  const said = error instanceof Error ? error.message : String(error)
  if (sqlstate === undefined || meaningOf(sqlstate) === 'unavailable') {
    const where = sqlstate === undefined ? '' : ` (${sqlstate})`
    return new LedgerUnavailable(`the database did not answer${where}: ${said}`, { cause: error })
  }
  return new DatabaseError(sqlstate, said, { cause: error })
}

/** How often a statement or transaction is begun before its deadlocks are the caller's problem. */
export const maxAttempts = 5

/**
 * Runs `attempt` again, at once, while the database says that someone was in the way (40P01, 40001).
 * No pause: of two that deadlocked one has won, and the second begins when the winner's locks are free.
 *
 * @throws LedgerUnavailable after {@link maxAttempts}: nothing was done, and repeating is right
 */
export async function untilOutOfTheWay<T>(attempt: () => Promise<T>): Promise<T> {
  let last: DatabaseError | undefined
  for (let tried = 0; tried < maxAttempts; tried++) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof DatabaseError) || meaningOf(error.sqlstate) !== 'again') throw error
      last = error
    }
  }
  throw new LedgerUnavailable(`still in another's way after ${maxAttempts} attempts (${last?.sqlstate})`, {
    cause: last,
  })
}

/**
 * Connections to a PostgreSQL server: made, handed to one call at a time, destroyed when in doubt. Owns the
 * driver (only this file imports it), its settings and types; knows nothing of transactions or retries.
 */
import { createHash } from 'node:crypto'
import pg from 'pg'
import { asLedgerError, LedgerUnavailable, meaningOf, sqlstateOf } from './db.ts'
import type { Session } from './one-transaction.ts'
import { parameterText } from './parameter-text.ts'

/** A session that goes back to where it came from. */
export interface PooledSession extends Session {
  /** Ends its use, once: returned, or gone if it was given up. */
  done(): void
}

export interface PostgresPool {
  /** `user@host:port/database`. */
  readonly where: string
  readonly hasPassword: boolean
  /**
   * A connection, new or used; waits while all are busy, as long as it takes.
   * @throws LedgerUnavailable none could be made; the driver's error as its cause
   */
  take(): Promise<PooledSession>
  /** Lets go of all. Nothing may be taken any more, and all must be back. */
  end(): Promise<void>
}

export interface PoolLimits {
  readonly connections: number
  /** Of one statement on the server, waiting for locks included. */
  readonly statementMs: number
  readonly lockMs: number
  /** The server ends a session that sits in a transaction for so long: its locks are others' wait. */
  readonly idleInTransactionMs: number
  readonly connectMs: number
}

/** @throws Error the driver could not make sense of the address (a certificate that is not there, for example) */
export function openPool(url: string, limits: PoolLimits): PostgresPool {
  const options: pg.ClientConfig = {
    connectionString: url,
    application_name: 'opencloudpay',
    statement_timeout: limits.statementMs,
    lock_timeout: limits.lockMs,
    idle_in_transaction_session_timeout: limits.idleInTransactionMs,
    connectionTimeoutMillis: limits.connectMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    types: ledgerTypes(),
  }
  /** The pool's own limit would hold for those who wait for a busy connection, too. */
  class Connection extends pg.Client {
    constructor() {
      super(options)
    }
  }
  const { user = '', host, port, database = '', password } = new Connection()
  const pool = new pg.Pool({
    Client: Connection,
    max: limits.connections,
    idleTimeoutMillis: 0,
    // A name that leads elsewhere since, a server that grows with the age of a session.
    maxLifetimeSeconds: 1800,
    // Idle ones are no reason to stay.
    allowExitOnIdle: true,
  })
  // An idle connection was lost: the pool forgot it already, and the next call makes another.
  pool.on('error', () => undefined)
  // A busy one: its statement hears of it. Without a listener the process would end.
  pool.on('connect', (client) => client.on('error', () => undefined))

  return {
    where: `${user}@${host}:${port}/${database}`,
    hasPassword: typeof password === 'string' && password !== '',
    async take() {
      const client = await pool.connect().catch((error: unknown) => {
        const cause = said(error)
        throw new LedgerUnavailable(`no connection to the database: ${cause.message}`, { cause })
      })
      return sessionOver(client)
    },
    end: () => pool.end(),
  }
}

function sessionOver(client: pg.PoolClient): PooledSession {
  let over = false
  const giveUp = () => {
    if (over) return
    over = true
    // First the socket: a farewell to a server that does not answer would never end.
    client.connection.stream.destroy()
    client.release(true)
  }
  return {
    usable: () => !over,
    async giveUp() {
      giveUp()
    },
    done() {
      if (over) return
      // A script may have left a transaction open: the next call must not find itself in it.
      if (client.getTransactionStatus() !== 'I') return giveUp()
      over = true
      client.release()
    },
    async ask(sql, params, options) {
      const values = params?.map((param, i) => parameterText(param, i + 1))
      if (over) throw new LedgerUnavailable('the connection was given up')
      const name = options?.freshPlan ? undefined : statementName(sql)
      try {
        const result = await client.query(values === undefined ? sql : { name, text: sql, values })
        // Of several statements the driver makes a list, whatever its type says.
        const last = [result].flat().at(-1)
        return { command: last?.command ?? '', rows: last?.rows ?? [] }
      } catch (error) {
        if (isSuspect(sqlstateOf(error))) giveUp()
        throw asStatementError(error)
      }
    },
  }
}

/**
 * Whether a connection is given up after an error. Only what the statement itself brought about leaves it
 * trusted: a refusal, a lock or a time limit. A server that became read-only (25006) is left too: the same
 * address may lead to its successor. So is a session whose prepared statements no longer fit (a changed
 * result type 0A000, an unknown name 26000): a new one prepares them anew.
 */
function isSuspect(sqlstate: string | undefined): boolean {
  if (sqlstate === '55P03' || sqlstate === '57014') return false
  return meaningOf(sqlstate) === 'unavailable' || sqlstate === '0A000' || sqlstate === '26000'
}

const asStatementError = (error: unknown): Error => asLedgerError(said(error))

/** What the driver's error said, without what it carries: rows, values, its whole connection. */
class DriverError extends Error {
  override readonly name = 'DriverError'
  /** An SQLSTATE, or Node's; undefined when there was none. */
  readonly code: string | undefined

  constructor(message: string, code: string | undefined) {
    super(message)
    this.code = code
  }
}

function said(error: unknown): DriverError {
  if (!(error instanceof Error)) return new DriverError(String(error), undefined)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  // Of several addresses that all failed, Node says nothing but a list.
  const each = error instanceof AggregateError ? error.errors.map((one) => said(one).message) : []
  return new DriverError(error.message || [...each, code ?? 'no reason given'][0] || '', code)
}

/** How many statements are prepared; more of them than the program has, and they are not constants. */
const mostNames = 500
const names = new Map<string, string>()

/** The same text has the same name, at most 63 bytes long; undefined: too many are known already. */
function statementName(sql: string): string | undefined {
  const known = names.get(sql)
  if (known !== undefined || names.size >= mostNames) return known
  const name = createHash('sha256').update(sql).digest('base64url')
  names.set(sql, name)
  return name
}

/** Types by their numbers in PostgreSQL. */
const oid = { bytea: 17, byteas: 1001, int8: 20, int8s: 1016, texts: 1009 }

/** The driver's own types, with the two that we read otherwise; nobody else's are touched. */
function ledgerTypes(): pg.CustomTypesConfig {
  const types = new pg.TypeOverrides()
  const parseTexts = pg.types.getTypeParser(oid.texts)
  const each =
    (parse: (text: string) => unknown) =>
    (text: string): unknown =>
      deep(parseTexts(text), parse)
  types.setTypeParser(oid.int8, Number)
  types.setTypeParser(oid.int8s, each(Number))
  types.setTypeParser(oid.bytea, bytes)
  types.setTypeParser(oid.byteas, each(bytes))
  return types
}

const bytes = (text: string) => new Uint8Array(Buffer.from(text.slice(2), 'hex'))

const deep = (value: unknown, parse: (text: string) => unknown): unknown => {
  if (Array.isArray(value)) return value.map((one) => deep(one, parse))
  return typeof value === 'string' ? parse(value) : null
}

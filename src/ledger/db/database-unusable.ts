/** Why a PostgreSQL server was not taken at start. Holds no password, whatever it is printed with. */
import { sqlstateOf } from './db.ts'

/**
 * `bad-url`: not `postgres://user:password@host:port/database`. `unreachable`: nobody answered there, not in
 * time, not with the encryption asked for, or with "not now" (starting, stopping, too many connections).
 * `not-let-in`: user, password, or the server's access rules. `no-database`: the server has none of that
 * name. `too-old`: before {@link oldestServer}. `not-utf8`: the database cannot hold every text.
 */
export type DatabaseUnusableReason =
  | 'bad-url'
  | 'unreachable'
  | 'not-let-in'
  | 'no-database'
  | 'too-old'
  | 'not-utf8'

/** The oldest major version that is tested. */
export const oldestServer = 15

export class DatabaseUnusable extends Error {
  override readonly name = 'DatabaseUnusable'
  readonly reason: DatabaseUnusableReason
  /** `user@host:port/database`, for people; undefined with `bad-url`. */
  readonly where: string | undefined

  constructor(
    reason: DatabaseUnusableReason,
    where: string | undefined,
    message: string,
    options?: ErrorOptions,
  ) {
    super(where === undefined ? message : `database ${where}: ${message}`, options)
    this.reason = reason
    this.where = where
  }
}

/**
 * What a failed first connection means.
 * @param said the driver's error, without what must not be seen
 * @param hasPassword whether one was given at all: the driver has no code for its absence
 */
export function reasonOf(said: unknown, hasPassword: boolean): DatabaseUnusableReason {
  const sqlstate = sqlstateOf(said)
  if (sqlstate === undefined) {
    const hasCode = typeof said === 'object' && said !== null && 'code' in said && said.code !== undefined
    const asked = said instanceof Error && /password/i.test(said.message)
    return !hasPassword && !hasCode && asked ? 'not-let-in' : 'unreachable'
  }
  if (sqlstate === '3D000') return 'no-database'
  // 42501: the role may log in, but not connect to this database.
  return sqlstate.startsWith('28') || sqlstate === '42501' ? 'not-let-in' : 'unreachable'
}

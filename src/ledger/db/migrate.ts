/**
 * Brings a database to the newest schema: an ordered list of released migrations, each applied once, in one
 * transaction, and remembered with the hash of its text. Owns the table `schema_migrations` and nothing else;
 * the list is the caller's.
 */
import { createHash } from 'node:crypto'
import { DatabaseError, type Db, type Statements } from './db.ts'

/** One released step. Never edited, renumbered or removed once a version with it is out: write the next one. */
export interface Migration {
  /** From 1, rising; gaps are allowed. */
  readonly id: number
  readonly name: string
  /** What it changes and why, for whoever operates the database. */
  readonly note: string
  /** One or more statements. They run in a transaction: nothing in it may begin or end one. */
  readonly sql: string
}

/**
 * This database and this program do not belong together; nothing was changed.
 * `made-by-newer`: it has a migration that this program does not know. `edited`: a migration that it has
 * reads differently here. `out-of-order`: the program has an older one that the database passed over. `not-ours`:
 * somebody else's tables are there.
 */
export class SchemaRefused extends Error {
  override readonly name = 'SchemaRefused'
  readonly reason: 'made-by-newer' | 'edited' | 'out-of-order' | 'not-ours'
  /** The migration in question; 0 with `not-ours`. */
  readonly id: number

  constructor(reason: SchemaRefused['reason'], id: number, message: string) {
    super(message)
    this.reason = reason
    this.id = id
  }
}

/**
 * Applies what is missing, in order. Several processes may do so at once: each step is taken by one of them,
 * and the others find it done. A failing step leaves the ones before it applied, and itself undone.
 *
 * @param migrations rising ids
 * @param at when, for the record
 * @returns the ids applied by this call
 * @throws SchemaRefused
 * @throws DatabaseError a migration's own SQL was refused
 * @throws LedgerUnavailable repeat: a step that was done is not done again
 */
export async function migrate(db: Db, migrations: readonly Migration[], at: Date): Promise<number[]> {
  await refuseForeign(db)
  await makeTable(db)
  // Checked before anything is applied: a newer database is not to be touched at all.
  const known = await applied(db)
  checkAgainst(known, migrations)
  const done: number[] = []
  for (const migration of migrations.filter(({ id }) => !known.some((one) => one.id === id))) {
    const mine = await db.transaction((tx) => apply(tx, migration, migrations, at))
    if (mine) done.push(migration.id)
  }
  return done
}

/** A schema that is empty, or ours: nothing is written between somebody else's tables. */
async function refuseForeign(db: Statements): Promise<void> {
  const tables = await db.rows<{ name: string; is_ours: boolean }>(
    `select c.relname as name, exists (
       select 1 from pg_attribute a where a.attrelid = c.oid and c.relname = 'schema_migrations' and a.attname = 'sha256'
     ) as is_ours
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = current_schema() and c.relkind in ('r', 'p') order by c.relname`,
  )
  const [foreign] = tables
  if (foreign === undefined || tables.some(({ is_ours }) => is_ours)) return
  const text = `the schema holds tables that are not this program's, such as ${foreign.name}`
  throw new SchemaRefused('not-ours', 0, text)
}

/** SHA-256 of the text, in hex. Line ends do not count: a checkout on Windows may have changed them. */
export const migrationHash = (sql: string) =>
  createHash('sha256').update(sql.replaceAll('\r\n', '\n')).digest('hex')

/** Harmless where Citus is not: a prefixed setting that nobody knows is kept and never read. */
const oneShardAtATime = `set local citus.multi_shard_modify_mode to 'sequential'`

async function makeTable(db: Db): Promise<void> {
  const attempt = () =>
    db.transaction(async (tx) => {
      await tx.rows(oneShardAtATime)
      await tx.rows(`
        create table if not exists schema_migrations (
          id integer not null,
          name text not null,
          sha256 text not null,
          applied_at timestamptz not null,
          constraint schema_migrations_pkey primary key (id)
        )`)
    })
  try {
    await attempt()
  } catch (error) {
    // "if not exists" does not see a table that another is just making, and trips over its names instead:
    // unique violation, duplicate table, duplicate object. The second time it is there.
    const trippedOver = ['23505', '42P07', '42710']
    if (!(error instanceof DatabaseError) || !trippedOver.includes(error.sqlstate)) throw error
    await attempt()
  }
}

interface Applied {
  id: number
  name: string
  sha256: string
}

const applied = (db: Statements) =>
  db.rows<Applied>('select id, name, sha256 from schema_migrations order by id')

/** @returns whether it was this call that applied it */
async function apply(tx: Statements, one: Migration, all: readonly Migration[], at: Date): Promise<boolean> {
  await tx.rows(oneShardAtATime)
  // Others wait here, and then find it done. It conflicts with itself and with writers, not with readers.
  await tx.rows('lock table schema_migrations in share row exclusive mode')
  const known = await applied(tx)
  checkAgainst(known, all)
  if (known.some(({ id }) => id === one.id)) return false
  await tx.rows(one.sql)
  await tx.rows('insert into schema_migrations (id, name, sha256, applied_at) values ($1, $2, $3, $4)', [
    one.id,
    one.name,
    migrationHash(one.sql),
    at,
  ])
  return true
}

function checkAgainst(known: readonly Applied[], migrations: readonly Migration[]): void {
  for (const { id, name, sha256 } of known) {
    const here = migrations.find((migration) => migration.id === id)
    if (here === undefined) {
      const text = `the database has migration ${id} (${name}), which this program does not know: made by a newer version`
      throw new SchemaRefused('made-by-newer', id, text)
    }
    if (migrationHash(here.sql) !== sha256) {
      throw new SchemaRefused('edited', id, `migration ${id} (${here.name}) was edited after it was applied`)
    }
  }
  const newest = known.at(-1)?.id ?? 0
  const passedOver = migrations.find(({ id }) => id < newest && !known.some((one) => one.id === id))
  if (passedOver !== undefined) {
    const { id, name } = passedOver
    throw new SchemaRefused(
      'out-of-order',
      id,
      `migration ${id} (${name}) is older than the database's ${newest}`,
    )
  }
}

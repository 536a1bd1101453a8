/**
 * Counting a table's rows, and making room of what is dead. Uncounted, a table is taken for a small one: to find an order by
 * its key, 40,000 were seen to be read. A server's own background processes do both, but come by once a minute: until then a
 * new ledger's orders were found by reading all of them, at two hundred calls a second for twice the CPU. An embedded
 * database has no such processes at all.
 */
import type { Db } from './db.ts'

/** Looking costs two statements of a fraction of a millisecond. */
const upkeepEveryMs = 10_000
/** Looking costs one. */
const youngEveryMs = 5_000
/** Rows; from here on, what grew within a minute changes no plan. */
const grownUp = 100_000
/** Changes, beside as many as there were rows: a small table that is written to all the time is not counted all the time. */
const fewChanges = 500

/**
 * Counts the tables that changed much since they were counted last, and makes room in those with much that is dead: by the
 * thresholds of PostgreSQL's own autovacuum. Whoever waits for the database waits as long as that takes: milliseconds, for a
 * hundred thousand orders a tenth of a second.
 * @returns their names
 * @throws LedgerUnavailable
 */
export async function keepUp(db: Db): Promise<string[]> {
  // A session says what it changed when it has nothing else to do, which this one never has.
  await db.rows('select pg_stat_force_next_flush()', [])
  const due = await db.rows<{ name: string; quoted: string; has_dead: boolean }>(
    `select s.relname as name, quote_ident(s.relname) as quoted, s.n_dead_tup > 50 + 0.2 * greatest(c.reltuples, 0) as has_dead
     from pg_stat_user_tables s join pg_class c on c.oid = s.relid
     where s.n_dead_tup > 50 + 0.2 * greatest(c.reltuples, 0)
        or s.n_mod_since_analyze > 50 + 0.1 * greatest(c.reltuples, 0)
        -- What was changed before a crash is not known any more.
        or c.reltuples < 0 and pg_relation_size(c.oid) > 100000
     order by s.relname`,
    [],
    { freshPlan: true },
  )
  for (const { quoted, has_dead } of due)
    await db.rows(`${has_dead ? 'vacuum (analyze)' : 'analyze'} ${quoted}`)
  return due.map(({ name }) => name)
}

/**
 * Counts the gateway's own tables on a server: those that are small, and were never counted or changed as much as all they
 * held. Another gateway, or the server itself, that does so already is not waited for.
 * @returns the names of those it asked to be counted
 * @throws LedgerUnavailable
 */
export async function countYoung(db: Db): Promise<string[]> {
  const due = await db.rows<{ name: string; quoted: string }>(
    `select s.relname as name, quote_ident(s.relname) as quoted
     from pg_stat_user_tables s join pg_class c on c.oid = s.relid
     where c.reltuples < ${grownUp} and s.n_live_tup < ${grownUp} and (
         s.n_mod_since_analyze > ${fewChanges} + greatest(c.reltuples, 0)
         -- Never counted: a table of one row is taken for one of thousands.
         or c.reltuples < 0 and s.n_live_tup > 0)
       -- Others' are none of its business, and may be called anything.
       and c.relowner = (select oid from pg_roles where rolname = current_user) and pg_table_is_visible(c.oid)
     order by s.relname`,
    [],
    { freshPlan: true },
  )
  // One that cannot be counted keeps no other from it.
  for (const { quoted } of due) await db.rows(`analyze (skip_locked) ${quoted}`).catch(() => {})
  return due.map(({ name }) => name)
}

/** A database of this process alone, kept up for as long as it is open. */
export const keptUp = (db: Db): Db => lookedAfter(db, keepUp, upkeepEveryMs)

/** A server's database, whose young tables are counted for as long as it is open. */
export const countedWhileYoung = (db: Db): Db => lookedAfter(db, countYoung, youngEveryMs)

function lookedAfter(db: Db, after: (db: Db) => Promise<unknown>, everyMs: number): Db {
  let isLooking = false
  const look = async () => {
    if (isLooking) return
    isLooking = true
    // It is away, or full: the next look finds the same.
    await after(db).catch(() => {})
    isLooking = false
  }
  const timer = setInterval(() => void look(), everyMs).unref()
  return {
    ...db,
    close() {
      clearInterval(timer)
      return db.close()
    },
  }
}

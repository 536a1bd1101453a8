/**
 * What a server's own background processes do and an embedded database has none of: counting its rows, and making room of
 * what is dead. Uncounted, a table is taken for a small one: to find an order by its key, 40,000 were seen to be read.
 */
import type { Db } from './db.ts'

/** Looking costs two statements of a fraction of a millisecond. */
const upkeepEveryMs = 10_000

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
  const due = await db.rows<{ name: string; has_dead: boolean }>(
    `select s.relname as name, s.n_dead_tup > 50 + 0.2 * greatest(c.reltuples, 0) as has_dead
     from pg_stat_user_tables s join pg_class c on c.oid = s.relid
     where s.n_dead_tup > 50 + 0.2 * greatest(c.reltuples, 0)
        or s.n_mod_since_analyze > 50 + 0.1 * greatest(c.reltuples, 0)
        -- What was changed before a crash is not known any more.
        or c.reltuples < 0 and pg_relation_size(c.oid) > 100000
     order by s.relname`,
    [],
    { freshPlan: true },
  )
  for (const { name, has_dead } of due)
    await db.rows(`${has_dead ? 'vacuum (analyze)' : 'analyze'} "${name}"`)
  return due.map(({ name }) => name)
}

/** The same database, kept up for as long as it is open. */
export function keptUp(db: Db): Db {
  let isLooking = false
  const look = async () => {
    if (isLooking) return
    isLooking = true
    // It is away, or full: the next look finds the same.
    await keepUp(db).catch(() => {})
    isLooking = false
  }
  const timer = setInterval(() => void look(), upkeepEveryMs).unref()
  return {
    ...db,
    close() {
      clearInterval(timer)
      return db.close()
    },
  }
}

/** Deletes what is too old or too much of a log. A log is no truth: what goes is missed by nobody. */
import type { Statements } from './db/db.ts'

/** Rows that one statement deletes, and statements in a row before the rest is left for the next time. */
const pruneRows = 1_000
const pruneRounds = 20

/** A log whose rows stand by part, env_id, a time and an id. */
export interface Log {
  readonly table: 'requests' | 'deliveries' | 'audit'
  /** Its column of real time. */
  readonly time: 'at' | 'logged_at'
  readonly part: number
  readonly envId: string
}

/**
 * Deletes an environment's rows that are older than `oldest`, and those beyond its newest `kept`, oldest first. What
 * another process is deleting is left to it.
 */
export async function pruneLog(
  db: Statements,
  { table, time, part, envId }: Log,
  { oldest, kept }: { readonly oldest: Date; readonly kept: number },
): Promise<void> {
  const [beyond] = await db.rows<{ at: Date; id: string }>(
    `select x.${time} as at, x.id from ${table} x where x.part = $1 and x.env_id = $2
     order by x.${time} desc, x.id desc offset $3 limit 1`,
    [part, envId, kept],
    { freshPlan: true },
  )
  const last = beyond === undefined || beyond.at < oldest ? { at: oldest, id: '' } : beyond
  for (let round = 0; round < pruneRounds; round++) {
    // The lock also keeps the place (ctid) from being given to another row meanwhile.
    const gone = await db.rows(
      `delete from ${table} r where r.part = $1 and r.ctid = any(array(
         select x.ctid from ${table} x
         where x.part = $1 and x.env_id = $2 and (x.${time}, x.id) <= ($3::timestamptz, $4)
         order by x.${time}, x.id limit $5 for update skip locked))
       returning r.id`,
      [part, envId, last.at, last.id, pruneRows],
      { freshPlan: true },
    )
    if (gone.length < pruneRows) return
  }
}

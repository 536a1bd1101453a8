/** How much is not settled: for whoever watches over the server. */
import type { Statements } from './db/db.ts'

export interface Unsettled {
  /** Orders of which a channel has not said yet whether they were made, or are closed. */
  readonly unresolved: number
  /** Payments that came too late: on their way back; with an alarm, among those; and those of which nobody decided. */
  readonly returning: number
  readonly alarmed: number
  readonly undecided: number
}

/** Both through a small index of their own. @throws LedgerUnavailable */
export async function countUnsettled(db: Statements): Promise<Unsettled> {
  const [row] = await db.rows<Record<keyof Unsettled, number>>(
    `select
       (select count(*)::int from orders o
        where o.asking is not null and o.state in ('WAITING', 'CREATING', 'CLOSING')) as unresolved,
       count(*) filter (where l.late ->> 'decision' = 'refund')::int as returning,
       count(*) filter (where l.late -> 'alarm' is not null)::int as alarmed,
       count(*) filter (where l.late -> 'decision' is null)::int as undecided
     from orders l
     where l.late is not null and l.late -> 'returnedAt' is null and l.late ->> 'decision' is distinct from 'adopt'`,
  )
  if (row === undefined) throw new Error('what is not settled could not be counted')
  return row
}

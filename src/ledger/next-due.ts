/** When the engine has something to do next on a clock: what a person waits for who advances it. Changes nothing. */
import type { Ledger } from './ledger.ts'

/**
 * @param after what is due by then is being done
 * @returns undefined: nothing waits; @throws LedgerUnavailable
 */
export async function nextDue(
  { db }: Pick<Ledger, 'db'>,
  clock: string,
  after: Date,
): Promise<Date | undefined> {
  const first = (table: 'orders' | 'refunds', column: 'due_at' | 'tell_at') =>
    `(select min(x.${column}) from ${table} x where x.part = p.part and x.clock = $1 and x.${column} > $2)`
  const [row] = await db.rows<{ at: Date | null }>(
    `select min(least(${first('orders', 'due_at')}, ${first('orders', 'tell_at')},
       ${first('refunds', 'due_at')}, ${first('refunds', 'tell_at')})) as at
     from parts p`,
    [clock, after],
    { freshPlan: true },
  )
  return row?.at ?? undefined
}

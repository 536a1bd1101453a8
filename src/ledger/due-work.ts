/** Where work is waiting, on which clocks and in which parts: one statement over all of them, however little there is. */
import type { Statements } from './db/db.ts'
import type { LanePlace } from './tell-lane.ts'

export interface DueWork extends LanePlace {
  /** Orders, refunds, of which something is to be told now or later. */
  readonly tellOrders: boolean
  readonly tellRefunds: boolean
  /** When the first order is to be closed, and the first refund settled; undefined: none is. */
  readonly closesFrom: Date | undefined
  readonly refundsFrom: Date | undefined
}

/**
 * An `exists` was seen to gather all that waits into a hash first, at each look: a subquery of one row cannot be. In the
 * order of an index, for without one the whole table was seen to be read on clocks on which nothing waits.
 */
const hasTold = (table: 'orders' | 'refunds') =>
  `(select true from ${table} x where x.part = p.part and x.clock = c.clock and x.tell_at is not null
    order by x.tell_target, x.tell_at limit 1) is true`

const firstDue = (table: 'orders' | 'refunds') =>
  `(select x.due_at from ${table} x where x.part = p.part and x.clock = c.clock and x.due_at is not null
    order by x.due_at limit 1)`

/** @param clocks `real`, and the env_ids of test clocks. @returns only places where there is something */
export async function findDueWork(db: Statements, clocks: readonly string[]): Promise<DueWork[]> {
  const rows = await db.rows<{
    part: number
    clock: string
    tell_orders: boolean
    tell_refunds: boolean
    closes_from: Date | null
    refunds_from: Date | null
  }>(
    `select w.part, w.clock, w.tell_orders, w.tell_refunds, w.closes_from, w.refunds_from from (
       select p.part, c.clock,
         ${hasTold('orders')} as tell_orders, ${hasTold('refunds')} as tell_refunds,
         ${firstDue('orders')} as closes_from, ${firstDue('refunds')} as refunds_from
       from unnest($1::text[]) as c(clock) cross join parts p
       -- Each probe once, though it is asked for twice.
       offset 0) w
     where w.tell_orders or w.tell_refunds or w.closes_from is not null or w.refunds_from is not null`,
    [clocks],
    { freshPlan: true },
  )
  return rows.map((row) => ({
    part: row.part,
    clock: row.clock,
    tellOrders: row.tell_orders,
    tellRefunds: row.tell_refunds,
    closesFrom: row.closes_from ?? undefined,
    refundsFrom: row.refunds_from ?? undefined,
  }))
}

/**
 * Claims orders that are due in the lane of money: whoever holds the claim looks at them, for as long as the lease lasts.
 * A lease saves effort; correctness is the guarded command's. Never: what is to be done with them.
 */
import type { Statements } from './db/db.ts'
import { type Order, type OrderRow, orderColumns, readOrder } from './order.ts'

export interface ClaimAsked {
  readonly part: number
  /** `real`, or the env_id whose test clock the orders are on. */
  readonly clock: string
  /** On that clock: what is due by then. */
  readonly dueBy: Date
  /** Real time: leases that ended before it are nobody's. */
  readonly wall: Date
  /** Real time. */
  readonly leaseUntil: Date
  /** Names this claim: results are written only where it still stands. */
  readonly claim: string
  /** At most so many; claim only what can be started. */
  readonly limit: number
}

/**
 * One statement, which passes by what others have locked. `array(…)` decides the rows once: with `in (select … limit …)`
 * some plans were seen to claim everything. Planned anew each time: a plan kept from a small table reads all of a large one.
 *
 * @returns the orders claimed, longest due first
 * @throws LedgerUnavailable nothing is known; whatever was claimed is free again when its lease ends
 */
export async function claimDueOrders(
  db: Statements,
  { part, clock, dueBy, wall, leaseUntil, claim, limit }: ClaimAsked,
): Promise<Order[]> {
  const rows = await db.rows<OrderRow & { due_at: Date }>(
    `update orders o set lease_until = $5, claim = $6
     where o.part = $1 and o.ctid = any(array(
       select x.ctid from orders x
       where x.part = $1 and x.clock = $2 and x.due_at <= $3 and (x.lease_until is null or x.lease_until < $4)
       order by x.due_at limit $7 for update skip locked))
     returning o.due_at, ${orderColumns('o')}`,
    [part, clock, dueBy, wall, leaseUntil, claim, limit],
    { freshPlan: true },
  )
  return rows.sort((a, b) => a.due_at.getTime() - b.due_at.getTime()).map(readOrder)
}

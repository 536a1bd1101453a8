/**
 * The lane of money: claims orders and refunds that are due, so that whoever holds the claim looks at them, for as long
 * as the lease lasts. A lease saves effort; correctness is the guarded command's. Never: what is to be done with them.
 */

import type { Turn } from './close-due-orders.ts'
import type { Statements } from './db/db.ts'
import { type Order, type OrderRow, orderColumns, readOrder } from './order.ts'
import { type Refund, type RefundRow, readRefund, refundColumns } from './refund.ts'
import type { LanePlace } from './tell-lane.ts'

export interface ClaimAsked extends LanePlace {
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
 */
async function claimDue<Row>(
  db: Statements,
  table: 'orders' | 'refunds',
  columns: string,
  { part, clock, dueBy, wall, leaseUntil, claim, limit }: ClaimAsked,
  alsoIf = 'true',
): Promise<Row[]> {
  const rows = await db.rows<Row & { due_at: Date }>(
    `update ${table} o set lease_until = $5, claim = $6
     where o.part = $1 and o.ctid = any(array(
       select x.ctid from ${table} x
       where x.part = $1 and x.clock = $2 and x.due_at <= $3 and (x.lease_until is null or x.lease_until < $4)
         and ${alsoIf}
       order by x.due_at limit $7 for update skip locked))
     returning o.due_at, ${columns}`,
    [part, clock, dueBy, wall, leaseUntil, claim, limit],
    { freshPlan: true },
  )
  return rows.sort((a, b) => a.due_at.getTime() - b.due_at.getTime())
}

/**
 * @returns the orders claimed, longest due first
 * @throws LedgerUnavailable nothing is known; whatever was claimed is free again when its lease ends
 */
export const claimDueOrders = async (db: Statements, asked: ClaimAsked): Promise<Order[]> =>
  (await claimDue<OrderRow>(db, 'orders', orderColumns('o'), asked)).map(readOrder)

/**
 * So many of each of these merchants, `limit` in all: whoever has a hundred thousand due takes nobody's turn.
 * @throws LedgerUnavailable as {@link claimDueOrders}
 */
export async function claimOrdersInTurn(
  db: Statements,
  { part, clock, dueBy, wall, leaseUntil, claim, limit }: ClaimAsked,
  turns: readonly Turn[],
): Promise<Order[]> {
  const rows = await db.rows<OrderRow>(
    `update orders o set lease_until = $5, claim = $6
     where o.part = $1 and o.ctid = any(array(
       select d.tid from unnest($8::text[], $9::text[]) as t(env_id, sub_mch_id)
       cross join lateral (
         select x.ctid as tid from orders x
         where x.part = $1 and x.clock = $2 and x.env_id = t.env_id and x.sub_mch_id = t.sub_mch_id
           and x.due_at <= $3 and (x.lease_until is null or x.lease_until < $4)
         order by x.due_at limit $10 for update skip locked) d
       limit $7))
     returning ${orderColumns('o')}`,
    [
      part,
      clock,
      dueBy,
      wall,
      leaseUntil,
      claim,
      limit,
      turns.map(({ envId }) => envId),
      turns.map(({ subMchId }) => subMchId),
      Math.ceil(limit / Math.max(1, turns.length)),
    ],
    { freshPlan: true },
  )
  return rows.map(readOrder)
}

/** Of these only those with a payment that came too late. */
export const claimDueLate = async (db: Statements, asked: ClaimAsked): Promise<Order[]> =>
  (await claimDue<OrderRow>(db, 'orders', orderColumns('o'), asked, 'x.late is not null')).map(readOrder)

/** @returns the refunds claimed, longest due first; @throws LedgerUnavailable as {@link claimDueOrders} */
export const claimDueRefunds = async (db: Statements, asked: ClaimAsked): Promise<Refund[]> =>
  (await claimDue<RefundRow>(db, 'refunds', refundColumns('o'), asked)).map(readRefund)

/** Claims one order that is due, by its key: for a caller that waits for it. Others claim what is due (money-lane.ts). */
import type { Statements } from './db/db.ts'
import { type Order, type OrderRow, orderColumns, readOrder } from './order.ts'
import type { OrderKey } from './order-key.ts'

export interface ClaimOne {
  readonly key: OrderKey
  /** On its clock. */
  readonly now: Date
  /** Real time. */
  readonly wall: Date
  readonly leaseUntil: Date
  readonly claim: string
}

/** @returns undefined: it is not due, or somebody holds it. @throws LedgerUnavailable whatever was claimed is free in time */
export async function claimOrder(
  db: Statements,
  { key, now, wall, leaseUntil, claim }: ClaimOne,
): Promise<Order | undefined> {
  const rows = await db.rows<OrderRow>(
    `update orders o set lease_until = $7, claim = $8
     where o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3 and o.out_trade_no = $4
       and o.due_at <= $5 and (o.lease_until is null or o.lease_until < $6)
     returning ${orderColumns('o')}`,
    [key.part, key.envId, key.subMchId, key.outTradeNo, now, wall, leaseUntil, claim],
  )
  return rows[0] === undefined ? undefined : readOrder(rows[0])
}

/**
 * Gives a claim back: all at once, or what is left of it where a command moved the row meanwhile and kept only the lease, so
 * that nobody closed what was being made.
 */
export const releaseOrder = (db: Statements, key: OrderKey, claim: string, leaseUntil: Date) =>
  db.rows(
    `update orders o set lease_until = null, claim = null
     where o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3 and o.out_trade_no = $4
       and o.lease_until = $6 and (o.claim = $5 or o.claim is null)`,
    [key.part, key.envId, key.subMchId, key.outTradeNo, claim, leaseUntil],
  )

/** Claims one order, or one refund, that is due, by its key: for a caller that waits for it. Others claim what is due (money-lane.ts). */
import type { Statements } from './db/db.ts'
import { type Order, type OrderRow, orderColumns, readOrder } from './order.ts'
import type { OrderKey } from './order-key.ts'
import { type Refund, type RefundKey, type RefundRow, readRefund, refundColumns } from './refund.ts'

export interface ClaimOne {
  /** On its clock. */
  readonly now: Date
  /** Real time: a lease that ended before it is nobody's. */
  readonly wall: Date
  /** Real time. */
  readonly leaseUntil: Date
  /** Names this claim: results are written only where it still stands. */
  readonly claim: string
}

type Whose = Pick<OrderKey, 'part' | 'envId' | 'subMchId'>

async function claimByKey<Row>(
  db: Statements,
  [table, numberColumn, columns]: readonly ['orders' | 'refunds', string, string],
  { part, envId, subMchId }: Whose,
  number: string,
  { now, wall, leaseUntil, claim }: ClaimOne,
): Promise<Row | undefined> {
  const rows = await db.rows<Row & object>(
    `update ${table} o set lease_until = $7, claim = $8
     where o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3 and o.${numberColumn} = $4
       and o.due_at <= $5 and (o.lease_until is null or o.lease_until < $6)
     returning ${columns}`,
    [part, envId, subMchId, number, now, wall, leaseUntil, claim],
  )
  return rows[0]
}

/** @returns undefined: it is not due, or somebody holds it. @throws LedgerUnavailable whatever was claimed is free in time */
export async function claimOrder(db: Statements, key: OrderKey, one: ClaimOne): Promise<Order | undefined> {
  const place = ['orders', 'out_trade_no', orderColumns('o')] as const
  const row = await claimByKey<OrderRow>(db, place, key, key.outTradeNo, one)
  return row === undefined ? undefined : readOrder(row)
}

/** The same of a refund. */
export async function claimRefund(
  db: Statements,
  key: RefundKey,
  one: ClaimOne,
): Promise<Refund | undefined> {
  const place = ['refunds', 'out_refund_no', refundColumns('o')] as const
  const row = await claimByKey<RefundRow>(db, place, key, key.outRefundNo, one)
  return row === undefined ? undefined : readRefund(row)
}

/**
 * Gives an order back: all at once, or what is left of the claim where a command moved the row meanwhile and kept only the
 * lease, so that nobody closed what was being made.
 */
export const releaseOrder = (
  db: Statements,
  key: OrderKey,
  { claim, leaseUntil }: Pick<ClaimOne, 'claim' | 'leaseUntil'>,
) =>
  db.rows(
    `update orders o set lease_until = null, claim = null
     where o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3 and o.out_trade_no = $4
       and o.lease_until = $6 and (o.claim = $5 or o.claim is null)`,
    [key.part, key.envId, key.subMchId, key.outTradeNo, claim, leaseUntil],
  )

/**
 * Purchases: their rows, and which of their attempts is paid. Locked before its orders, by whoever changes which attempt is
 * live, or whose payment stays. That no two attempts are paid is an index's to promise (`orders_paid_once`).
 */
import type { Statements } from './db/db.ts'
import type { Order } from './order.ts'
import type { OrderKey } from './order-key.ts'

/** Whose purchase. */
export type Whose = Pick<OrderKey, 'part' | 'envId' | 'subMchId'>

/** @returns the number of its live attempt */
export async function lockPurchase(
  tx: Statements,
  { part, envId, subMchId }: Whose,
  purchase: string,
): Promise<string | undefined> {
  const rows = await tx.rows<{ live: string }>(
    `select p.live from purchases p
     where p.part = $1 and p.env_id = $2 and p.sub_mch_id = $3 and p.purchase = $4 for update`,
    [part, envId, subMchId, purchase],
  )
  return rows[0]?.live
}

/**
 * The attempt whose payment stays; undefined: none was paid. The purchase must be locked by whoever acts on it, or this is
 * only a guess. Where an attempt is paid without its purchase (the sandbox) the attempts that may be are locked too, in the
 * order of every batch: by bytes, whatever the collation of the database.
 */
export async function findWinner(
  db: Statements,
  { part, envId, subMchId }: Whose,
  purchase: string,
  lock: '' | 'for update' = '',
): Promise<string | undefined> {
  const rows = await db.rows<{ out_trade_no: string; state: string }>(
    `select o.out_trade_no, o.state from orders o
     where o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3 and o.purchase = $4 and o.state <> 'CLOSED'
     order by o.out_trade_no collate "C" ${lock}`,
    [part, envId, subMchId, purchase],
  )
  return rows.find(({ state }) => state === 'SUCCESS' || state === 'REFUND')?.out_trade_no
}

const waitsForAPerson = ({ late }: Pick<Order, 'late'>) => late !== undefined && late.decision === undefined

/** Whether a person has to decide of a late payment of it: it may stay. @returns its number */
export const undecidedOf = (order: Order | undefined): string | undefined =>
  order !== undefined && waitsForAPerson(order) ? order.outTradeNo : undefined

/** The attempt with a late payment of which a person has to decide. The purchase must be locked, or this is only a guess. */
export async function findUndecided(
  db: Statements,
  { part, envId, subMchId }: Whose,
  purchase: string,
): Promise<string | undefined> {
  const [row] = await db.rows<{ out_trade_no: string }>(
    `select o.out_trade_no from orders o
     where o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3 and o.purchase = $4
       and o.late is not null and o.late -> 'decision' is null limit 1`,
    [part, envId, subMchId, purchase],
  )
  return row?.out_trade_no
}

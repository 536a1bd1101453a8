/** Closes orders. */
import { carryOut } from './carry-out.ts'
import type { Db, Statements } from './db/db.ts'
import { type Asked, heldParams, heldRows } from './held-rows.ts'
import { type Order, type OrderKey, type OrderRow, orderColumns, readOrder } from './order.ts'
import { partOf } from './parts.ts'
import { targetOf } from './rules.ts'

/**
 * Closes what may be closed: one statement, one row an order. Final: nothing leaves CLOSED.
 *
 * @param part all rows of `batch` belong to it
 * @param batch sorted by key, no key twice
 * @returns the orders that moved; the others were paid or closed before, are too young, unknown, or were touched
 * @throws LedgerUnavailable nothing is known of any row; repeat with the same command ids
 */
const closeOrders = async (db: Statements, part: number, batch: readonly Asked[]): Promise<Order[]> =>
  (
    await db.rows<OrderRow>(
      `update orders o
       set state = '${targetOf('close')}', closed_at = h.at, due_at = null, lease_until = null, claim = null,
           command_id = h.command_id, seq = o.seq + 1, history = o.history || h.event
       from (${heldRows('close')}) h
       where o.part = $1 and o.ctid = h.tid
       returning ${orderColumns('o')}`,
      heldParams(part, batch, 'closed'),
    )
  ).map(readOrder)

/** @param asked `at` is the environment's clock: not before the order's `closableFrom` */
export const closeOrder = (db: Db, asked: Asked) =>
  carryOut(db, {
    kind: 'close',
    asked,
    attempt: async (on) => (await closeOrders(on, partOf(asked.envId, asked.subMchId), [asked]))[0],
  })

/**
 * Remembers a number that was never ordered as closed, so that a create that arrives late is refused.
 * @returns false when the number exists by now: ask again
 */
export async function rememberClosed(
  db: Statements,
  asked: Asked & OrderKey,
  clock: string,
): Promise<boolean> {
  const rows = await db.rows(
    `insert into orders (part, env_id, sub_mch_id, out_trade_no, state, clock, seq, command_id,
       created_at, closed_at, history, notices)
     select p.part, u.env_id, u.sub_mch_id, u.out_trade_no, '${targetOf('close')}', u.clock, 1, u.command_id,
       u.at, u.at, jsonb_build_array(u.event), '[]'
     from parts p, unnest($2::text[], $3::text[], $4::text[], $5::uuid[], $6::timestamptz[], $7::jsonb[], $8::text[])
       as u(env_id, sub_mch_id, out_trade_no, command_id, at, event, clock)
     where p.part = $1
     on conflict do nothing
     returning seq`,
    [...heldParams(partOf(asked.envId, asked.subMchId), [asked], 'remembered'), [clock]],
  )
  return rows.length > 0
}

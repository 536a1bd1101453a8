/** Closes orders. */
import { carryOut } from './carry-out.ts'
import type { BatchKind } from './db/batcher.ts'
import { type Asked, heldParams, heldRows } from './held-rows.ts'
import type { Ledger } from './ledger.ts'
import { orderColumns, overOrders } from './order.ts'
import { keyText } from './order-key.ts'
import { targetOf } from './rules.ts'

/** Closes what may be closed: one statement, one row an order. Final: nothing leaves CLOSED. */
export const closeOrders = overOrders<Asked>('close', (db, part, batch) =>
  db.rows(
    `update orders o
     set state = '${targetOf('close')}', closed_at = h.at, due_at = null, lease_until = null, claim = null,
         command_id = h.command_id, seq = o.seq + 1, history = o.history || h.event
     from (${heldRows('close')}) h
     where o.part = $1 and o.ctid = h.tid
     returning ${orderColumns('o')}`,
    heldParams(part, batch, 'closed', { by: 'caller' }),
  ),
)

/**
 * @param asked `at` is the environment's clock: not before the order's `closableFrom`
 * @throws LedgerUnavailable nothing is known; the same call is safe
 */
export const closeOrder = (ledger: Ledger, asked: Asked) =>
  carryOut(ledger, { kind: 'close', asked, statement: closeOrders })

/** A number to remember, on the clock of its environment. */
interface Remember extends Asked {
  readonly clock: string
}

export const rememberNumbers: BatchKind<Remember, true> = {
  name: 'remember',
  partOf: (asked) => asked.part,
  keyOf: keyText,
  run: async (db, part, batch) => {
    const rows = await db.rows<{ command_id: string }>(
      `insert into orders as o (part, env_id, sub_mch_id, out_trade_no, state, clock, seq, command_id,
         created_at, closed_at, history, notices)
       select p.part, u.env_id, u.sub_mch_id, u.out_trade_no, '${targetOf('close')}', u.clock, 1, u.command_id,
         u.at, u.at, jsonb_build_array(u.event), '[]'
       from parts p, unnest($2::text[], $3::text[], $4::text[], $5::uuid[], $6::timestamptz[], $7::jsonb[], $8::text[])
         as u(env_id, sub_mch_id, out_trade_no, command_id, at, event, clock)
       where p.part = $1
       on conflict do nothing
       returning o.command_id`,
      [...heldParams(part, batch, 'remembered'), batch.map((row) => row.clock)],
    )
    const inserted = new Set(rows.map((row) => row.command_id))
    return batch.map((row) => (inserted.has(row.commandId) ? true : undefined))
  },
}

/**
 * Remembers a number that was never ordered as closed, so that a create that arrives late is refused.
 * @returns false when the number exists by now: ask again
 * @throws LedgerUnavailable nothing is known; the same call is safe
 */
export const rememberClosed = async (ledger: Ledger, asked: Remember): Promise<boolean> =>
  (await ledger.batcher.send(rememberNumbers, asked)) === true

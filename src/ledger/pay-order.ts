/** Marks orders paid. */
import { carryOut } from './carry-out.ts'
import { type Asked, heldParams, heldRows } from './held-rows.ts'
import type { Ledger } from './ledger.ts'
import { orderColumns, overOrders } from './order.ts'
import { targetOf } from './rules.ts'

export interface Pay extends Asked {
  /** Pay through this prepay only: refused when a fresh one has taken its place. */
  readonly prepayId: string | undefined
  readonly transactionId: string
  readonly payerOpenid: string
  readonly bankType: string
}

/** Marks orders paid: one statement, one row an order. `at` becomes `paid_at`. */
export const payOrders = overOrders<Pay>('pay', (db, part, batch) =>
  db.rows(
    `update orders o
     set state = '${targetOf('pay')}', paid_at = h.at, transaction_id = h.transaction_id,
         payer_openid = h.payer_openid, bank_type = h.bank_type,
         due_at = null, lease_until = null, claim = null,
         command_id = h.command_id, seq = o.seq + 1, history = o.history || h.event
     from (${heldRows(
       'pay',
       { prepay_id: 'text', transaction_id: 'text', payer_openid: 'text', bank_type: 'text' },
       '(asked.prepay_id is null or asked.prepay_id = held.prepay_id)',
     )}) h
     where o.part = $1 and o.ctid = h.tid
     returning ${orderColumns('o')}`,
    [
      ...heldParams(part, batch, 'paid'),
      batch.map((row) => row.prepayId ?? null),
      batch.map((row) => row.transactionId),
      batch.map((row) => row.payerOpenid),
      batch.map((row) => row.bankType),
    ],
  ),
)

/**
 * @param asked `at` is the environment's clock: before the order's `payableUntil`
 * @throws LedgerUnavailable nothing is known: the order tells
 */
export const payOrder = (ledger: Ledger, asked: Pay) =>
  carryOut(ledger, {
    kind: 'pay',
    asked,
    statement: payOrders,
    otherRefusal: (order) =>
      asked.prepayId !== undefined && order.prepayId !== asked.prepayId ? 'prepay-replaced' : undefined,
  })

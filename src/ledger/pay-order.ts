/** Marks orders paid. */
import { carryOut } from './carry-out.ts'
import { refundableUntil } from './deadlines.ts'
import { type Asked, heldParams, heldRows } from './held-rows.ts'
import type { Ledger } from './ledger.ts'
import type { Notice } from './notices.ts'
import { orderColumns, overOrders } from './order.ts'
import { targetOf } from './rules.ts'

export interface Pay extends Asked {
  /** Pay through this prepay only: refused when a fresh one has taken its place. */
  readonly prepayId: string | undefined
  readonly transactionId: string
  readonly payerOpenid: string
  readonly bankType: string
  /** Told of the payment, where somebody asked to be told; due with it, in the same statement. */
  readonly notice: Notice | undefined
}

/** Marks orders paid and makes their notices due: one statement, one row an order. `at` becomes `paid_at`. */
export const payOrders = overOrders<Pay>('pay', (db, part, batch) =>
  db.rows(
    `update orders o
     set state = '${targetOf('pay')}', paid_at = h.at, transaction_id = h.transaction_id,
         payer_openid = h.payer_openid, bank_type = h.bank_type,
         refundable_until = h.refundable_until, notices = o.notices || coalesce(h.notice, '[]'), told = h.told,
         tell_at = h.tell_at, noticed_at = case when h.notice is null then null else h.at end,
         due_at = null, lease_until = null, claim = null,
         command_id = h.command_id, seq = o.seq + 1, history = o.history || h.event
     from (${heldRows(
       'pay',
       {
         prepay_id: 'text',
         transaction_id: 'text',
         payer_openid: 'text',
         bank_type: 'text',
         refundable_until: 'timestamptz',
         notice: 'jsonb',
         told: 'text',
         tell_at: 'timestamptz',
       },
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
      batch.map((row) => refundableUntil(row.at)),
      batch.map((row) => (row.notice === undefined ? null : JSON.stringify(row.notice))),
      batch.map((row) => row.notice?.state ?? null),
      batch.map((row) => row.notice?.next ?? null),
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
    // A refund may have come in between.
    won: (order) => order.transactionId === asked.transactionId,
    otherRefusal: (order) =>
      asked.prepayId !== undefined && order.prepayId !== asked.prepayId ? 'prepay-replaced' : undefined,
  })

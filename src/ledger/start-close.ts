/** Commands on an order whose channel has to be asked: they say what is to be; the engine finds out when it is. */
import { carryOut } from './carry-out.ts'
import { type Asked, heldParams, heldRows } from './held-rows.ts'
import type { Ledger } from './ledger.ts'
import { orderColumns, overOrders } from './order.ts'
import type { OrderKey } from './order-key.ts'
import { guardSql, targetOf } from './rules.ts'
import { asksToClose } from './settle-asked.ts'

interface StartClose extends Asked {
  /** What was sent of it may still take effect before this moment. */
  readonly unsureUntil: Date
}

/** To be closed, durably: from now on its prepay is handed out no more. */
export const startCloses = overOrders<StartClose>('startClose', (db, part, batch) =>
  db.rows(
    `update orders o
     set state = '${targetOf('startClose')}', due_at = h.at, asking = ${asksToClose('o', 'h.unsure_until')},
         claim = null, command_id = h.command_id, seq = o.seq + 1, history = o.history || h.event
     from (${heldRows('startClose', { unsure_until: 'text' })}) h
     where o.part = $1 and o.ctid = h.tid
     returning ${orderColumns('o')}`,
    [
      ...heldParams(part, batch, 'closing', { by: 'caller' }),
      batch.map(({ unsureUntil }) => unsureUntil.toISOString()),
    ],
  ),
)

/**
 * @param asked `at` is the environment's clock: not before the order's `closableFrom`
 * @throws LedgerUnavailable nothing is known; the same call is safe
 */
export const startClose = (ledger: Ledger, asked: StartClose) =>
  carryOut(ledger, { kind: 'startClose', asked, statement: startCloses })

/** An unpaid order whose prepay is over is to be made once more: only the channel hands out a fresh one. */
export const askForPrepay = ({ db }: Ledger, key: OrderKey, at: Date, commandId: string) =>
  db.rows(
    `update orders o
     set state = 'CREATING', due_at = $5, asking = o.asking || '{"sent": true, "next": "create", "tries": 0}',
         lease_until = null, claim = null, command_id = $6, seq = o.seq + 1
     where o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3 and o.out_trade_no = $4
       and (${guardSql('renew', 'o', '$5::timestamptz')}) and o.asking is not null`,
    [key.part, key.envId, key.subMchId, key.outTradeNo, at, commandId],
  )

/** Somebody says that it was paid: that moves no money, but it is asked for at once. */
export const hintPaid = ({ db }: Ledger, key: OrderKey, at: Date) =>
  db.rows(
    `update orders o
     set due_at = least(o.due_at, $5), asking = o.asking || jsonb_build_object('hintedAt', $6::text)
     where o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3 and o.out_trade_no = $4
       and o.state in ('NOTPAY', 'CLOSED') and o.asking is not null and o.late is null`,
    [key.part, key.envId, key.subMchId, key.outTradeNo, at, at.toISOString()],
  )

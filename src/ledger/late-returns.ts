/** The returns of a payment that came too late: what is on its way back, and what is written of it. Never: when. */
import type { Late } from './asking.ts'
import type { Statements } from './db/db.ts'
import type { HistoryEvent } from './order.ts'
import type { OrderKey } from './order-key.ts'
import type { RefundState } from './refund-rules.ts'

export interface Returned {
  readonly outRefundNo: string
  readonly state: RefundState
  readonly refundFee: number
}

/** All refunds of an order: there are fifty at most. */
export async function returnsOf(
  db: Statements,
  { part, envId, subMchId, outTradeNo }: OrderKey,
): Promise<Returned[]> {
  const rows = await db.rows<{ out_refund_no: string; state: RefundState; refund_fee: number }>(
    `select r.out_refund_no, r.state, r.refund_fee from refunds r
     where r.part = $1 and r.env_id = $2 and r.sub_mch_id = $3 and r.out_trade_no = $4 order by r.place`,
    [part, envId, subMchId, outTradeNo],
  )
  return rows.map((row) => ({
    outRefundNo: row.out_refund_no,
    state: row.state,
    refundFee: row.refund_fee,
  }))
}

export interface LateStep {
  readonly key: OrderKey
  readonly claim: string
  readonly commandId: string
  readonly change: Partial<Late>
  readonly due: Date | undefined
  readonly events: readonly HistoryEvent[]
}

/** Written only where the claim still stands. What a merchant or a person decided meanwhile stays. */
export const writeLate = (db: Statements, { key, claim, commandId, change, due, events }: LateStep) =>
  db.rows(
    `update orders o
     set late = o.late || $5::jsonb, due_at = $6, lease_until = null, claim = null, command_id = $7, seq = o.seq + 1,
         history = o.history || $8::jsonb
     where o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3 and o.out_trade_no = $4
       and o.claim = $9 and o.late is not null
     returning o.seq`,
    [
      key.part,
      key.envId,
      key.subMchId,
      key.outTradeNo,
      JSON.stringify(change),
      due ?? null,
      commandId,
      JSON.stringify(events),
      claim,
    ],
  )

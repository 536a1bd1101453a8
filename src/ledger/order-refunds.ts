/** What hangs on an order, for people who look: its refunds with their notices. Changes nothing. */
import type { Statements } from './db/db.ts'
import type { Notice } from './notices.ts'
import type { OrderKey } from './order-key.ts'
import { type Refund, type RefundRow, readRefund, refundColumns } from './refund.ts'

export interface ToldRefund {
  readonly refund: Refund
  readonly notices: readonly Notice[]
}

/** An order has at most fifty. The newest first. @throws LedgerUnavailable */
export async function listOrderRefunds(
  db: Statements,
  { part, envId, subMchId, outTradeNo }: OrderKey,
): Promise<ToldRefund[]> {
  const rows = await db.rows<RefundRow & { notices: Notice[] }>(
    `select ${refundColumns('r')}, r.notices from refunds r
     where r.part = $1 and r.env_id = $2 and r.sub_mch_id = $3 and r.out_trade_no = $4
     order by r.place desc`,
    [part, envId, subMchId, outTradeNo],
  )
  return rows.map(({ notices, ...row }) => ({ refund: readRefund(row), notices }))
}

/** Writes what came of a step with a refund whose channel has to be asked, only where the claim still stands. */
import type { AskingRefund } from './asking.ts'
import type { Statements } from './db/db.ts'
import { type Refund, type RefundKey, type RefundRow, readRefund, refundColumns } from './refund.ts'

export interface RefundStep {
  readonly key: RefundKey
  readonly claim: string
  readonly asking: AskingRefund
  readonly refundId?: string | undefined
  /** Left out: the claim goes on. */
  readonly due?: Date
}

/** @returns undefined: the claim is lost. @throws LedgerUnavailable nothing is known; it is due again when the lease ends */
export async function writeRefundStep(
  db: Statements,
  { key, claim, asking, refundId, due }: RefundStep,
): Promise<Refund | undefined> {
  const rows = await db.rows<RefundRow>(
    `update refunds r
     set asking = $5::jsonb, refund_id = coalesce($6, r.refund_id), due_at = coalesce($7, r.due_at),
         lease_until = case when $7::timestamptz is null then r.lease_until end,
         claim = case when $7::timestamptz is null then r.claim end, seq = r.seq + 1
     where r.part = $1 and r.env_id = $2 and r.sub_mch_id = $3 and r.out_refund_no = $4
       and r.claim = $8 and r.state = 'PROCESSING'
     returning ${refundColumns('r')}`,
    [
      key.part,
      key.envId,
      key.subMchId,
      key.outRefundNo,
      JSON.stringify(asking),
      refundId ?? null,
      due ?? null,
      claim,
    ],
  )
  return rows[0] === undefined ? undefined : readRefund(rows[0])
}

/** The lane of money, as far as refunds go: settles those whose outcome is due, as the channel says. */
import { noticeOf, resultOf } from '../channels/sandbox/refund.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { claimDueRefunds } from '../ledger/money-lane.ts'
import type { Refund } from '../ledger/refund.ts'
import type { RefundResult } from '../ledger/refund-rules.ts'
import { settleRefund } from '../ledger/settle-refund.ts'
import type { LanePlace } from '../ledger/tell-lane.ts'
import { newCommandId, type World } from '../ledger/world.ts'

/** Settling one takes a statement or two: what a dead worker claimed is soon free again. */
const leaseMs = 10_000
/** Of one look; what is left waits for the next. */
const mostAtOnce = 64

interface Means {
  readonly ledger: Ledger
  readonly world: World
}

/** @param at on the environment's clock. @throws LedgerUnavailable nothing is known; the same call is safe */
export const settle = (
  { ledger, world }: Means,
  part: number,
  refund: Refund,
  result: RefundResult,
  at: Date,
) =>
  settleRefund(ledger, {
    part,
    envId: refund.envId,
    subMchId: refund.subMchId,
    outRefundNo: refund.outRefundNo,
    outTradeNo: refund.outTradeNo,
    commandId: newCommandId(world),
    at,
    result,
    notice: noticeOf(refund, result, at),
  })

/** @returns how many were looked at. @throws LedgerUnavailable those that are left are due as before */
export async function settleDueRefunds(means: Means, { part, clock }: LanePlace, now: Date): Promise<number> {
  const { ledger, world } = means
  const wall = world.wallClock()
  const claimed = await claimDueRefunds(ledger.db, {
    part,
    clock,
    dueBy: now,
    wall,
    leaseUntil: new Date(wall.getTime() + leaseMs),
    claim: newCommandId(world),
    limit: mostAtOnce,
  })
  await Promise.all(claimed.map((refund) => settle(means, part, refund, resultOf(refund), now)))
  return claimed.length
}

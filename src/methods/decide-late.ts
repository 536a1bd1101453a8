/** A person decides what becomes of a payment that came too late: it stays, or it goes back. Idempotent. */
import { firstNotice } from '../channels/sandbox/first-notice.ts'
import type { LateDecision } from '../ledger/asking.ts'
import { environmentTime } from '../ledger/clocks.ts'
import type { Environment } from '../ledger/environments.ts'
import { tellTarget } from '../ledger/notices.ts'
import { findOrder } from '../ledger/order.ts'
import { orderKey } from '../ledger/order-key.ts'
import { type DecidedLate, decideLate as decideInLedger } from '../ledger/record-late.ts'
import { newCommandId } from '../ledger/world.ts'
import type { Services } from './services.ts'

interface Asked {
  readonly subMchId: string
  readonly outTradeNo: string
  readonly decision: LateDecision
}

/** @throws LedgerUnavailable nothing is known; the same call is safe */
export async function decideLate(
  services: Services,
  environment: Environment,
  { subMchId, outTradeNo, decision }: Asked,
): Promise<DecidedLate> {
  const { ledger, world } = services
  const key = orderKey(ledger, environment.envId, subMchId, outTradeNo)
  const order = await findOrder(ledger, key)
  if (order === undefined) return { refused: 'not-found' }
  // A number that was only remembered as closed: nobody could pay it.
  if (order.request === undefined) return { refused: 'not-late', order }
  const at = await environmentTime(ledger, environment, world.wallClock())
  const decided = await decideInLedger(ledger, {
    key,
    commandId: newCommandId(world),
    at,
    decision,
    // Told as paid once it is; one that goes back is told of as a refund is.
    notice: tellTarget(order.request) === null ? undefined : firstNotice({ kind: 'paid' }, at, order.faults),
  })
  services.workIsDue()
  return decided
}

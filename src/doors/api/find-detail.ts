/** One order with all that became of it, gathered from where it stands. */
import type { z } from 'zod'
import { listDeliveries } from '../../ledger/deliveries.ts'
import { findEvidence } from '../../ledger/order-evidence.ts'
import type { OrderKey } from '../../ledger/order-key.ts'
import { listOrderRefunds } from '../../ledger/order-refunds.ts'
import { listRequests } from '../../ledger/requests.ts'
import type { orderDetail } from '../../protocol/api/order-detail.ts'
import type { DoorServices } from '../door-services.ts'
import { orderDetailView } from './order-view.ts'

/** Nobody reads more. */
const mostAttempts = 100
const mostCalls = 50

/** @returns undefined: there is no such order; @throws LedgerUnavailable */
export async function findDetail(
  { ledger, publicUrl }: Pick<DoorServices, 'ledger' | 'publicUrl'>,
  key: OrderKey,
): Promise<z.output<typeof orderDetail> | undefined> {
  const { envId, subMchId, outTradeNo } = key
  const [found, refunds, calls] = await Promise.all([
    findEvidence(ledger.db, key),
    listOrderRefunds(ledger.db, key),
    listRequests(ledger, { envId, subMchId, outTradeNo, limit: mostCalls }),
  ])
  if (found === undefined) return undefined
  const told = [
    { subject: 'order', number: outTradeNo } as const,
    ...refunds.map(({ refund }) => ({ subject: 'refund', number: refund.outRefundNo }) as const),
  ]
  const deliveries = await listDeliveries(ledger, key, told, mostAttempts)
  return orderDetailView(found.order, {
    notices: found.notices,
    refunds,
    deliveries,
    calls,
    publicUrl: publicUrl(),
  })
}

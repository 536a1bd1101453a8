/** Counts what happens, for the overview and for whoever watches: from what doors, engine and channels report. */
import type { Call } from '../doors/http.ts'
import type { ClosedDue } from '../ledger/close-due-orders.ts'
import type { Delivery } from '../ledger/deliveries.ts'
import type { Order } from '../ledger/order.ts'
import type { Tallies } from '../ledger/tallies.ts'

/** Of a call that is over: that it came, and what it changed. Repetitions of an order count as orders. */
export function countCall(tallies: Tallies, { envId, routine, outcome, method }: Call): void {
  if (envId === undefined || routine) return
  tallies.count(envId, 'calls')
  if (outcome === 'prepaid' || outcome === 'created') tallies.count(envId, 'ordered')
  if (outcome === 'closed' && method === 'closeOrder') tallies.count(envId, 'closed:caller')
  if (outcome === 'accepted') tallies.count(envId, 'refunded')
}

export function countClosed(tallies: Tallies, orders: readonly ClosedDue[], at: Date): void {
  for (const { envId, why, dueAt } of orders) {
    tallies.count(envId, `closed:${why}`)
    tallies.count(envId, 'lateness', at.getTime() - dueAt.getTime())
  }
}

/** What a channel's word made of an order. */
export function countMoved(tallies: Tallies, before: Order, after: Order, at: Date): void {
  const { envId } = after
  if (after.late !== undefined && before.late === undefined) tallies.count(envId, 'paid-late', after.late.fee)
  if (after.state === before.state) return
  if (after.state === 'SUCCESS') tallies.count(envId, 'paid', after.totalFee)
  if (after.state !== 'CLOSED') return
  const began = after.history.findLast(({ event }) => event === 'closing' || event === 'replaced')
  // What a caller began was counted with its call.
  if (began?.event === 'replaced') tallies.count(envId, 'closed:replaced')
  else if (began?.why !== undefined) tallies.count(envId, `closed:${began.why}`)
  if (began?.due !== undefined) tallies.count(envId, 'lateness', at.getTime() - new Date(began.due).getTime())
}

export const countDelivery = (tallies: Tallies, { envId, outcome }: Delivery): void =>
  tallies.count(envId, outcome === 'acknowledged' ? 'told' : 'not-told')

/** Counts what happens, for the overview and for whoever watches: from what doors, engine and channels report. */
import type { Call } from '../doors/http.ts'
import type { ClosedDue } from '../ledger/close-due-orders.ts'
import type { Delivery } from '../ledger/deliveries.ts'
import type { Notice } from '../ledger/notices.ts'
import type { Order } from '../ledger/order.ts'
import type { Tallies } from '../ledger/tallies.ts'

/** Of a call that is over: that it came, and what it closed. What it made whoever made it counts: a repetition makes nothing. */
export function countCall(tallies: Tallies, { envId, routine, outcome, method }: Call): void {
  if (envId === undefined || routine) return
  tallies.count(envId, 'calls')
  if (outcome === 'closed' && method === 'closeOrder') tallies.count(envId, 'closed:caller')
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

/** @param before the notice as it was: it may be tried often, and is one notice */
export function countDelivery(tallies: Tallies, { envId, outcome }: Delivery, before: Notice): void {
  const isAcknowledged = outcome === 'acknowledged'
  tallies.count(envId, isAcknowledged ? 'told' : 'not-told')
  if (before.attempts === 0) tallies.count(envId, 'notices')
  if (isAcknowledged && before.state !== 'delivered') tallies.count(envId, 'notices-told')
}

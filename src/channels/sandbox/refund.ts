/**
 * The sandbox as whoever returns the money: how long a refund takes, and what comes of it. Never: whether one may be
 * accepted (the ledger decides).
 */
import type { Environment } from '../../ledger/environments.ts'
import { type AskedFault, type Notice, tellTarget } from '../../ledger/notices.ts'
import type { Refund } from '../../ledger/refund.ts'
import type { RefundResult } from '../../ledger/refund-rules.ts'
import { struckBy } from './faults.ts'
import { firstNotice } from './first-notice.ts'

/** When the outcome of a refund that is accepted at `at` is known; at once where its callback shall come first. */
export const refundDueAt = (environment: Environment, at: Date, faults: readonly AskedFault[]): Date =>
  struckBy(faults, 'callback-before-answer') === undefined
    ? new Date(at.getTime() + environment.refundTakes)
    : at

/** What comes of it by itself. */
export function resultOf({ faults }: Refund): RefundResult {
  if (struckBy(faults, 'refund-closed') !== undefined) return 'REFUNDCLOSE'
  return struckBy(faults, 'refund-change') !== undefined ? 'CHANGE' : 'SUCCESS'
}

/** @returns undefined where nobody asked to be told */
export const noticeOf = (refund: Refund, result: RefundResult, at: Date): Notice | undefined =>
  tellTarget(refund.request) === null
    ? undefined
    : firstNotice({ kind: 'refunded', status: result }, at, refund.faults)

/** The times of an order, as pure functions of when it was made: what its row keeps and its guards read. */

/** A prepay_id can be paid for two hours. Source: CloudPay.unifiedOrder page. */
export const prepayLifeMs = 2 * 3_600_000

/** Age at which the system closes what nobody paid. **Inferred**: 7 days (support, 2024); no page says it. */
export const systemLifeMs = 7 * 24 * 3_600_000

/** Minimum age to close. Source: CloudPay.closeOrder page. */
export const minimumCloseAgeMs = 5 * 60_000

/** Least distance of a first `time_expire`. Source: current v2 pages; older ones said five minutes. */
export const leastTimeExpireMs = 60_000

/** How long after its payment an order can be refunded. Source: CloudPay.refund page: one year. */
export const refundableForMs = 365 * 24 * 3_600_000

const later = (at: Date, ms: number) => new Date(at.getTime() + ms)
const earlier = (a: Date, b: Date) => (a < b ? a : b)

export interface PayableTimes {
  /** The prepay can be paid before this moment. */
  readonly payableUntil: Date
  /** The order's own time is up from this moment: it can only be closed. */
  readonly expiresAt: Date
}

/** A fresh prepay at `at` of an order whose own time ends at `expiresAt`. */
export const renewed = (at: Date, expiresAt: Date): PayableTimes => ({
  payableUntil: earlier(later(at, prepayLifeMs), expiresAt),
  expiresAt,
})

/** A new order at `at`. */
export const ordered = (at: Date, timeExpire: Date | undefined): PayableTimes =>
  renewed(at, timeExpire ?? later(at, systemLifeMs))

/** An order taken up again after its own time: `time_expire` is spent, the system's days start anew. */
export const revived = (at: Date): PayableTimes => renewed(at, later(at, systemLifeMs))

/**
 * The first moment at which an order of `at` can be closed. Where the rules do not make it wait that is no moment at
 * all, but ever: a close that read its clock just before the order was made must not be told to come back.
 *
 * @param waits whether the environment's rules make a young order wait
 */
export const closableFrom = (at: Date, waits: boolean): Date =>
  waits ? later(at, minimumCloseAgeMs) : new Date(0)

/** Refunds are accepted before this moment. */
export const refundableUntil = (paidAt: Date): Date => later(paidAt, refundableForMs)

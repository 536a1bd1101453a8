/**
 * The times of an order, as pure functions of when it was made: what its row keeps, its guards read, and the engine looks
 * for.
 */

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

/**
 * Why an order is closed: its own `time_expire`, the environment's `closeAfter`, the system's seven days; because another
 * attempt took its place, or was paid.
 */
export type CloseWhy = 'time_expire' | 'close_after' | 'seven_days' | 'replaced' | 'purchase_paid'

/** What an environment says of orders that nobody pays. */
export interface ClosingRules {
  readonly closeAtTimeExpire: boolean
  /** In milliseconds; undefined: they have no such time. */
  readonly closeAfter?: number | undefined
  readonly closeAfterSevenDays: boolean
}

/** When the engine closes an order, and why; both undefined where it never does. */
export interface Closing {
  readonly closeAt: Date | undefined
  readonly closeWhy: CloseWhy | undefined
}

/** One end of an order's time, and whether the engine closes the order for it. */
interface End {
  readonly why: CloseWhy
  readonly time: Date
  readonly closes: boolean
}

const firstOf = (ends: readonly End[]): End | undefined =>
  ends.reduce<End | undefined>(
    (first, end) => (first === undefined || end.time < first.time ? end : first),
    undefined,
  )

/**
 * Its time is up at the first of its ends, and it is unpayable from then on, whether or not the engine closes it. It is
 * closed at the first end for which that is switched on, and not before the rules let it be closed.
 */
function endingAt(at: Date, ends: readonly End[], closable: Date): PayableTimes & Closing {
  const expiresAt = firstOf(ends)?.time ?? later(at, systemLifeMs)
  const closing = firstOf(ends.filter(({ closes }) => closes))
  return {
    ...renewed(at, expiresAt),
    closeAt: closing === undefined || closing.time >= closable ? closing?.time : closable,
    closeWhy: closing?.why,
  }
}

function endsOf(at: Date, rules: ClosingRules): End[] {
  const { closeAfter, closeAfterSevenDays } = rules
  return [
    ...(closeAfter === undefined
      ? []
      : [{ why: 'close_after', time: later(at, closeAfter), closes: true } as const]),
    { why: 'seven_days', time: later(at, systemLifeMs), closes: closeAfterSevenDays },
  ]
}

/** A new order at `at`. @param closable the first moment at which it can be closed, see {@link closableFrom} */
export function ordered(
  at: Date,
  timeExpire: Date | undefined,
  rules: ClosingRules,
  closable: Date,
): PayableTimes & Closing {
  const own: End[] =
    timeExpire === undefined
      ? []
      : [{ why: 'time_expire', time: timeExpire, closes: rules.closeAtTimeExpire }]
  return endingAt(at, [...own, ...endsOf(at, rules)], closable)
}

/** An order taken up again after its own time: `time_expire` is spent, all other times start anew. */
export const revived = (at: Date, rules: ClosingRules): PayableTimes & Closing =>
  endingAt(at, endsOf(at, rules), at)

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

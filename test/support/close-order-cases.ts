/** The contract of closeOrder by state and profile, for a shop at any door. */
import { closed, ordered, paid } from './orders.ts'
import type { Shop } from './sandbox.ts'

/** What one profile promises of a case. `errCode` undefined: none is documented, none is invented. */
export type Promised = (
  | { readonly result: 'SUCCESS' }
  | { readonly result: 'FAIL'; readonly errCode: string | undefined }
) & { readonly query: string; readonly history: string[] | undefined }

interface CloseOrderCase {
  readonly of: string
  readonly arrange: (shop: Shop, tea: string) => Promise<unknown>
  readonly documented: Promised
  readonly observed: Promised
}

const success = (query: string, history: string[]) => ({ result: 'SUCCESS', query, history }) as const
const fail = (errCode: string | undefined, query: string, history: string[] | undefined) =>
  ({ result: 'FAIL', errCode, query, history }) as const

const both = (promised: Promised) => ({ documented: promised, observed: promised })
const orderedAnd = (duration: string) => async (shop: Shop, tea: string) => {
  await ordered(shop, tea)
  await shop.advance(duration)
}
const wentThrough = ['ordered', 'closed']

export const closeOrderCases: readonly CloseOrderCase[] = [
  {
    of: 'an unpaid order older than five minutes',
    arrange: orderedAnd('5m'),
    ...both(success('CLOSED', wentThrough)),
  },
  {
    of: 'an unpaid order younger than five minutes',
    arrange: ordered,
    documented: fail(undefined, 'NOTPAY', ['ordered']),
    observed: success('CLOSED', wentThrough),
  },
  {
    of: 'a paid order younger than five minutes',
    arrange: paid,
    ...both(fail('ORDERPAID', 'SUCCESS', ['ordered', 'paid'])),
  },
  {
    of: 'a paid order older than five minutes',
    arrange: async (shop, tea) => {
      await paid(shop, tea)
      await shop.advance('10m')
    },
    ...both(fail('ORDERPAID', 'SUCCESS', ['ordered', 'paid'])),
  },
  {
    of: 'an order closed before',
    arrange: closed,
    documented: fail('ORDERCLOSED', 'CLOSED', wentThrough),
    observed: success('CLOSED', wentThrough),
  },
  {
    of: 'an unpaid order whose prepay is too old to be paid',
    arrange: orderedAnd('2h1m'),
    ...both(success('CLOSED', wentThrough)),
  },
  {
    of: 'an unpaid order whose own days are over',
    arrange: orderedAnd('8d'),
    ...both(success('CLOSED', wentThrough)),
  },
  {
    of: 'a number that was never ordered',
    arrange: async () => {},
    documented: fail('ORDERNOTEXIST', 'ORDERNOTEXIST', undefined),
    observed: success('ORDERNOTEXIST', ['remembered']),
  },
]

const told = (promised: Promised) =>
  promised.result === 'SUCCESS' ? 'succeeds' : `is refused ${promised.errCode ?? 'without an err_code'}`

/** One row a case and profile. */
export const closeOrderRows = closeOrderCases.flatMap((row) =>
  (['documented', 'observed'] as const).map((profile) => ({
    of: row.of,
    arrange: row.arrange,
    profile,
    promised: row[profile],
    told: told(row[profile]),
  })),
)

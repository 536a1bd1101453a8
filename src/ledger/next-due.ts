/** What the engine has to do next on a clock, and when: what a person waits for who advances it. Changes nothing. */
import type { Ledger } from './ledger.ts'
import type { OrderState } from './rules.ts'

export interface NextDue {
  readonly at: Date
  /**
   * `close`: an order is to be closed. `tell`: a callback is to be sent. `settle`: what comes of a refund is known. `ask`: the
   * channel is asked about an order. `return`: a late payment is to go back.
   */
  readonly what: 'close' | 'tell' | 'settle' | 'ask' | 'return'
  readonly subMchId: string
  readonly outTradeNo: string
  /** Where it is about a refund. */
  readonly outRefundNo: string | undefined
}

interface Row extends Record<string, unknown> {
  readonly at: Date
  readonly lane: 'due' | 'tell'
  readonly sub_mch_id: string
  readonly out_trade_no: string
  readonly out_refund_no: string | null
  readonly state: OrderState | null
  readonly late: boolean
}

const closes: readonly (OrderState | null)[] = ['NOTPAY', 'CLOSING']

function whatOf({ lane, out_refund_no: refund, state, late }: Row): NextDue['what'] {
  if (lane === 'tell') return 'tell'
  if (refund !== null) return 'settle'
  if (late) return 'return'
  return closes.includes(state) ? 'close' : 'ask'
}

const ofRow = (table: 'orders' | 'refunds') =>
  table === 'orders'
    ? 'null::text as out_refund_no, x.state, x.late is not null as late'
    : 'x.out_refund_no, null::text as state, false as late'

/** Of one table and one lane, the first of each part. */
const first = (table: 'orders' | 'refunds', lane: 'due' | 'tell') =>
  `select y.* from parts p cross join lateral (
     select x.${lane}_at as at, '${lane}' as lane, x.sub_mch_id, x.out_trade_no, ${ofRow(table)}
     from ${table} x where x.part = p.part and x.clock = $1 and x.${lane}_at > $2
     order by x.${lane}_at limit 1) y`

/**
 * @param after what is due by then is being done
 * @returns undefined: nothing waits; @throws LedgerUnavailable
 */
export async function nextDue(
  { db }: Pick<Ledger, 'db'>,
  clock: string,
  after: Date,
): Promise<NextDue | undefined> {
  const [row] = await db.rows<Row>(
    `select n.* from (
       ${first('orders', 'due')} union all ${first('orders', 'tell')} union all
       ${first('refunds', 'due')} union all ${first('refunds', 'tell')}) n
     order by n.at, n.lane limit 1`,
    [clock, after],
    { freshPlan: true },
  )
  if (row === undefined) return undefined
  return {
    at: row.at,
    what: whatOf(row),
    subMchId: row.sub_mch_id,
    outTradeNo: row.out_trade_no,
    outRefundNo: row.out_refund_no ?? undefined,
  }
}

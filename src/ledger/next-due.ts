/** What the engine has to do next on a clock, and when: what a person waits for who advances it. Changes nothing. */
import type { Ledger } from './ledger.ts'
import type { OrderState } from './rules.ts'
import { firstOfTarget, type TellTable, withTargets } from './told-targets.ts'

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

const columnsOf = (table: TellTable, lane: Row['lane']) =>
  `x.${lane}_at as at, '${lane}' as lane, x.sub_mch_id, x.out_trade_no, ${
    table === 'orders'
      ? 'null::text as out_refund_no, x.state, x.late is not null as late'
      : 'x.out_refund_no, null::text as state, false as late'
  }`

/** Of one table, the first of each part that is to be done. */
const firstDue = (table: TellTable) =>
  `select y.* from parts p cross join lateral (
     select ${columnsOf(table, 'due')} from ${table} x
     where x.part = p.part and x.clock = $1 and x.due_at > $2
     order by x.due_at limit 1) y`

/** Of one table, the first of each part that is to be told. */
function firstTold(table: TellTable): string {
  const lane = { part: 'p.part', clock: '$1' }
  return `select y.* from parts p cross join lateral (
    ${withTargets(table, { ...lane, after: "''" })}
    select d.* from t cross join lateral (
      ${firstOfTarget(table, lane, columnsOf(table, 'tell'), 'x.tell_at > $2')}) d
    where t.target is not null order by d.at limit 1) y`
}

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
       ${firstDue('orders')} union all ${firstTold('orders')} union all
       ${firstDue('refunds')} union all ${firstTold('refunds')}) n
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

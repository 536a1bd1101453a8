/** How many orders and notices wait, and which late payments need somebody: for an overview. Changes nothing. */
import type { Ledger } from './ledger.ts'
import type { NoticeState } from './notices.ts'
import { type Order, type OrderRow, orderColumns, readOrder } from './order.ts'

/** Counted no further: an overview says "more than". */
export const mostCounted = 10_000
const mostLate = 50

export interface Standing {
  readonly unpaid: number
  readonly untold: Readonly<Record<Exclude<NoticeState, 'delivered'>, number>>
  /** Wait for a decision, or could not be returned. */
  readonly late: readonly Order[]
}

const untold = { exhausted: 0, undeliverable: 0, failing: 0, pending: 0 }

/** Each through a small index of its own. @throws LedgerUnavailable */
export async function readStanding({ db }: Pick<Ledger, 'db'>, envId: string): Promise<Standing> {
  const [[open], states, late] = await Promise.all([
    db.rows<{ n: number }>(
      `select count(*)::int as n from parts p cross join lateral (
         select 1 from orders x
         where x.part = p.part and x.env_id = $1 and x.paid_at is null and x.closed_at is null limit ${mostCounted}) x`,
      [envId],
      { freshPlan: true },
    ),
    db.rows<{ told: keyof typeof untold; n: number }>(
      ['orders', 'refunds']
        .map(
          (table) => `select x.told, count(*)::int as n from parts p cross join lateral (
             select y.told from ${table} y
             where y.part = p.part and y.env_id = $1 and y.noticed_at is not null
               and y.told is not null and y.told <> 'delivered'
             limit ${mostCounted}) x group by x.told`,
        )
        .join(' union all '),
      [envId],
      { freshPlan: true },
    ),
    db.rows<OrderRow>(
      `select ${orderColumns('x')} from parts p join orders x on x.part = p.part
       where x.env_id = $1 and x.late is not null and x.late -> 'returnedAt' is null
         and x.late ->> 'decision' is distinct from 'adopt'
         and (x.late -> 'decision' is null or x.late -> 'alarm' is not null)
       order by x.created_at desc limit ${mostLate}`,
      [envId],
      { freshPlan: true },
    ),
  ])
  const counted = { ...untold }
  for (const { told, n } of states) counted[told] += n
  return { unpaid: open?.n ?? 0, untold: counted, late: late.map(readOrder) }
}

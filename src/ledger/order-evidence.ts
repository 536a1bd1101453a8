/**
 * What the ledger knows of an order that may be replaced: the row, what is to be done with it, and all attempts at its
 * purchase; read by one statement, so all of one moment. Changes nothing.
 */

import type { Statements } from './db/db.ts'
import type { CloseWhy } from './deadlines.ts'
import type { Notice } from './notices.ts'
import { type Order, type OrderRow, orderColumns, readOrder } from './order.ts'
import type { OrderKey } from './order-key.ts'

export interface OrderEvidence {
  readonly order: Order
  /** When the engine looks at it next for the sake of money, and why. */
  readonly dueAt: Date | undefined
  readonly closeWhy: CloseWhy | undefined
  readonly notices: readonly Notice[]
  /** undefined: it stands alone. */
  readonly purchase: Purchase | undefined
}

export interface Purchase {
  /** Number of the first attempt. */
  readonly purchase: string
  /** Number of the last one. */
  readonly live: string
  readonly count: number
  /** In their order; of a very long chain the first ones, the order itself and the last one. */
  readonly attempts: readonly Order[]
}

interface Row extends OrderRow {
  close_why: CloseWhy | null
  notices: Notice[]
  live: string | null
  attempt_count: number | null
  place: number
}

/** Nobody reads more; the order itself and the live attempt are there all the same. */
const mostAttempts = 200
/** Of those that are there all the same: the order itself, and the live attempt. */
const outOfChain = { itself: mostAttempts + 1, live: mostAttempts + 2 } as const

const byKey = (row: string, number: string) =>
  `${row}.part = $1 and ${row}.env_id = $2 and ${row}.sub_mch_id = $3 and ${row}.out_trade_no = ${number}`

/** A row that stands in the chain and is found once more keeps its place. */
function inOrder(rows: readonly Row[]): Row[] {
  const placed = new Map<string, Row>()
  for (const row of [...rows].sort((a, b) => a.place - b.place)) {
    if (!placed.has(row.out_trade_no)) placed.set(row.out_trade_no, row)
  }
  return [...placed.values()]
}

/**
 * The chain is walked by key from the first attempt on, a probe each.
 * @returns undefined: there is no such order
 * @throws LedgerUnavailable
 */
export async function findEvidence(
  db: Statements,
  { part, envId, subMchId, outTradeNo }: OrderKey,
): Promise<OrderEvidence | undefined> {
  const rows = await db.rows<Row>(
    `with recursive chain(out_trade_no, replaced_by, place) as (
       (select f.out_trade_no, f.replaced_by, 1
        from orders x cross join lateral (
          select y.out_trade_no, y.replaced_by from orders y where ${byKey('y', 'x.purchase')}) f
        where ${byKey('x', '$4')})
       union all
       (select next.out_trade_no, next.replaced_by, c.place + 1
        from chain c cross join lateral (
          select y.out_trade_no, y.replaced_by from orders y where ${byKey('y', 'c.replaced_by')}) next
        where c.place < $5)),
     kept as (
       select p.live, p.attempts, p.purchase from orders x
       join purchases p on p.part = $1 and p.env_id = $2 and p.sub_mch_id = $3 and p.purchase = x.purchase
       where ${byKey('x', '$4')})
     select ${orderColumns('o')}, o.close_why, o.notices, n.place,
       (select k.live from kept k) as live, (select k.attempts from kept k) as attempt_count
     from (select c.out_trade_no, c.place from chain c
           union all select $4::text, ${outOfChain.itself}
           union all select k.live, ${outOfChain.live} from kept k) n
     cross join lateral (
       select ${orderColumns('x')}, x.close_why, x.notices from orders x
       where ${byKey('x', 'n.out_trade_no')}) o`,
    [part, envId, subMchId, outTradeNo, mostAttempts],
    { freshPlan: true },
  )
  const attempts = inOrder(rows)
  const row = attempts.find((one) => one.out_trade_no === outTradeNo)
  if (row === undefined) return undefined
  const order = readOrder(row)
  const { purchase } = order
  return {
    order,
    dueAt: row.due_at ?? undefined,
    closeWhy: row.close_why ?? undefined,
    notices: row.notices,
    purchase:
      purchase === undefined
        ? undefined
        : {
            purchase,
            live: row.live ?? outTradeNo,
            count: row.attempt_count ?? attempts.length,
            attempts: attempts.map(readOrder),
          },
  }
}

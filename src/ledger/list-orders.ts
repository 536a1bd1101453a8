/**
 * Lists orders of one environment, newest first, page by page. Changes nothing. A page begins after a key, so that it
 * costs the same however far down it is, and what is paid or closed meanwhile moves no other.
 */
import type { Statements } from './db/db.ts'
import type { Ledger } from './ledger.ts'
import { type Order, type OrderRow, orderColumns, readOrder } from './order.ts'
import { orderKey } from './order-key.ts'
import type { OrderState } from './rules.ts'

/** Where a page ended: the key of its last order. */
export interface ListPlace {
  readonly createdAt: Date
  readonly subMchId: string
  readonly outTradeNo: string
}

export interface ListOrders {
  readonly envId: string
  readonly subMchId?: string | undefined
  readonly states?: readonly OrderState[] | undefined
  /** Neither paid nor closed; they are few among many, and have an index of their own. */
  readonly unpaid: boolean
  /** From this moment on, and before that one; on the environment's clock. */
  readonly createdFrom?: Date | undefined
  readonly createdBefore?: Date | undefined
  readonly after?: ListPlace | undefined
  readonly limit: number
}

export interface OrdersPage {
  readonly orders: readonly Order[]
  /** Where the next page begins; undefined: there are no more. */
  readonly next: ListPlace | undefined
}

/** The indexes compare by bytes, whatever the database's collation: parts are put together the same way. */
const keyColumns = 'x.created_at, x.sub_mch_id collate "C", x.out_trade_no collate "C"'
const backwards = keyColumns
  .split(', ')
  .map((column) => `${column} desc`)
  .join(', ')

async function listIn(db: Statements, part: number, asked: ListOrders): Promise<Order[]> {
  const { envId, subMchId, states, unpaid, createdFrom, createdBefore, after, limit } = asked
  const params: unknown[] = [part, envId]
  const given = (value: unknown) => `$${params.push(value)}`
  const conditions = ['x.part = $1', 'x.env_id = $2']
  if (subMchId !== undefined) conditions.push(`x.sub_mch_id = ${given(subMchId)}`)
  if (states !== undefined) conditions.push(`x.state = any(${given(states)}::text[])`)
  if (unpaid) conditions.push('x.paid_at is null', 'x.closed_at is null')
  if (createdFrom !== undefined) conditions.push(`x.created_at >= ${given(createdFrom)}`)
  if (createdBefore !== undefined) conditions.push(`x.created_at < ${given(createdBefore)}`)
  if (after !== undefined) {
    const place = `${given(after.createdAt)}::timestamptz, ${given(after.subMchId)}, ${given(after.outTradeNo)}`
    conditions.push(`(${keyColumns}) < (${place})`)
  }
  const rows = await db.rows<OrderRow>(
    `select ${orderColumns('x')} from orders x
     where ${conditions.join(' and ')}
     order by ${backwards} limit ${given(limit)}`,
    params,
    { freshPlan: true },
  )
  return rows.map(readOrder)
}

function newestFirst(a: Order, b: Order): number {
  const byTime = b.createdAt.getTime() - a.createdAt.getTime()
  if (byTime !== 0) return byTime
  if (a.subMchId !== b.subMchId) return a.subMchId < b.subMchId ? 1 : -1
  return a.outTradeNo < b.outTradeNo ? 1 : -1
}

/** @throws LedgerUnavailable */
export async function listOrders(ledger: Ledger, asked: ListOrders): Promise<OrdersPage> {
  const { db, parts } = ledger
  const { envId, subMchId, limit } = asked
  // A merchant is in one part; one order more than asked for tells whether there is a next page.
  const places =
    subMchId === undefined
      ? Array.from({ length: parts }, (_, part) => part)
      : [orderKey(ledger, envId, subMchId, '').part]
  const lists = await Promise.all(places.map((part) => listIn(db, part, { ...asked, limit: limit + 1 })))
  const found = lists.flat().sort(newestFirst)
  const orders = found.slice(0, limit)
  return { orders, next: found.length > limit ? orders.at(-1) : undefined }
}

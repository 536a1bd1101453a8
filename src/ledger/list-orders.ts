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
  /** An exact number of any kind, or the openid of who pays. */
  readonly search?: string | undefined
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

/** Whose key the number may be, each through an index: a probe for every merchant, but for the openid. */
const found = (search: string) => {
  const ofMerchant = (what: string) =>
    `merchants m cross join lateral (select y.* from orders y
       where y.part = $1 and y.env_id = m.env_id and y.sub_mch_id = m.sub_mch_id and ${what}) x`
  const ofRefund = (number: string) =>
    ofMerchant(`y.out_trade_no = (select r.out_trade_no from refunds r
       where r.part = $1 and r.env_id = m.env_id and r.sub_mch_id = m.sub_mch_id and r.${number} = ${search})`)
  return [
    { from: ofMerchant(`y.out_trade_no = ${search}`), where: 'm.env_id = $2' },
    { from: ofMerchant(`y.transaction_id = ${search}`), where: 'm.env_id = $2' },
    { from: ofMerchant(`y.late ->> 'transactionId' = ${search}`), where: 'm.env_id = $2' },
    { from: ofRefund('out_refund_no'), where: 'm.env_id = $2' },
    { from: ofRefund('refund_id'), where: 'm.env_id = $2' },
    { from: 'orders x', where: `x.prepay_id = ${search}` },
    {
      from: 'orders x',
      where: `coalesce(x.payer_openid, x.request ->> 'sub_openid', x.request ->> 'openid') collate "C" = ${search}`,
    },
  ]
}

async function listIn(db: Statements, part: number, asked: ListOrders): Promise<Order[]> {
  const { envId, subMchId, states, search, unpaid, createdFrom, createdBefore, after, limit } = asked
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
  const places =
    search === undefined ? [{ from: 'orders x', where: 'true' }] : found(`${given(search)}::text`)
  const most = given(limit)
  const lists = places.map(
    ({ from, where }) =>
      `(select ${orderColumns('x')} from ${from}
        where ${[where, ...conditions].join(' and ')}
        order by ${backwards} limit ${most})`,
  )
  const rows = await db.rows<OrderRow>(lists.join(' union all '), params, { freshPlan: true })
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
  // A number may be the order's and its refund's.
  const together = new Map(lists.flat().map((order) => [`${order.subMchId}/${order.outTradeNo}`, order]))
  const sorted = [...together.values()].sort(newestFirst)
  const orders = sorted.slice(0, limit)
  return { orders, next: sorted.length > limit ? orders.at(-1) : undefined }
}

/** An order as the ledger holds it: its columns, its type, and the reading of a row. */
import { type CamelKeys, camelKeys } from '../protocol/camel-keys.ts'
import type { UnifiedOrderRequest } from '../protocol/unified-order.ts'
import type { Statements } from './db/db.ts'
import { partOf } from './parts.ts'
import type { OrderState } from './rules.ts'

/** The natural key. `envId` is the tenant that signed, never a name in a body. */
export interface OrderKey {
  readonly envId: string
  readonly subMchId: string
  readonly outTradeNo: string
}

/** One entry of an order's history; `at` on the environment's clock, ISO 8601. */
export interface HistoryEvent {
  readonly event: 'ordered' | 'renewed' | 'revived' | 'paid' | 'closed' | 'remembered'
  readonly at: string
}

/** History is short: what only repeats (`renewed`) stops here, room is kept for events that move money. */
export const historyCap = 32

/** A row as the driver hands it over. */
export interface OrderRow {
  env_id: string
  sub_mch_id: string
  out_trade_no: string
  state: OrderState
  seq: number
  command_id: string
  request: Record<string, unknown> | null
  total_fee: number | null
  prepay_id: string | null
  target_env_id: string | null
  target_function: string | null
  created_at: Date
  closable_from: Date | null
  payable_until: Date | null
  expires_at: Date | null
  paid_at: Date | null
  transaction_id: string | null
  payer_openid: string | null
  bank_type: string | null
  closed_at: Date | null
  history: HistoryEvent[]
}

const columnNames = [
  'env_id',
  'sub_mch_id',
  'out_trade_no',
  'state',
  'seq',
  'command_id',
  'request',
  'total_fee',
  'prepay_id',
  'target_env_id',
  'target_function',
  'created_at',
  'closable_from',
  'payable_until',
  'expires_at',
  'paid_at',
  'transaction_id',
  'payer_openid',
  'bank_type',
  'closed_at',
  'history',
] as const satisfies (keyof OrderRow)[]

/** The columns of {@link Order}, for a `select` or `returning` with the alias `row`. */
export const orderColumns = (row: string) => columnNames.map((name) => `${row}.${name}`).join(', ')

type Known<T> = { [Key in keyof T]: null extends T[Key] ? Exclude<T[Key], null> | undefined : T[Key] }

/**
 * `request` is undefined for a number that was only remembered as closed; it has no amount and no times either.
 */
export type Order = Omit<Known<CamelKeys<OrderRow>>, 'request'> & {
  readonly request: UnifiedOrderRequest | undefined
}

const known = <T extends object>(row: T): Known<T> =>
  Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value ?? undefined])) as Known<T>

/** The request was checked by its schema before it was stored: it is believed here. */
export function readOrder(row: OrderRow): Order {
  const request =
    row.request === null ? undefined : (camelKeys(row.request) as unknown as UnifiedOrderRequest)
  return { ...known(camelKeys(row)), request }
}

const inEnvironment = (key: OrderKey) => [partOf(key.envId, key.subMchId), key.envId, key.subMchId] as const

async function findBy(
  db: Statements,
  condition: string,
  params: readonly unknown[],
): Promise<Order | undefined> {
  const rows = await db.rows<OrderRow>(
    `select ${orderColumns('o')} from orders o where o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3 and ${condition}`,
    params,
  )
  return rows[0] === undefined ? undefined : readOrder(rows[0])
}

export const findOrder = (db: Statements, key: OrderKey) =>
  findBy(db, 'o.out_trade_no = $4', [...inEnvironment(key), key.outTradeNo])

type Merchant = Omit<OrderKey, 'outTradeNo'>

export const findOrderByTransaction = (db: Statements, merchant: Merchant, transactionId: string) =>
  findBy(db, 'o.transaction_id = $4', [...inEnvironment({ ...merchant, outTradeNo: '' }), transactionId])

/** @param part of the id itself: a prepay_id travels alone and carries it */
export async function findOrderByPrepay(
  db: Statements,
  part: number,
  envId: string,
  prepayId: string,
): Promise<Order | undefined> {
  const rows = await db.rows<OrderRow>(
    `select ${orderColumns('o')} from orders o where o.part = $1 and o.prepay_id = $2 and o.env_id = $3`,
    [part, prepayId, envId],
  )
  return rows[0] === undefined ? undefined : readOrder(rows[0])
}

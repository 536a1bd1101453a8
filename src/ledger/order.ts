/** An order as the ledger holds it: its columns, its type, and the reading of a row. */
import type { MadeAs } from '../protocol/answer.ts'
import { type CamelKeys, camelKeys } from '../protocol/camel-keys.ts'
import type { UnifiedOrderRequest } from '../protocol/unified-order.ts'
import type { Asking, Evidence, Late, LateDecision } from './asking.ts'
import type { BatchKind } from './db/batcher.ts'
import type { Statements } from './db/db.ts'
import { type CloseWhy, refundableUntil } from './deadlines.ts'
import type { Ledger } from './ledger.ts'
import type { AskedFault } from './notices.ts'
import { keyText, type OrderKey } from './order-key.ts'
import type { OrderState } from './rules.ts'

/** One entry of an order's history; `at` on the environment's clock, ISO 8601. */
export interface HistoryEvent {
  readonly event:
    | 'ordered'
    | 'renewed'
    | 'revived'
    | 'paid'
    | 'replaced'
    | 'closed'
    | 'remembered'
    | 'refund-accepted'
    | 'refund-closed'
    /** Where the channel has to be asked: it is to be closed; the channel has it; it never will. */
    | 'closing'
    | 'created'
    | 'refused'
    /** A payment that came too late; what was decided; it was returned. */
    | 'paid-late'
    | 'decided'
    | 'returned'
    | 'return-failed'
  readonly at: string
  /** Of `closed`, `closing` and `decided`: who did it. Absent: before it was written down. */
  readonly by?: 'caller' | 'engine' | 'policy' | 'operator'
  /** Of what the engine closed: why. */
  readonly why?: CloseWhy
  /** Of what was closed by way of a channel: how it is known. */
  readonly evidence?: Evidence
  /** Of `refused`: the channel's code. */
  readonly code?: string
  /** Of `decided`. */
  readonly decision?: LateDecision
  /** When it was to be closed, ISO 8601. */
  readonly due?: string
  /** Of `replaced`: the number of the attempt that took its place. */
  readonly successor?: string
  /** Of a refund's events. */
  readonly outRefundNo?: string
  readonly refundFee?: number
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
  made_as: MadeAs | null
  refundable_until: Date | null
  refunded_fee: number
  refund_count: number
  faults: AskedFault[] | null
  purchase: string | null
  replaced_by: string | null
  due_at: Date | null
  asking: Asking | null
  late: Late | null
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
  'made_as',
  'refundable_until',
  'refunded_fee',
  'refund_count',
  'faults',
  'purchase',
  'replaced_by',
  'due_at',
  'asking',
  'late',
  'history',
] as const satisfies (keyof OrderRow)[]

/** The columns of {@link Order}, for a `select` or `returning` with the alias `row`. */
export const orderColumns = (row: string) => columnNames.map((name) => `${row}.${name}`).join(', ')

type Known<T> = { [Key in keyof T]: null extends T[Key] ? Exclude<T[Key], null> | undefined : T[Key] }

/**
 * `request` is undefined for a number that was only remembered as closed; it has no amount and no times either.
 */
export type Order = Omit<Known<CamelKeys<OrderRow>>, 'request' | 'faults'> & {
  readonly request: UnifiedOrderRequest | undefined
  /** Asked for with the order, of its notices. */
  readonly faults: readonly AskedFault[]
}

/**
 * Written out, field by field: every command reads a row, and renaming keys one by one was seen to cost twenty times as
 * much. The request was checked by its schema before it was stored: it is believed here.
 */
export const readOrder = (row: OrderRow): Order => ({
  envId: row.env_id,
  subMchId: row.sub_mch_id,
  outTradeNo: row.out_trade_no,
  state: row.state,
  seq: row.seq,
  commandId: row.command_id,
  request: row.request === null ? undefined : (camelKeys(row.request) as unknown as UnifiedOrderRequest),
  totalFee: row.total_fee ?? undefined,
  prepayId: row.prepay_id ?? undefined,
  targetEnvId: row.target_env_id ?? undefined,
  targetFunction: row.target_function ?? undefined,
  createdAt: row.created_at,
  closableFrom: row.closable_from ?? undefined,
  payableUntil: row.payable_until ?? undefined,
  expiresAt: row.expires_at ?? undefined,
  paidAt: row.paid_at ?? undefined,
  transactionId: row.transaction_id ?? undefined,
  payerOpenid: row.payer_openid ?? undefined,
  bankType: row.bank_type ?? undefined,
  closedAt: row.closed_at ?? undefined,
  madeAs: row.made_as ?? undefined,
  // Orders that an earlier version saw paid have no such column filled in.
  refundableUntil: row.refundable_until ?? (row.paid_at === null ? undefined : refundableUntil(row.paid_at)),
  refundedFee: row.refunded_fee,
  refundCount: row.refund_count,
  faults: row.faults ?? [],
  purchase: row.purchase ?? undefined,
  replacedBy: row.replaced_by ?? undefined,
  dueAt: row.due_at ?? undefined,
  asking: row.asking ?? undefined,
  late: row.late ?? undefined,
  history: row.history,
})

const keyOfRow = (row: OrderRow) =>
  keyText({ part: 0, envId: row.env_id, subMchId: row.sub_mch_id, outTradeNo: row.out_trade_no })

/**
 * A statement over many orders: whatever rows it returns, in any order, each caller gets its own.
 * @param rows runs it; the orders that it does not return did not move, or are not there
 */
export const overOrders = <Asked extends OrderKey>(
  name: string,
  rows: (db: Statements, part: number, batch: readonly Asked[]) => Promise<OrderRow[]>,
): BatchKind<Asked, Order> => ({
  name,
  partOf: (asked) => asked.part,
  keyOf: keyText,
  run: async (db, part, batch) => {
    const orders = new Map((await rows(db, part, batch)).map((row) => [keyOfRow(row), readOrder(row)]))
    return batch.map((asked) => orders.get(keyText(asked)))
  },
})

/** Looks orders up by key: one statement that probes the key once a row. */
const findOrders: BatchKind<OrderKey, Order> = {
  ...overOrders('find', (db, part, batch) =>
    db.rows<OrderRow>(
      `select ${orderColumns('o')}
       from unnest($2::text[], $3::text[], $4::text[]) as asked(env_id, sub_mch_id, out_trade_no)
       cross join lateral (
         select ${orderColumns('x')} from orders x
         where x.part = $1 and x.env_id = asked.env_id and x.sub_mch_id = asked.sub_mch_id
           and x.out_trade_no = asked.out_trade_no
       ) o`,
      [
        part,
        batch.map((key) => key.envId),
        batch.map((key) => key.subMchId),
        batch.map((key) => key.outTradeNo),
      ],
    ),
  ),
  reads: true,
}

/** @throws LedgerUnavailable */
export const findOrder = (ledger: Ledger, key: OrderKey): Promise<Order | undefined> =>
  ledger.batcher.send(findOrders, key)

/** The same inside a transaction. */
export const findOrderIn = async (tx: Statements, key: OrderKey): Promise<Order | undefined> =>
  (await findOrders.run(tx, key.part, [key]))[0]

/** Locks a row for the rest of a transaction. The order of locks is everybody's: purchases, orders, balances, refunds. */
export const lockOrder = async (tx: Statements, key: OrderKey): Promise<void> => {
  await tx.rows(
    `select 1 from orders o
     where o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3 and o.out_trade_no = $4 for update`,
    [key.part, key.envId, key.subMchId, key.outTradeNo],
  )
}

async function findBy(
  db: Statements,
  condition: string,
  params: readonly unknown[],
): Promise<Order | undefined> {
  const rows = await db.rows<OrderRow>(`select ${orderColumns('o')} from orders o where ${condition}`, params)
  return rows[0] === undefined ? undefined : readOrder(rows[0])
}

/** By the transaction that paid it, or that came too late. @param merchant key of any of their orders */
export const findOrderByTransaction = (
  { db }: Ledger,
  { part, envId, subMchId }: Omit<OrderKey, 'outTradeNo'>,
  transactionId: string,
): Promise<Order | undefined> =>
  findBy(
    db,
    `o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3
     and (o.transaction_id = $4 or o.late ->> 'transactionId' = $4)`,
    [part, envId, subMchId, transactionId],
  )

/** @param part of the id itself: a prepay_id travels alone and carries it */
export const findOrderByPrepay = ({ db }: Ledger, part: number, envId: string, prepayId: string) =>
  findBy(db, 'o.part = $1 and o.prepay_id = $2 and o.env_id = $3', [part, prepayId, envId])

/** The same, by whoever holds the id alone: no two orders have one. */
export const findOrderByPrepayAlone = ({ db }: Ledger, part: number, prepayId: string) =>
  findBy(db, 'o.part = $1 and o.prepay_id = $2', [part, prepayId])

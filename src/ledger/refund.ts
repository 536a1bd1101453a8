/** A refund as the ledger holds it: its columns, its type, the reading of a row, and how refunds are found. */
import type { MadeAs } from '../protocol/answer.ts'
import { type CamelKeys, camelKeys } from '../protocol/camel-keys.ts'
import type { RefundRequest } from '../protocol/refund.ts'
import type { AskingRefund } from './asking.ts'
import type { Statements } from './db/db.ts'
import type { AskedFault } from './notices.ts'
import type { RefundState } from './refund-rules.ts'

/** One entry of a refund's history; `at` on the environment's clock, ISO 8601. */
export interface RefundEvent {
  readonly event: 'accepted' | 'succeeded' | 'changed' | 'closed'
  readonly at: string
}

/** A row as the driver hands it over. */
export interface RefundRow {
  env_id: string
  sub_mch_id: string
  out_refund_no: string
  out_trade_no: string
  transaction_id: string
  refund_id: string
  place: number
  state: RefundState
  request: Record<string, unknown>
  made_as: MadeAs
  /** Of the order, like the payer. */
  sub_appid: string | null
  payer_openid: string
  total_fee: number
  refund_fee: number
  created_at: Date
  succeeded_at: Date | null
  faults: AskedFault[] | null
  asking: AskingRefund | null
  history: RefundEvent[]
}

const columnNames = [
  'env_id',
  'sub_mch_id',
  'out_refund_no',
  'out_trade_no',
  'transaction_id',
  'refund_id',
  'place',
  'state',
  'request',
  'made_as',
  'sub_appid',
  'payer_openid',
  'total_fee',
  'refund_fee',
  'created_at',
  'succeeded_at',
  'faults',
  'asking',
  'history',
] as const satisfies (keyof RefundRow)[]

/** The columns of {@link Refund}, for a `select` or `returning` with the alias `row`. */
export const refundColumns = (row: string) => columnNames.map((name) => `${row}.${name}`).join(', ')

export type Refund = Omit<
  CamelKeys<RefundRow>,
  'request' | 'subAppid' | 'succeededAt' | 'faults' | 'asking'
> & {
  readonly request: RefundRequest
  readonly subAppid: string | undefined
  readonly succeededAt: Date | undefined
  /** Asked for with the refund: of what comes of it, and of its notices. */
  readonly faults: readonly AskedFault[]
  /** Where its channel has to be asked. */
  readonly asking: AskingRefund | undefined
}

/** The request was checked by its schema before it was stored: it is believed here. */
export const readRefund = (row: RefundRow): Refund => ({
  ...camelKeys(row),
  request: camelKeys(row.request) as unknown as RefundRequest,
  subAppid: row.sub_appid ?? undefined,
  succeededAt: row.succeeded_at ?? undefined,
  faults: row.faults ?? [],
  asking: row.asking ?? undefined,
})

/** The natural key of a refund. */
export interface RefundKey {
  readonly part: number
  readonly envId: string
  readonly subMchId: string
  readonly outRefundNo: string
}

type MerchantKey = Omit<RefundKey, 'outRefundNo'>

async function findBy(
  db: Statements,
  { part, envId, subMchId }: MerchantKey,
  condition: string,
  ...params: readonly unknown[]
): Promise<Refund[]> {
  const rows = await db.rows<RefundRow>(
    `select ${refundColumns('r')} from refunds r
     where r.part = $1 and r.env_id = $2 and r.sub_mch_id = $3 and ${condition}`,
    [part, envId, subMchId, ...params],
  )
  return rows.map(readRefund)
}

export const findRefund = async (db: Statements, key: RefundKey): Promise<Refund | undefined> =>
  (await findBy(db, key, 'r.out_refund_no = $4', key.outRefundNo))[0]

export const findRefundById = async (
  db: Statements,
  merchant: MerchantKey,
  refundId: string,
): Promise<Refund | undefined> => (await findBy(db, merchant, 'r.refund_id = $4', refundId))[0]

/** One page of an order's refunds, the newest first. */
export const refundsOfOrder = (
  db: Statements,
  merchant: MerchantKey,
  outTradeNo: string,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<Refund[]> =>
  findBy(
    db,
    merchant,
    'r.out_trade_no = $4 order by r.place desc offset $5 limit $6',
    outTradeNo,
    offset,
    limit,
  )

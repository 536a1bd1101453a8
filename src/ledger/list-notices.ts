/** Lists what is to be told, and what was: newest first, of one environment. Changes nothing. */
import type { Statements } from './db/db.ts'
import type { Ledger } from './ledger.ts'
import type { Notice, NoticeState } from './notices.ts'
import { orderKey } from './order-key.ts'
import { type Subject, subjects } from './tell-lane.ts'

export interface ListedNotices {
  readonly subject: Subject
  readonly part: number
  readonly subMchId: string
  /** Of the order, or of the refund. */
  readonly number: string
  readonly outTradeNo: string
  readonly told: NoticeState
  readonly noticedAt: Date
  readonly notices: readonly Notice[]
  /** Wire names: where it goes is in it. */
  readonly request: Readonly<Record<string, unknown>>
}

interface Row {
  sub_mch_id: string
  number: string
  out_trade_no: string
  told: NoticeState
  noticed_at: Date
  notices: Notice[]
  request: Record<string, unknown>
}

export interface ListAsked {
  readonly envId: string
  /** Left out: every merchant. */
  readonly subMchId?: string | undefined
  /** Only those whose worst notice stands so; left out: all. */
  readonly states?: readonly NoticeState[] | undefined
  readonly after?: NoticePlace | undefined
  readonly limit: number
}

/** Where a page ended: the key of its last entry. */
export interface NoticePlace {
  readonly noticedAt: Date
  readonly subject: Subject
  readonly subMchId: string
  readonly number: string
}

const placeName = ({ subject, subMchId, number }: NoticePlace) => `${subject}/${subMchId}/${number}`

/** By time, and where that is the same by names, compared by bytes as JavaScript compares them. */
const laterFirst = (a: NoticePlace, b: NoticePlace): number => {
  const byTime = b.noticedAt.getTime() - a.noticedAt.getTime()
  if (byTime !== 0) return byTime
  const [x, y] = [placeName(a), placeName(b)]
  return x === y ? 0 : x < y ? -1 : 1
}

const sources = {
  order: { table: 'orders', number: 'out_trade_no' },
  refund: { table: 'refunds', number: 'out_refund_no' },
} as const

async function listIn(
  db: Statements,
  part: number,
  subject: Subject,
  { envId, subMchId, states, after, limit }: ListAsked,
): Promise<ListedNotices[]> {
  const { table, number } = sources[subject]
  // Those that need attention have an index of their own: they are few among many.
  const open = states !== undefined && !states.includes('delivered')
  const condition = open
    ? `x.told is not null and x.told <> 'delivered' and x.told = any($3::text[])`
    : `($3::text[] is null or x.told = any($3::text[]))`
  const name = `('${subject}/' || x.sub_mch_id || '/' || x.${number}) collate "C"`
  const rows = await db.rows<Row>(
    `select x.sub_mch_id, x.${number} as number, x.out_trade_no, x.told, x.noticed_at, x.notices, x.request
     from ${table} x
     where x.part = $1 and x.env_id = $2 and x.noticed_at is not null and ${condition}
       and ($7::text is null or x.sub_mch_id = $7)
       and ($5::timestamptz is null or x.noticed_at <= $5 and (x.noticed_at < $5 or ${name} > $6))
     order by x.noticed_at desc, ${name} limit $4`,
    [
      part,
      envId,
      states ?? null,
      limit,
      after?.noticedAt ?? null,
      after === undefined ? '' : placeName(after),
      subMchId ?? null,
    ],
    { freshPlan: true },
  )
  return rows.map((row) => ({
    subject,
    part,
    subMchId: row.sub_mch_id,
    number: row.number,
    outTradeNo: row.out_trade_no,
    told: row.told,
    noticedAt: row.noticed_at,
    notices: row.notices,
    request: row.request,
  }))
}

/** @throws LedgerUnavailable */
export async function listNotices(ledger: Ledger, asked: ListAsked): Promise<ListedNotices[]> {
  const { db, parts } = ledger
  const { envId, subMchId } = asked
  // A merchant is in one part.
  const places =
    subMchId === undefined
      ? Array.from({ length: parts }, (_, part) => part)
      : [orderKey(ledger, envId, subMchId, '').part]
  const lists = await Promise.all(
    places.flatMap((part) => subjects.map((subject) => listIn(db, part, subject, asked))),
  )
  return lists.flat().sort(laterFirst).slice(0, asked.limit)
}

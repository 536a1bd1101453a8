/**
 * Looks at a history from outside: the rows as they are, what everybody was told, whose money went where. Knows the promises
 * (docs/closing.md), and nothing of how they are kept: it shares no code with the ledger.
 */
import type { Db } from '../../src/ledger/db/db.ts'
import type { Asked } from './people.ts'

export interface Row {
  out_trade_no: string
  state: string
  seq: number
  prepay_id: string | null
  replaced_by: string | null
  created_at: Date
  closable_from: Date
  payable_until: Date
  paid_at: Date | null
  closed_at: Date | null
  due_at: Date | null
  payer_openid: string | null
  refunded_fee: number
  refund_count: number
  total_fee: number
  transaction_id: string | null
  late: { transactionId: string; decision?: string; returnedAt?: string } | null
  history: { event: string; at: string; by?: string; due?: string }[]
  notices: { kind: string }[]
}

export interface RefundRow {
  out_refund_no: string
  out_trade_no: string
  state: string
  refund_fee: number
  due_at: Date | null
  history: { event: string }[]
}

export const isPaid = ({ state }: Row) => state === 'SUCCESS' || state === 'REFUND'
export const times = ({ history }: { history: { event: string }[] }, event: string) =>
  history.filter((one) => one.event === event).length

/** As many as they are, each is looked at once. */
function groupedBy<T>(all: Iterable<T>, keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>()
  for (const one of all) {
    const key = keyOf(one)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [one])
    else group.push(one)
  }
  return groups
}

/** The first number of a purchase, by what the shops asked for: the attempts that were really made, and what they replaced. */
export function purchasesOf(
  rows: ReadonlyMap<string, Row>,
  asked: readonly Asked[],
): ReadonlyMap<string, readonly Row[]> {
  const before = new Map(
    asked.flatMap(({ what, outTradeNo, replaces, heard }) =>
      what === 'order' && replaces !== undefined && (heard === 'prepaid' || rows.has(outTradeNo))
        ? [[outTradeNo, replaces] as const]
        : [],
    ),
  )
  const firstOf = (number: string): string => {
    const previous = before.get(number)
    return previous === undefined ? number : firstOf(previous)
  }
  return groupedBy(rows.values(), (row) => firstOf(row.out_trade_no))
}

/** One order by itself. @param own its refunds */
function* wrongWithOrder(row: Row, own: readonly RefundRow[]): Generator<string> {
  const name = row.out_trade_no
  if (!['SUCCESS', 'REFUND', 'CLOSED'].includes(row.state)) yield `${name} is left open: ${row.state}`
  if (row.due_at !== null) yield `${name} is over, and still due`
  if (times(row, 'closed') > 1) yield `${name} was closed ${times(row, 'closed')} times`
  if (times(row, 'paid') > 1) yield `${name} was paid ${times(row, 'paid')} times`
  if (row.state === 'CLOSED' && times(row, 'closed') !== 1)
    yield `${name} is closed, and its history does not say so`
  if (isPaid(row) !== (times(row, 'paid') === 1))
    yield `${name} is ${row.state}, and its history says otherwise`
  if (isPaid(row) && times(row, 'closed') > 0) yield `${name} was closed and paid`
  if (row.closed_at !== null && row.closed_at < row.closable_from) yield `${name} was closed before it may be`
  if (isPaid(row) && (row.paid_at === null || row.paid_at >= row.payable_until))
    yield `${name} was paid after its time`
  if (row.notices.filter(({ kind }) => kind === 'paid').length !== (isPaid(row) ? 1 : 0))
    yield `${name} is ${row.state}, with ${row.notices.length} notices`
  // One that gave way and could be closed at once did both in one move.
  const moves = row.history.length - (times(row, 'replaced') > 0 && row.history.length > row.seq ? 1 : 0)
  if (moves !== row.seq) yield `${name} moved ${row.seq} times, and its history has ${row.history.length}`
  for (const { event, at, due } of row.history)
    if (event === 'closed' && due !== undefined && new Date(at) < new Date(due))
      yield `${name} was closed before it was due`
  const kept = own
    .filter(({ state }) => state !== 'REFUNDCLOSE')
    .reduce((sum, { refund_fee }) => sum + refund_fee, 0)
  if (kept > row.total_fee) yield `${name} of ${row.total_fee} was refunded ${kept}`
  if (kept !== row.refunded_fee) yield `${name} keeps ${row.refunded_fee} for refunds of ${kept}`
  if (own.length !== row.refund_count) yield `${name} counts ${row.refund_count} refunds of ${own.length}`
  if (own.length > 0 && row.state !== 'REFUND') yield `${name} has refunds, and is ${row.state}`
}

function* wrongWithRefund(refund: RefundRow): Generator<string> {
  const name = refund.out_refund_no
  if (refund.state === 'PROCESSING' || refund.due_at !== null) yield `${name} is left under way`
  if (refund.history.length !== 2) yield `${name} was settled ${refund.history.length - 1} times`
}

/** What a caller was told, against what became of it. */
function* wrongWithAnswer(
  asked: Asked,
  row: Row | undefined,
  refunds: ReadonlyMap<string, RefundRow>,
): Generator<string> {
  const { what, outTradeNo: name, heard } = asked
  const said = `${what} of ${name} heard ${heard}`
  if (what === 'order' && heard === 'prepaid' && row === undefined) yield `${said}, and it is not there`
  if (
    what === 'close' &&
    ['closed', 'already-closed'].includes(heard) &&
    row !== undefined &&
    row.state !== 'CLOSED'
  )
    yield `${said}, and it is ${row.state}`
  if ((what === 'close' || what === 'order') && heard === 'paid' && (row === undefined || !isPaid(row)))
    yield `${said}, and it is ${row?.state}`
  if (what === 'pay') {
    const isMine = row?.payer_openid === asked.openid
    if (heard === 'paid' && !isMine) yield `${said}, and ${row?.payer_openid ?? 'nobody'} paid it`
    if (heard === 'paid' && row?.prepay_id !== asked.prepayId) yield `${said} by a prepay that was replaced`
    if (heard !== 'paid' && heard !== 'unknown' && isMine) yield `${said}, and its money was taken`
  }
  if (what === 'refund' && heard === 'accepted') {
    const refund = refunds.get(asked.outRefundNo ?? '')
    if (refund?.out_trade_no !== name || refund.refund_fee !== asked.fee) yield `${said}, and it is not there`
  }
}

/** Answers one after the other: what came later must agree with what was told before. */
function* wrongInTime(asked: readonly Asked[]): Generator<string> {
  const payments = groupedBy(
    asked.filter(({ what, heard }) => what === 'pay' && heard === 'paid'),
    ({ outTradeNo }) => outTradeNo,
  )
  for (const told of asked) {
    const unpayable =
      told.what === 'order' && told.heard === 'prepaid' && told.replaces !== undefined
        ? told.replaces
        : told.what === 'close' && ['closed', 'already-closed'].includes(told.heard)
          ? told.outTradeNo
          : undefined
    if (unpayable === undefined) continue
    for (const later of payments.get(unpayable) ?? [])
      if (later.began > told.ended)
        yield `${unpayable} was paid after ${told.what} of ${told.outTradeNo} heard ${told.heard}`
  }
}

export async function readLedger(db: Db): Promise<{ rows: Map<string, Row>; refunds: RefundRow[] }> {
  const orders = await db.rows<Row>(
    `select out_trade_no, state, seq, prepay_id, replaced_by, created_at, closable_from, payable_until, paid_at, closed_at,
       due_at, payer_openid, refunded_fee, refund_count, total_fee, transaction_id, late, history, notices
     from orders where request is not null`,
  )
  const refunds = await db.rows<RefundRow>(
    'select out_refund_no, out_trade_no, state, refund_fee, due_at, history from refunds',
  )
  return { rows: new Map(orders.map((row) => [row.out_trade_no, row])), refunds }
}

/** @returns what is wrong; nothing: all promises were kept */
export async function check(db: Db, { asked }: { readonly asked: readonly Asked[] }): Promise<string[]> {
  const { rows, refunds } = await readLedger(db)
  const refundsByNumber = new Map(refunds.map((refund) => [refund.out_refund_no, refund]))
  const wrong: string[] = []
  const refundsOf = groupedBy(refunds, (refund) => refund.out_trade_no)
  for (const row of rows.values()) wrong.push(...wrongWithOrder(row, refundsOf.get(row.out_trade_no) ?? []))
  for (const refund of refunds) wrong.push(...wrongWithRefund(refund))
  for (const one of asked) wrong.push(...wrongWithAnswer(one, rows.get(one.outTradeNo), refundsByNumber))
  wrong.push(...wrongInTime(asked))
  for (const [first, attempts] of purchasesOf(rows, asked)) {
    const paid = attempts.filter(isPaid).map(({ out_trade_no: number }) => number)
    if (paid.length > 1) wrong.push(`purchase ${first} was paid twice: ${paid.join(', ')}`)
    const live = attempts.filter(({ replaced_by: next }) => next === null)
    if (live.length !== 1) wrong.push(`purchase ${first} has ${live.length} attempts that nothing replaced`)
  }
  return wrong
}

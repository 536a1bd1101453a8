/**
 * Looks at a history whose channel had to be asked, from outside: the rows as they are, what everybody was told, and the
 * books of whoever moved the money. Knows the promises (docs/closing.md), and nothing of how they are kept.
 */
import type { Db } from '../../src/ledger/db/db.ts'
import type { BookedOrder, Books } from '../upstream/books.ts'
import { isPaid, purchasesOf, type RefundRow, type Row, readLedger, times } from './checker.ts'
import type { Asked } from './people.ts'
import type { History } from './simulate.ts'

const sumOf = (amounts: readonly number[]) => amounts.reduce((sum, amount) => sum + amount, 0)

/** What went back to the payers of an order, by the books. */
const returnedBy = ({ refunds }: Books, outTradeNo: string): number =>
  sumOf(
    [...refunds.values()]
      .filter((one) => one.outTradeNo === outTradeNo && one.state === 'SUCCESS')
      .map(({ fee }) => fee),
  )

/** One order against the books. */
function* wrongWithOrder(
  row: Row,
  booked: BookedOrder | undefined,
  books: Books,
  refunds: readonly RefundRow[],
): Generator<string> {
  const name = row.out_trade_no
  const { late } = row
  if (!['SUCCESS', 'REFUND', 'CLOSED'].includes(row.state)) yield `${name} is left open: ${row.state}`
  if (row.due_at !== null) yield `${name} is over, and still due`
  const payment = booked?.payment
  const recorded = isPaid(row) ? row.transaction_id : late?.transactionId
  if (payment !== undefined && recorded !== payment.transactionId)
    yield `${name} was paid by ${payment.transactionId}, and its row, ${row.state}, knows of ${recorded ?? 'none'}`
  if (payment === undefined && (isPaid(row) || late !== null))
    yield `${name} was never paid, and is ${row.state}`
  if (isPaid(row) && row.payer_openid !== payment?.openid) yield `${name} names another payer`
  if (isPaid(row) !== (times(row, 'paid') === 1))
    yield `${name} is ${row.state}, and its history says otherwise`
  if (times(row, 'closed') > 1) yield `${name} was closed ${times(row, 'closed')} times`
  if (times(row, 'paid-late') !== (late === null ? 0 : 1)) yield `${name} does not say that it was paid late`
  if (isPaid(row) && times(row, 'closed') > 0 && late?.decision !== 'adopt')
    yield `${name} was closed, and is paid, and nobody decided so`
  if (row.notices.filter(({ kind }) => kind === 'paid').length !== (isPaid(row) ? 1 : 0))
    yield `${name} is ${row.state}, with ${row.notices.length} notices`

  const own = refunds.filter((refund) => refund.out_trade_no === name)
  const kept = sumOf(own.filter(({ state }) => state !== 'REFUNDCLOSE').map(({ refund_fee: fee }) => fee))
  const returned = returnedBy(books, name)
  if (returned > row.total_fee) yield `${name} of ${row.total_fee} was returned ${returned}`
  if (kept !== row.refunded_fee) yield `${name} keeps ${row.refunded_fee} for refunds of ${kept}`
  if (kept !== returned) yield `${name} was returned ${returned} by the books, ${kept} by the ledger`
  if (late?.decision === 'refund' && (late.returnedAt === undefined || returned !== row.total_fee))
    yield `${name} was paid too late, and ${returned} of ${row.total_fee} went back`
}

/** What a caller was told, against what became of it. */
function* wrongWithAnswer(
  asked: Asked,
  row: Row | undefined,
  refunds: readonly RefundRow[],
): Generator<string> {
  const { what, outTradeNo: name, heard } = asked
  const said = `${what} of ${name} heard ${heard}`
  if (what === 'order' && heard === 'prepaid' && row === undefined) yield `${said}, and it is not there`
  // A number that was remembered as closed has no request.
  const isClosed = row === undefined || row.state === 'CLOSED' || row.late?.decision === 'adopt'
  if (what === 'close' && ['closed', 'already-closed'].includes(heard) && !isClosed)
    yield `${said}, and it is ${row?.state}`
  if ((what === 'close' || what === 'order') && heard === 'paid' && (row === undefined || !isPaid(row)))
    yield `${said}, and it is ${row?.state}`
  if (what === 'refund' && heard === 'accepted') {
    const refund = refunds.find((one) => one.out_refund_no === asked.outRefundNo)
    if (refund?.out_trade_no !== name || refund.refund_fee !== asked.fee) yield `${said}, and it is not there`
  }
}

/** Nobody pays an order once somebody was told that nobody can; but for what the books themselves got wrong. */
function* wrongInTime(asked: readonly Asked[], lied: ReadonlySet<string>): Generator<string> {
  for (const told of asked) {
    const replaced = told.what === 'order' && told.heard === 'prepaid' ? told.replaces : undefined
    const closed =
      told.what === 'close' && ['closed', 'already-closed'].includes(told.heard) ? told.outTradeNo : undefined
    const unpayable = replaced ?? closed
    if (unpayable === undefined || lied.has(unpayable)) continue
    for (const later of asked)
      if (
        later.what === 'pay' &&
        later.outTradeNo === unpayable &&
        later.began > told.ended &&
        later.heard === 'paid'
      )
        yield `${unpayable} was paid after ${told.what} of ${told.outTradeNo} heard ${told.heard}`
  }
}

/** From then on nobody can begin to pay it, or it is being closed. */
const ends = ['closing', 'replaced', 'refused', 'closed']

/** Of the attempts beside the one that is paid: from its payment on each was to be closed, and none was begun. */
function* wrongBesideWinner(winner: Row, attempts: readonly Row[]): Generator<string> {
  const paidAt = winner.history.find(({ event }) => event === 'paid')?.at
  if (paidAt === undefined) return
  for (const other of attempts) {
    if (other === winner) continue
    const [first] = other.history
    if (first !== undefined && first.at > paidAt)
      yield `${other.out_trade_no} was begun although ${winner.out_trade_no} was paid`
    if (!other.history.some(({ event, at }) => ends.includes(event) && at <= paidAt))
      yield `${other.out_trade_no} stayed open when ${winner.out_trade_no} was paid`
  }
}

/** @returns what is wrong; nothing: all promises were kept */
export async function checkAsked(db: Db, { asked, upstream }: History): Promise<string[]> {
  if (upstream === undefined) throw new Error('a history of a channel that was not asked')
  const { books, lied } = upstream
  const { rows, refunds } = await readLedger(db)
  const wrong: string[] = []
  for (const row of rows.values())
    wrong.push(...wrongWithOrder(row, books.orders.get(row.out_trade_no), books, refunds))
  for (const number of books.orders.keys()) if (!rows.has(number)) wrong.push(`${number} is in no ledger`)
  for (const refund of refunds) {
    const booked = books.refunds.get(refund.out_refund_no)
    if (refund.state === 'PROCESSING' || refund.due_at !== null)
      wrong.push(`${refund.out_refund_no} is left under way`)
    if ((booked?.state === 'SUCCESS') !== (refund.state === 'SUCCESS'))
      wrong.push(
        `${refund.out_refund_no} is ${refund.state}, and ${booked?.state ?? 'not there'} by the books`,
      )
  }
  for (const number of books.refunds.keys())
    if (!refunds.some((one) => one.out_refund_no === number)) wrong.push(`${number} is in no ledger`)
  for (const one of asked) wrong.push(...wrongWithAnswer(one, rows.get(one.outTradeNo), refunds))
  wrong.push(...wrongInTime(asked, lied))

  for (const [first, attempts] of purchasesOf(rows, asked)) {
    const paid = attempts.filter(isPaid)
    if (paid.length > 1) wrong.push(`purchase ${first} is paid ${paid.length} times`)
    for (const winner of paid) wrong.push(...wrongBesideWinner(winner, attempts))
    const kept = attempts.filter((row) => {
      const isInBooks = books.orders.get(row.out_trade_no)?.state === 'PAID'
      const isUndecided = row.late !== null && row.late.decision === undefined
      return isInBooks && !isUndecided && returnedBy(books, row.out_trade_no) < row.total_fee
    })
    if (kept.length > 1) wrong.push(`of purchase ${first} ${kept.length} payments stay`)
  }

  const inBooks = sumOf(
    [...books.orders.values()].filter(({ state }) => state === 'PAID').map(({ totalFee }) => totalFee),
  )
  const inLedger = sumOf(
    [...rows.values()].filter((row) => isPaid(row) || row.late !== null).map(({ total_fee: fee }) => fee),
  )
  if (inBooks !== inLedger) wrong.push(`payers paid ${inBooks}, and the ledger knows of ${inLedger}`)
  return wrong
}

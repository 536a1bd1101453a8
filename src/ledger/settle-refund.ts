/**
 * Settles a refund: what came of it, and its notice, in one go. A closed one gives back what it reserved of its order;
 * the order stays REFUND, whatever came of its refunds.
 */
import type { AskingRefund } from './asking.ts'
import { changeBalance, readBalance } from './balances.ts'
import { LedgerUnavailable, type Statements } from './db/db.ts'
import type { Ledger } from './ledger.ts'
import type { Notice } from './notices.ts'
import { lockOrder } from './order.ts'
import {
  findRefund,
  type Refund,
  type RefundKey,
  type RefundRow,
  readRefund,
  refundColumns,
} from './refund.ts'
import { type RefundResult, settleableBy } from './refund-rules.ts'

export interface SettleRefund extends RefundKey {
  /** Of the order that it refunds. */
  readonly outTradeNo: string
  readonly commandId: string
  /** The environment's clock. */
  readonly at: Date
  readonly result: RefundResult
  /** Told of it, where somebody asked to be told. */
  readonly notice: Notice | undefined
  /** Settles only where this claim still stands: what a channel said to whoever lost it is not its last word. */
  readonly claim?: string
  /** What the channel said of it, written with the result. */
  readonly asking?: AskingRefund
}

export type SettledRefund =
  | { readonly moved: Refund }
  /** Settled otherwise, or the claim is lost. */
  | { readonly refused: 'settled'; readonly refund: Refund }
  | { readonly refused: 'not-found' }

const events = { SUCCESS: 'succeeded', CHANGE: 'changed', REFUNDCLOSE: 'closed' } as const

/** What `toldOf` says of the notices with one more, spelled in SQL: the state that needs most attention. */
const toldWith = (added: string) =>
  `case when ${added}::text is null or (r.told in ('exhausted', 'undeliverable', 'failing') and ${added}::text <> 'exhausted')
     then r.told else ${added}::text end`

async function settleRow(tx: Statements, asked: SettleRefund): Promise<Refund | undefined> {
  const { result, at, notice } = asked
  const rows = await tx.rows<RefundRow>(
    `update refunds r
     set state = $5, succeeded_at = $6, command_id = $7, seq = r.seq + 1, history = r.history || $8::jsonb,
         notices = r.notices || coalesce($9::jsonb, '[]'),
         told = ${toldWith('$10')}, tell_at = least(r.tell_at, $11::timestamptz),
         noticed_at = coalesce($12::timestamptz, r.noticed_at),
         asking = coalesce($15::jsonb, r.asking), due_at = null, lease_until = null, claim = null
     where r.part = $1 and r.env_id = $2 and r.sub_mch_id = $3 and r.out_refund_no = $4 and r.state = any($13)
       and ($14::uuid is null or r.claim = $14)
     returning ${refundColumns('r')}`,
    [
      asked.part,
      asked.envId,
      asked.subMchId,
      asked.outRefundNo,
      result,
      result === 'SUCCESS' ? at : null,
      asked.commandId,
      JSON.stringify({ event: events[result], at: at.toISOString() }),
      notice === undefined ? null : JSON.stringify(notice),
      notice?.state ?? null,
      notice?.next ?? null,
      notice === undefined ? null : at,
      settleableBy(result),
      asked.claim ?? null,
      asked.asking === undefined ? null : JSON.stringify(asked.asking),
    ],
  )
  return rows[0] === undefined ? undefined : readRefund(rows[0])
}

/** In everybody's order of locks: see lockOrder. */
async function closeIn(tx: Statements, asked: SettleRefund): Promise<Refund | undefined> {
  await lockOrder(tx, asked)
  const balance = await readBalance(tx, asked, 'for update')
  const closed = await settleRow(tx, asked)
  if (closed === undefined) return undefined
  const { refundFee } = closed
  await tx.rows(
    `update orders o
     set refunded_fee = o.refunded_fee - $5, command_id = $6, seq = o.seq + 1, history = o.history || $7::jsonb
     where o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3 and o.out_trade_no = $4`,
    [
      asked.part,
      asked.envId,
      asked.subMchId,
      asked.outTradeNo,
      refundFee,
      asked.commandId,
      JSON.stringify({
        event: 'refund-closed',
        at: asked.at.toISOString(),
        outRefundNo: asked.outRefundNo,
        refundFee,
      }),
    ],
  )
  if (balance !== undefined) await changeBalance(tx, asked, refundFee)
  return closed
}

async function attempt({ db }: Ledger, asked: SettleRefund): Promise<SettledRefund> {
  const moved =
    asked.result === 'REFUNDCLOSE'
      ? await db.transaction((tx) => closeIn(tx, asked))
      : await settleRow(db, asked)
  if (moved !== undefined) return { moved }
  const refund = await findRefund(db, asked)
  if (refund === undefined) return { refused: 'not-found' }
  // Settled as asked, by this very command perhaps: its answer was lost on the way.
  return refund.state === asked.result ? { moved: refund } : { refused: 'settled', refund }
}

/**
 * Tried twice: a command whose answer was lost finds what it did.
 * @throws LedgerUnavailable nothing is known; the same call is safe
 */
export async function settleRefund(ledger: Ledger, asked: SettleRefund): Promise<SettledRefund> {
  try {
    return await attempt(ledger, asked)
  } catch (error) {
    if (!(error instanceof LedgerUnavailable)) throw error
    return attempt(ledger, asked)
  }
}

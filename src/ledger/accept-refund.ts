/**
 * Accepts a refund: reserves its amount of the order and makes its row, both or neither. Any number of calls at once,
 * with one number or many, never reserve twice nor pass the order's amount: the order is locked while it is decided.
 */
import type { MadeAs } from '../protocol/answer.ts'
import { snakeKeys } from '../protocol/camel-keys.ts'
import type { RefundRequest } from '../protocol/refund.ts'
import type { AskingRefund } from './asking.ts'
import { changeBalance, readBalance } from './balances.ts'
import { LedgerUnavailable, type Statements } from './db/db.ts'
import type { Ledger } from './ledger.ts'
import { type AskedFault, faultsText, tellTarget } from './notices.ts'
import { findOrderIn, lockOrder, type Order } from './order.ts'
import type { OrderKey } from './order-key.ts'
import { findRefund, type Refund, type RefundRow, readRefund, refundColumns } from './refund.ts'
import { moneyRefuses, mostRefunds } from './refund-rules.ts'
import { decide, targetOf } from './rules.ts'

export interface AcceptRefund {
  /** The order that is refunded. */
  readonly key: OrderKey
  readonly commandId: string
  /** The environment's clock. */
  readonly at: Date
  /** On which the refund's times are. */
  readonly clock: string
  readonly request: RefundRequest
  readonly refundId: string
  readonly madeAs: MadeAs
  readonly faults: readonly AskedFault[]
  /** When its outcome is known, or its channel is asked. */
  readonly dueAt: Date
  /** Where the channel has to be asked. */
  readonly asking?: AskingRefund
  /** Of a late payment: who decides by it that the money goes back, where nobody did before. */
  readonly by?: 'policy' | 'operator'
}

export type RefundRefusal =
  | { readonly refused: 'not-found' | 'not-paid' | 'closed' | 'overdue'; readonly order?: Order }
  | {
      readonly refused: 'other-total' | 'fully-refunded' | 'too-much' | 'too-many'
      readonly order: Order
    }
  | { readonly refused: 'not-enough'; readonly balance: number; readonly order: Order }

export type Accepted =
  | { readonly accepted: Refund; readonly order: Order }
  /** The number was used before, perhaps by this very call: whether it repeats is the caller's to tell. */
  | { readonly existing: Refund }
  | RefundRefusal

async function insertRefund(tx: Statements, asked: AcceptRefund, order: Order): Promise<Refund | undefined> {
  const { key, request, at } = asked
  const rows = await tx.rows<RefundRow>(
    `insert into refunds as r (part, env_id, sub_mch_id, out_refund_no, out_trade_no, transaction_id, refund_id, place,
       state, clock, seq, command_id, request, made_as, total_fee, refund_fee, created_at, history, faults, notices,
       tell_target, due_at, sub_appid, payer_openid, asking)
     select p.part, $2, $3, $4, $5, $6, $7, $8::int, 'PROCESSING', $9, 1, $10::uuid, $11::jsonb, $12::jsonb, $13::bigint,
       $14::bigint, $15::timestamptz, $16::jsonb, $17::jsonb, '[]', $18, $19::timestamptz, $20, $21, $22::jsonb
     from parts p where p.part = $1
     on conflict do nothing returning ${refundColumns('r')}`,
    [
      key.part,
      key.envId,
      key.subMchId,
      request.outRefundNo,
      order.outTradeNo,
      order.transactionId ?? order.late?.transactionId ?? '',
      asked.refundId,
      order.refundCount + 1,
      asked.clock,
      asked.commandId,
      JSON.stringify(snakeKeys(request)),
      JSON.stringify(asked.madeAs),
      request.totalFee,
      request.refundFee,
      at,
      JSON.stringify([{ event: 'accepted', at: at.toISOString() }]),
      faultsText(asked.faults),
      tellTarget(request),
      asked.dueAt,
      order.request?.subAppid ?? null,
      order.payerOpenid ?? order.late?.payerOpenid ?? '',
      asked.asking === undefined ? null : JSON.stringify(asked.asking),
    ],
  )
  return rows[0] === undefined ? undefined : readRefund(rows[0])
}

/** Whoever returns a part of a late payment first has decided that it goes back; the engine sees to the rest of it. */
const reserve = (tx: Statements, { key, request, at, commandId, by }: AcceptRefund) =>
  tx.rows(
    `update orders o
     set state = case when o.state = 'CLOSED' then o.state else '${targetOf('refund')}' end,
         due_at = case when o.late is not null and o.late -> 'decision' is null then $8 else o.due_at end,
         late = case when o.late is not null and o.late -> 'decision' is null
           then o.late || jsonb_build_object('decision', 'refund', 'by', $9::text) else o.late end,
         refunded_fee = o.refunded_fee + $5, refund_count = o.refund_count + 1,
         command_id = $6, seq = o.seq + 1, history = o.history || $7::jsonb
     where o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3 and o.out_trade_no = $4`,
    [
      key.part,
      key.envId,
      key.subMchId,
      key.outTradeNo,
      request.refundFee,
      commandId,
      JSON.stringify({
        event: 'refund-accepted',
        at: at.toISOString(),
        outRefundNo: request.outRefundNo,
        refundFee: request.refundFee,
      }),
      at,
      by ?? 'caller',
    ],
  )

/** A payment that came too late can be returned, unless somebody decided that it stays. */
const isReturnable = ({ state, late }: Order) =>
  state === 'CLOSED' && late !== undefined && late.decision !== 'adopt'

/** Refunds that its channel took on: one that it refused is none of the fifty. */
async function countTaken(tx: Statements, { part, envId, subMchId, outTradeNo }: OrderKey): Promise<number> {
  const [row] = await tx.rows<{ n: number }>(
    `select count(*)::int as n from refunds r
     where r.part = $1 and r.env_id = $2 and r.sub_mch_id = $3 and r.out_trade_no = $4
       and not (r.state = 'REFUNDCLOSE' and r.asking -> 'refusal' is not null)`,
    [part, envId, subMchId, outTradeNo],
  )
  return row?.n ?? 0
}

/** Locks the order, then decides and writes; in everybody's order of locks, see lockOrder. */
async function acceptIn(tx: Statements, asked: AcceptRefund): Promise<Accepted> {
  const { key, request, at } = asked
  await lockOrder(tx, key)
  const existing = await findRefund(tx, { ...key, outRefundNo: request.outRefundNo })
  if (existing !== undefined) return { existing }
  const order = await findOrderIn(tx, key)
  // A number that was only remembered as closed was never an order.
  if (order === undefined || order.request === undefined) return { refused: 'not-found' }
  const decision = decide(order, 'refund', at)
  if ('no' in decision && !isReturnable(order)) return { refused: decision.no, order }
  const refundCount = order.refundCount < mostRefunds ? order.refundCount : await countTaken(tx, key)
  const refuses = moneyRefuses({ ...order, totalFee: order.totalFee ?? 0, refundCount }, request)
  if (refuses !== undefined) return { refused: refuses, order }
  const balance = await readBalance(tx, key, 'for update')
  if (balance !== undefined && balance < request.refundFee) return { refused: 'not-enough', balance, order }
  const accepted = await insertRefund(tx, asked, order)
  if (accepted === undefined) {
    // Another order's refund took the number meanwhile; nothing was written here.
    const taken = await findRefund(tx, { ...key, outRefundNo: request.outRefundNo })
    if (taken !== undefined) return { existing: taken }
    throw new LedgerUnavailable(`the refund number ${request.outRefundNo} was taken and is not there`)
  }
  await reserve(tx, asked)
  if (balance !== undefined) await changeBalance(tx, key, -request.refundFee)
  return { accepted, order }
}

/**
 * Tried twice: when the first outcome is not known (a connection lost at its COMMIT), the second finds the refund that
 * it made, or makes it now.
 *
 * @throws LedgerUnavailable nothing is known; the same call is safe
 */
export async function acceptRefund({ db }: Ledger, asked: AcceptRefund): Promise<Accepted> {
  const attempt = () => db.transaction((tx) => acceptIn(tx, asked))
  try {
    return await attempt()
  } catch (error) {
    if (!(error instanceof LedgerUnavailable)) throw error
    return attempt()
  }
}

/**
 * Writes what came of a step with an order whose channel has to be asked: only where the claim still stands and nobody moved
 * the row since, together with what it means for the other attempts of its purchase. Never: what comes of it (engine/asking).
 *
 * Locked in everybody's order: the purchase, its orders.
 */
import type { Asking, Late, Payment } from './asking.ts'
import type { Statements } from './db/db.ts'
import { type CloseWhy, refundableUntil } from './deadlines.ts'
import type { Ledger } from './ledger.ts'
import type { Notice } from './notices.ts'
import { type HistoryEvent, type Order, type OrderRow, orderColumns, readOrder } from './order.ts'
import type { OrderKey } from './order-key.ts'
import { findWinner, lockPurchase } from './purchase.ts'
import { targetOf } from './rules.ts'

/** What a step makes of a row: all that it changes. */
export interface Move {
  readonly state: Order['state']
  readonly asking: Asking | undefined
  /** When it is looked at next; undefined: never by itself. */
  readonly due: Date | undefined
  readonly prepay?: { readonly prepayId: string; readonly payableUntil: Date }
  readonly payment?: Payment
  readonly closedAt?: Date
  readonly closeWhy?: CloseWhy | undefined
  readonly late?: Late
  readonly events: readonly HistoryEvent[]
}

/** The row as locked, and the attempt of its purchase whose payment stays. */
export interface LockedOrder {
  readonly order: Order
  readonly winner: string | undefined
}

export interface SettleAsked {
  readonly key: OrderKey
  /** As claimed, or as locked. */
  readonly order: Order
  /** Undefined: the row is locked. */
  readonly claim: string | undefined
  readonly commandId: string
  readonly at: Date
  /** When the channel was asked; left out: it was not. */
  readonly askedAt?: Date
  readonly decide: (locked: LockedOrder) => Move
  /** Told of its payment, where somebody asked to be told. */
  readonly notice: Notice | undefined
}

/** Somebody said that it was paid after the channel was asked (start-close.ts): it is asked once more, at once. */
const dueUnlessHinted = (due: string) =>
  `case when $5 in ('NOTPAY', 'CLOSED') and $8::jsonb is null and o.late is null and o.asking ->> 'hintedAt' >= $26::text then $27::timestamptz else ${due}::timestamptz end`

/** @returns the row as it is now; undefined: the claim is lost, or somebody moved it */
export async function writeMove(db: Statements, asked: SettleAsked, move: Move): Promise<Order | undefined> {
  const { key, order, claim, commandId } = asked
  const { payment, prepay } = move
  const notice = payment === undefined || move.state !== targetOf('pay') ? undefined : asked.notice
  const rows = await db.rows<OrderRow>(
    `update orders o
     set state = $5, due_at = ${dueUnlessHinted('$6')}, asking = $7::jsonb, late = coalesce($8::jsonb, o.late),
         prepay_id = coalesce($9, o.prepay_id), payable_until = coalesce($10, o.payable_until),
         closed_at = coalesce(o.closed_at, $11), close_why = coalesce($12, o.close_why),
         transaction_id = coalesce($13, o.transaction_id), payer_openid = coalesce($14, o.payer_openid),
         bank_type = coalesce($15, o.bank_type), paid_at = coalesce($16, o.paid_at),
         refundable_until = coalesce($17, o.refundable_until),
         notices = o.notices || coalesce($18::jsonb, '[]'), told = coalesce($19, o.told),
         tell_at = coalesce($20, o.tell_at), noticed_at = coalesce($21, o.noticed_at),
         lease_until = null, claim = null, command_id = $22, seq = o.seq + 1, history = o.history || $23::jsonb
     where o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3 and o.out_trade_no = $4
       and ($24::uuid is null or o.claim = $24) and o.seq = $25
     returning ${orderColumns('o')}`,
    [
      key.part,
      key.envId,
      key.subMchId,
      key.outTradeNo,
      move.state,
      move.due ?? null,
      move.asking === undefined ? null : JSON.stringify(move.asking),
      move.late === undefined ? null : JSON.stringify(move.late),
      prepay?.prepayId ?? null,
      prepay?.payableUntil ?? null,
      move.closedAt ?? null,
      move.closeWhy ?? null,
      payment?.transactionId ?? null,
      payment?.payerOpenid ?? null,
      payment?.bankType ?? null,
      payment?.paidAt ?? null,
      payment === undefined ? null : refundableUntil(payment.paidAt),
      notice === undefined ? null : JSON.stringify([notice]),
      notice?.state ?? null,
      notice?.next ?? null,
      notice === undefined ? null : asked.at,
      commandId,
      JSON.stringify(move.events),
      claim ?? null,
      order.seq,
      asked.askedAt?.toISOString() ?? null,
      asked.at,
    ],
  )
  return rows[0] === undefined ? undefined : readOrder(rows[0])
}

/** What was sent of an attempt in the making may still take effect; its lease stays, so that nobody closes it meanwhile. */
export const asksToClose = (row: string, unsureUntil: string) =>
  `${row}.asking || '{"next": "close", "tries": 0}' || case when ${row}.state = 'CREATING'
     then jsonb_build_object('unsureUntil', ${unsureUntil}::text) else '{}' end`

/** One attempt is paid: nobody is to pay any other. */
export async function closeTheOthers(
  tx: Statements,
  { key, at, commandId }: SettleAsked,
  purchase: string,
  unsureUntil: Date,
): Promise<void> {
  const event = { event: 'closing', at: at.toISOString(), by: 'engine', why: 'purchase_paid' }
  await tx.rows(
    `update orders o
     set state = 'CLOSING', close_why = 'purchase_paid', asking = ${asksToClose('o', '$9')},
         due_at = case when o.asking is null then greatest($6, o.closable_from) else $6 end, claim = null, command_id = $7, seq = o.seq + 1, history = o.history || $8::jsonb
     where o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3 and o.purchase = $4 and o.out_trade_no <> $5
       and o.state in ('WAITING', 'CREATING', 'NOTPAY')`,
    [
      key.part,
      key.envId,
      key.subMchId,
      purchase,
      key.outTradeNo,
      at,
      commandId,
      JSON.stringify([event]),
      unsureUntil.toISOString(),
    ],
  )
}

/**
 * The live attempt goes on once nobody can pay any other: closed, or to be closed and its prepay was handed to nobody.
 * @returns whether it does
 */
export async function startLive(
  tx: Statements,
  { part, envId, subMchId }: Omit<OrderKey, 'outTradeNo'>,
  purchase: string,
  at: Date,
): Promise<boolean> {
  const rows = await tx.rows(
    `update orders o
     set state = 'CREATING', due_at = $5, asking = o.asking || '{"sent": true, "next": "create"}', seq = o.seq + 1
     where o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3 and o.state = 'WAITING' and o.purchase = $4
       and o.replaced_by is null
       and not exists (
         select from orders x
         where x.part = $1 and x.env_id = $2 and x.sub_mch_id = $3 and x.purchase = $4 and x.ctid <> o.ctid
           and x.state <> 'CLOSED' and (x.state <> 'CLOSING' or x.prepay_id is not null))
     returning o.seq`,
    [part, envId, subMchId, purchase, at],
  )
  return rows.length > 0
}

async function settleIn(tx: Statements, asked: SettleAsked, unsureUntil: Date): Promise<Order | undefined> {
  const { key, order, at } = asked
  if (order.purchase === undefined) return writeMove(tx, asked, asked.decide({ order, winner: undefined }))
  const { purchase } = order
  await lockPurchase(tx, key, purchase)
  const winner = await findWinner(tx, key, purchase, 'for update')
  const moved = await writeMove(tx, asked, asked.decide({ order, winner }))
  if (moved === undefined) return undefined
  if (moved.state === targetOf('pay')) await closeTheOthers(tx, asked, purchase, unsureUntil)
  else await startLive(tx, key, purchase, at)
  return moved
}

/**
 * @param unsureUntil until when what others sent may still take effect
 * @returns undefined: the claim is lost, or somebody moved the row; nothing was written
 * @throws LedgerUnavailable nothing is known: the row tells
 */
export const settleAsked = (
  { db }: Ledger,
  asked: SettleAsked,
  unsureUntil: Date,
): Promise<Order | undefined> =>
  asked.order.purchase === undefined
    ? settleIn(db, asked, unsureUntil)
    : db.transaction((tx) => settleIn(tx, asked, unsureUntil))

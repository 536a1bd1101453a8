/**
 * Writes down payments that came too late where the channel's own word decides (the sandbox), and what a person decides of one,
 * wherever it came from. Never: what follows by itself (late-payments.ts), when it is returned (engine/return-late.ts).
 *
 * Locked in everybody's order: the purchase, its orders.
 */
import type { Late, LateDecision } from './asking.ts'
import { LedgerUnavailable, type Statements } from './db/db.ts'
import { paid } from './late-payments.ts'
import type { Ledger } from './ledger.ts'
import { findOrderIn, type HistoryEvent, lockOrder, type Order } from './order.ts'
import type { OrderKey } from './order-key.ts'
import { findWinner, lockPurchase } from './purchase.ts'
import { targetOf } from './rules.ts'
import { closeTheOthers, type LockedOrder, type Move, type SettleAsked, writeMove } from './settle-asked.ts'

/** @returns undefined: there is no such order. `moved`: it became part of a purchase while it was looked at */
async function lockWithPurchase(tx: Statements, key: OrderKey): Promise<LockedOrder | 'moved' | undefined> {
  const purchase = (await findOrderIn(tx, key))?.purchase
  if (purchase !== undefined) await lockPurchase(tx, key, purchase)
  const winner = purchase === undefined ? undefined : await findWinner(tx, key, purchase, 'for update')
  await lockOrder(tx, key)
  const order = await findOrderIn(tx, key)
  if (order === undefined) return undefined
  return order.purchase === purchase ? { order, winner } : 'moved'
}

type Written = Pick<SettleAsked, 'key' | 'commandId' | 'at' | 'notice'>

async function writeLocked(
  tx: Statements,
  asked: Written,
  order: Order,
  move: Move,
): Promise<Order | undefined> {
  const settled = { ...asked, order, claim: undefined, decide: () => move }
  const moved = await writeMove(tx, settled, move)
  if (moved?.state === targetOf('pay') && moved.purchase !== undefined)
    await closeTheOthers(tx, settled, moved.purchase, asked.at)
  return moved
}

/** Tried twice: the second finds what the first did, or of which purchase the order is an attempt by now: that never changes. */
async function twice<T>(attempt: () => Promise<T | 'moved'>): Promise<T> {
  let first: T | 'moved'
  try {
    first = await attempt()
  } catch (error) {
    if (!(error instanceof LedgerUnavailable)) throw error
    first = 'moved'
  }
  const settled = first === 'moved' ? await attempt() : first
  if (settled === 'moved') throw new LedgerUnavailable('the order moved while it was looked at')
  return settled
}

export interface LatePaid extends Written {
  readonly decide: (locked: LockedOrder) => Move
  /** A command that finds its payment recorded has won. */
  readonly transactionId: string
}

/** Of these there can be a late payment: nobody could pay them any more. */
const isUnpayable = ({ state, request }: Order) =>
  request !== undefined && (state === 'CLOSED' || state === 'CLOSING')

async function recordIn(tx: Statements, asked: LatePaid): Promise<Order | 'moved' | undefined> {
  const locked = await lockWithPurchase(tx, asked.key)
  if (locked === undefined || locked === 'moved') return locked
  const { order } = locked
  if (order.late?.transactionId === asked.transactionId) return order
  if (!isUnpayable(order) || order.late !== undefined) return undefined
  return writeLocked(tx, asked, order, asked.decide(locked))
}

/**
 * @returns undefined: nothing was late about it, for the order is open, was paid, or has a late payment; the order tells
 * @throws LedgerUnavailable nothing is known: the order tells
 */
export const recordLate = ({ db }: Ledger, asked: LatePaid): Promise<Order | undefined> =>
  twice(() => db.transaction((tx) => recordIn(tx, asked)))

export interface DecideLate extends Written {
  readonly decision: LateDecision
}

export type DecidedLate =
  /** By this call, or by the same one before. */
  | { readonly decided: Order }
  | { readonly refused: 'not-found' }
  | { readonly refused: 'not-late'; readonly order: Order }
  /** Otherwise, by whomever it was. */
  | { readonly refused: 'decided'; readonly order: Order }
  /** Another attempt was paid, and its payment stays. */
  | { readonly refused: 'purchase-paid'; readonly paid: string }

/** It stays: the order is paid. */
function adopted(order: Order, late: Late, at: Date, event: HistoryEvent): Move {
  const move = paid(order, { ...late, paidAt: new Date(late.paidAt) }, at)
  return { ...move, late, events: [event, ...move.events] }
}

/** It goes back: the engine sees to it. */
const toBeReturned = (order: Order, late: Late, at: Date, event: HistoryEvent): Move => ({
  state: order.state,
  asking: order.asking,
  due: at,
  late,
  events: [event],
})

async function decideIn(tx: Statements, asked: DecideLate): Promise<DecidedLate | 'moved'> {
  const { key, at, decision } = asked
  const locked = await lockWithPurchase(tx, key)
  if (locked === 'moved') return locked
  if (locked === undefined) return { refused: 'not-found' }
  const { order, winner } = locked
  if (order.late === undefined) return { refused: 'not-late', order }
  if (order.late.decision === decision) return { decided: order }
  if (order.late.decision !== undefined) return { refused: 'decided', order }
  if (decision === 'adopt' && winner !== undefined) return { refused: 'purchase-paid', paid: winner }
  const late: Late = { ...order.late, decision, by: 'operator' }
  const event: HistoryEvent = { event: 'decided', at: at.toISOString(), by: 'operator', decision }
  const move = (decision === 'adopt' ? adopted : toBeReturned)(order, late, at, event)
  const decided = await writeLocked(tx, asked, order, move)
  if (decided === undefined) throw new Error(`order ${order.outTradeNo} moved while it was locked`)
  return { decided }
}

/**
 * What a person decides of a late payment, where the policy decided nothing. Once: what is decided is not taken back.
 * @throws LedgerUnavailable nothing is known; the same call is safe
 */
export const decideLate = ({ db }: Ledger, asked: DecideLate): Promise<DecidedLate> =>
  twice(() => db.transaction((tx) => decideIn(tx, asked)))

/**
 * Starts a payment again: one attempt of a purchase takes the place of another, both or neither. The predecessor is
 * unpayable from the moment at which the successor can be paid, so no two attempts can ever both be paid. Where the channel
 * has to be asked the successor waits until that is certain: then it is made WAITING (settle-asked.ts lets it go on).
 *
 * Locked in this order: the purchase, its orders, the new one. A first attempt that has no purchase yet is its own lock.
 */
import { type Create, createOrders } from './create-order.ts'
import type { Db, Statements } from './db/db.ts'
import { findOrderIn, lockOrder, type Order } from './order.ts'
import type { OrderKey } from './order-key.ts'
import { findUndecided, findWinner, lockPurchase, undecidedOf } from './purchase.ts'
import { type ReplaceRefusal, whyNotReplace } from './purchase-rules.ts'
import { guardSql, targetOf } from './rules.ts'
import { asksToClose, startLive } from './settle-asked.ts'

export interface Replace {
  readonly create: Create
  /** Number of the attempt whose place it takes; of the same merchant. */
  readonly replaces: string
  /** Where the channel has to be asked: what was sent of the predecessor may still take effect before this moment. */
  readonly unsureUntil?: Date
}

export type Replaced =
  | { readonly created: Order }
  /** The new number is taken, perhaps by this very call. */
  | { readonly existing: Order }
  | ReplaceRefusal

/**
 * Where the channel has to be asked: to be closed, which makes nothing unpayable yet. What is being made keeps its lease, so
 * that nobody closes it meanwhile.
 */
async function askToGiveWay(
  tx: Statements,
  predecessor: OrderKey,
  { create, unsureUntil }: Replace,
  purchase: string,
) {
  const { at, commandId, outTradeNo } = create
  const moves = `(${guardSql('replace', 'o', '$5::timestamptz')})`
  await tx.rows(
    `update orders o
     set state = case when ${moves} then '${targetOf('replace')}' else o.state end,
         due_at = case when ${moves} then $5 else o.due_at end,
         close_why = case when ${moves} then 'replaced' else o.close_why end,
         asking = case when ${moves} then ${asksToClose('o', '$9')} else o.asking end,
         claim = case when ${moves} then null else o.claim end,
         purchase = $6, replaced_by = $7, command_id = $8, seq = o.seq + 1, history = o.history || $10::jsonb
     where o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3 and o.out_trade_no = $4`,
    [
      predecessor.part,
      predecessor.envId,
      predecessor.subMchId,
      predecessor.outTradeNo,
      at,
      purchase,
      outTradeNo,
      commandId,
      unsureUntil?.toISOString() ?? null,
      JSON.stringify([{ event: 'replaced', at: at.toISOString(), successor: outTradeNo }]),
    ],
  )
}

/**
 * Unpayable at once, and closed as soon as the rules allow; one that is closed already only learns its successor: a payment
 * of it that came too late goes on its way back.
 */
async function giveWay(tx: Statements, predecessor: OrderKey, { create }: Replace, purchase: string) {
  const { at, commandId, outTradeNo } = create
  const moves = `(${guardSql('replace', 'o', '$5::timestamptz')})`
  const closes = `(${moves} and (${guardSql('close', 'o', '$5::timestamptz')}))`
  const stamp = at.toISOString()
  const replaced = { event: 'replaced', at: stamp, successor: outTradeNo }
  const closed = { event: 'closed', at: stamp, by: 'engine', why: 'replaced', due: stamp }
  await tx.rows(
    `update orders o
     set state = case when ${closes} then '${targetOf('close')}' when ${moves} then '${targetOf('replace')}'
           else o.state end,
         closed_at = case when ${closes} then $5 else o.closed_at end,
         due_at = case when ${closes} then null when ${moves} then o.closable_from else o.due_at end,
         close_why = case when ${moves} then 'replaced' else o.close_why end,
         lease_until = case when ${moves} then null else o.lease_until end,
         claim = case when ${moves} then null else o.claim end,
         purchase = $6, replaced_by = $7, command_id = $8, seq = o.seq + 1,
         history = o.history || $9::jsonb || case when ${closes} then $10::jsonb else '[]' end
     where o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3 and o.out_trade_no = $4`,
    [
      predecessor.part,
      predecessor.envId,
      predecessor.subMchId,
      predecessor.outTradeNo,
      at,
      purchase,
      outTradeNo,
      commandId,
      JSON.stringify([replaced]),
      JSON.stringify([closed]),
    ],
  )
}

/** One try. @returns undefined: the predecessor became part of a purchase while it was looked at; now it is known of which */
export async function replaceOnce(tx: Statements, replace: Replace): Promise<Replaced | undefined> {
  const { create, replaces } = replace
  const { part, envId, subMchId, outTradeNo } = create
  const key = { part, envId, subMchId, outTradeNo: replaces }
  const known = (await findOrderIn(tx, key))?.purchase
  const live = known === undefined ? undefined : await lockPurchase(tx, key, known)
  const winner = known === undefined ? undefined : await findWinner(tx, key, known, 'for update')
  await lockOrder(tx, key)
  const found = await findOrderIn(tx, key)
  if (found?.purchase !== known) return undefined
  // A number that was only remembered as closed was never an attempt at anything.
  const predecessor = found?.request === undefined ? undefined : found
  const existing = await findOrderIn(tx, create)
  if (existing !== undefined) return { existing }
  const last = live === undefined ? predecessor : await findOrderIn(tx, { ...key, outTradeNo: live })
  const undecided = known === undefined ? undecidedOf(predecessor) : await findUndecided(tx, key, known)
  const refused = whyNotReplace(predecessor, last, winner ?? undecided)
  if (refused !== undefined) return refused
  const purchase = known ?? replaces
  const [created] = await createOrders.run(tx, part, [{ ...create, purchase }])
  if (created === undefined) {
    const taken = await findOrderIn(tx, create)
    if (taken === undefined) throw new Error(`number ${outTradeNo} is taken, and not there`)
    return { existing: taken }
  }
  if (create.asking === undefined) await giveWay(tx, key, replace, purchase)
  else await askToGiveWay(tx, key, replace, purchase)
  await tx.rows(
    `insert into purchases as p (part, env_id, sub_mch_id, purchase, live, attempts)
     values ($1, $2, $3, $4, $5, 2)
     on conflict (part, env_id, sub_mch_id, purchase) do update set live = excluded.live, attempts = p.attempts + 1`,
    [part, envId, subMchId, purchase, outTradeNo],
  )
  if (create.asking !== undefined && (await startLive(tx, key, purchase, create.at)))
    return { created: (await findOrderIn(tx, create)) ?? created }
  return { created }
}

/**
 * @param replace its `create` is of the merchant whose order it replaces
 * @throws LedgerUnavailable nothing is known; the same call is safe
 */
export async function replaceOrder(db: Db, replace: Replace): Promise<Replaced> {
  const once = () => db.transaction((tx) => replaceOnce(tx, replace))
  // Of which purchase an order is an attempt never changes once it is of one.
  const replaced = (await once()) ?? (await once())
  if (replaced === undefined) throw new Error(`order ${replace.replaces} changed its purchase`)
  return replaced
}

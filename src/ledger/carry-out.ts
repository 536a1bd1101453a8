/**
 * Carries a guarded command out to a certain answer: it moved the row, or the row as it stands says why not.
 * The database decides; this only asks it until its answer is known.
 */
import assert from 'node:assert/strict'
import type { Db, Statements } from './db/db.ts'
import type { Asked } from './held-rows.ts'
import { findOrder, type Order } from './order.ts'
import { partOf } from './parts.ts'
import { decide, type OrderCommand, type RefusalOf } from './rules.ts'

export type Settled<Refusal extends string> =
  | { readonly moved: Order }
  | { readonly refused: Refusal; readonly order: Order }
  | { readonly refused: 'not-found' }

interface Transition<Command extends OrderCommand, Other extends string> {
  readonly kind: Command
  readonly asked: Asked
  /** The guarded statement for this one command: the order if it moved. */
  readonly attempt: (db: Statements) => Promise<Order | undefined>
  /** A reason of this command's own, besides the table's. */
  readonly otherRefusal?: (order: Order) => Other | undefined
}

/** What the row as it stands answers; undefined: it may still move, it was touched while we asked. */
async function answerOf<Command extends OrderCommand, Other extends string>(
  db: Statements,
  { kind, asked, otherRefusal }: Transition<Command, Other>,
): Promise<Settled<RefusalOf<Command> | Other> | undefined> {
  const order = await findOrder(db, asked)
  if (order === undefined) return { refused: 'not-found' }
  if (order.commandId === asked.commandId) return { moved: order }
  const decision = decide(order, kind, asked.at)
  if ('no' in decision) return { refused: decision.no, order }
  const other = otherRefusal?.(order)
  return other === undefined ? undefined : { refused: other, order }
}

/**
 * Two tries beside everyone else, then one under lock, which cannot miss.
 * @throws LedgerUnavailable nothing is known; the same command id may be sent again
 */
export async function carryOut<Command extends OrderCommand, Other extends string = never>(
  db: Db,
  transition: Transition<Command, Other>,
): Promise<Settled<RefusalOf<Command> | Other>> {
  const once = async (on: Statements) => {
    const moved = await transition.attempt(on)
    return moved === undefined ? await answerOf(on, transition) : { moved }
  }
  const answer = (await once(db)) ?? (await once(db))
  if (answer !== undefined) return answer
  return await db.transaction(async (tx) => {
    const { envId, subMchId, outTradeNo } = transition.asked
    await tx.rows(
      `select 1 from orders o
       where o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3 and o.out_trade_no = $4 for update`,
      [partOf(envId, subMchId), envId, subMchId, outTradeNo],
    )
    const locked = await once(tx)
    assert(
      locked !== undefined,
      `a locked order must answer ${transition.kind}: the SQL guard and the rules differ`,
    )
    return locked
  })
}

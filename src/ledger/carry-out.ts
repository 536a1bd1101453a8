/**
 * Carries a guarded command out to a certain answer: it moved the row, or the row as it stands says why not.
 * The database decides; this only asks it until its answer is known.
 */
import assert from 'node:assert/strict'
import type { BatchKind } from './db/batcher.ts'
import { LedgerUnavailable, type Statements } from './db/db.ts'
import type { Asked } from './held-rows.ts'
import type { Ledger } from './ledger.ts'
import { findOrder, findOrderIn, lockOrder, type Order } from './order.ts'
import { decide, type OrderCommand, type RefusalOf } from './rules.ts'

export type Settled<Refusal extends string> =
  | { readonly moved: Order }
  | { readonly refused: Refusal; readonly order: Order }
  | { readonly refused: 'not-found' }

interface Transition<Command extends OrderCommand, A extends Asked, Other extends string> {
  readonly kind: Command
  readonly asked: A
  /** The guarded statement: the orders that moved. */
  readonly statement: BatchKind<A, Order>
  /** A reason of this command's own, besides the table's. */
  readonly otherRefusal?: (order: Order) => Other | undefined
  /** Whether the row shows that this command won, though others moved it since and left their own id. */
  readonly won?: (order: Order) => boolean
}

/** What the row as it stands answers; undefined: it may still move, it was touched while we asked. */
function answerOf<Command extends OrderCommand, A extends Asked, Other extends string>(
  { kind, asked, otherRefusal, won }: Transition<Command, A, Other>,
  order: Order | undefined,
): Settled<RefusalOf<Command> | Other> | undefined {
  if (order === undefined) return { refused: 'not-found' }
  // It has won already: its answer was lost on the way, or its batch was sent twice.
  if (order.commandId === asked.commandId || won?.(order) === true) return { moved: order }
  const decision = decide(order, kind, asked.at)
  if ('no' in decision) return { refused: decision.no, order }
  const other = otherRefusal?.(order)
  return other === undefined ? undefined : { refused: other, order }
}

async function underLock<Command extends OrderCommand, A extends Asked, Other extends string>(
  tx: Statements,
  transition: Transition<Command, A, Other>,
): Promise<Settled<RefusalOf<Command> | Other>> {
  const { kind, asked, statement } = transition
  await lockOrder(tx, asked)
  const [moved] = await statement.run(tx, asked.part, [asked])
  if (moved !== undefined) return { moved }
  const answer = answerOf(transition, await findOrderIn(tx, asked))
  assert(answer !== undefined, `a locked order must answer ${kind}: the SQL guard and the rules differ`)
  return answer
}

/**
 * Two tries beside everyone else, then one under lock, which cannot miss. When the outcome of the first is not known
 * (a connection lost at its COMMIT), the second finds its own command id in the row, or does it now.
 *
 * @throws LedgerUnavailable nothing is known; the same call is safe
 */
export async function carryOut<Command extends OrderCommand, A extends Asked, Other extends string = never>(
  ledger: Ledger,
  transition: Transition<Command, A, Other>,
): Promise<Settled<RefusalOf<Command> | Other>> {
  const beside = async () => {
    const moved = await ledger.batcher.send(transition.statement, transition.asked)
    return moved === undefined ? answerOf(transition, await findOrder(ledger, transition.asked)) : { moved }
  }
  const first = await beside().catch((error: unknown) => {
    if (error instanceof LedgerUnavailable) return undefined
    throw error
  })
  return first ?? (await beside()) ?? (await ledger.db.transaction((tx) => underLock(tx, transition)))
}

/**
 * One transaction on one connection, the same for every driver: what begins, commits and rolls it back, and
 * what a failure in between means. Owns no connection and knows no driver.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  asLedgerError,
  LedgerUnavailable,
  meaningOf,
  type StatementOptions,
  type Statements,
  sqlstateOf,
} from './db.ts'

/** What came of one statement: its command word (`SELECT`, `COMMIT`, …) and its rows. */
export interface Ran {
  readonly command: string
  readonly rows: readonly unknown[]
}

/** A connection while one call has it to itself. */
export interface Session {
  /**
   * One statement, or without `params` several.
   * @throws DatabaseError, LedgerUnavailable; TypeError: a parameter that no column takes, nothing was sent
   */
  ask(sql: string, params?: readonly unknown[], options?: StatementOptions): Promise<Ran>
  /** False once it was given up. */
  usable(): boolean
  /** Never speaks to it again: nothing is known of what it was doing. */
  giveUp(): Promise<void>
  /** The last look before COMMIT. @throws LedgerUnavailable it must not be committed */
  beforeCommit?(): Promise<void>
}

/** The one cast: a row's type follows from its statement, which no compiler reads. */
export const rowsOf = <Row>({ rows }: Ran): Row[] => rows as Row[]

export interface Transactions {
  /** @throws Error when the running code is in the body of a transaction, and would wait for itself */
  assertOutside(): void
  /** One attempt; see {@link Db.transaction}. */
  run<T>(session: Session, body: (tx: Statements) => Promise<T>): Promise<T>
}

/** The transactions of one Db. */
export function transactionsOfOneDb(): Transactions {
  const inside = new AsyncLocalStorage<{ open: boolean }>()
  let running = 0
  async function attempt<T>(session: Session, body: (tx: Statements) => Promise<T>): Promise<T> {
    const scope = { open: true }
    const { tx, settled } = statementsOf(session, scope)
    await session.ask('begin isolation level read committed')
    try {
      const result = await inside.run(scope, () => body(tx))
      const failed = await settled()
      // Swallowed or not: PostgreSQL gave the transaction up at the first failure.
      if (failed !== undefined) throw failed
      await session.beforeCommit?.()
      scope.open = false
      await commit(session)
      return result
    } catch (error) {
      if (!scope.open) throw error // COMMIT was asked for: there is nothing to roll back.
      const failed = await settled()
      scope.open = false
      if (session.usable()) await session.ask('rollback').catch(() => session.giveUp())
      // A body may turn a refusal into an error of its own; deadlock and unavailability are ours to tell.
      throw failed !== undefined && meaningOf(sqlstateOf(failed)) !== 'refused' ? failed : error
    }
  }

  return {
    assertOutside() {
      if (inside.getStore()?.open) {
        throw new Error('a transaction used its Db: it would wait for itself; use what its body was given')
      }
    },
    async run(session, body) {
      running++
      try {
        return await attempt(session, body)
      } finally {
        // While it is on, every await of the whole process pays for it (Node 20: four times its price).
        if (--running === 0) inside.disable()
      }
    },
  }
}

/** Command words that a body must not bring about; it has no savepoints either. */
const ending: ReadonlySet<string> = new Set(['COMMIT', 'ROLLBACK', 'PREPARE'])

/** What a body is given: one statement after the other, however it asks for them. */
function statementsOf(session: Session, scope: { readonly open: boolean }) {
  let failed: Error | undefined
  let last: Promise<unknown> = Promise.resolve()
  const ask = async <Row>(...statement: Parameters<Session['ask']>): Promise<Row[]> => {
    if (!scope.open) throw new Error('this transaction is over')
    try {
      const ran = await session.ask(...statement)
      // To PostgreSQL a COMMIT outside a transaction is only worth a warning: it would pass for success.
      if (ending.has(ran.command))
        failed ??= new Error(`the body ended its transaction itself: ${ran.command}`)
      return rowsOf<Row>(ran)
    } catch (error) {
      if (!(error instanceof TypeError)) failed ??= asLedgerError(error)
      throw error
    }
  }
  const tx: Statements = {
    rows<Row>(...statement: Parameters<Statements['rows']>) {
      const turn = last.then(() => ask<Row>(...statement))
      last = turn.catch(() => undefined)
      return turn
    },
  }
  /** Once all that was asked is answered: the first failure. */
  const settled = async () => {
    await last
    return failed
  }
  return { tx, settled }
}

async function commit(session: Session): Promise<void> {
  const ran = await session.ask('commit').catch((cause: unknown) => {
    throw new LedgerUnavailable('COMMIT failed: whether it was done is unknown', { cause })
  })
  if (ran.command !== 'COMMIT') {
    throw new Error(`a transaction was over before its body was: COMMIT answered ${ran.command}`)
  }
}

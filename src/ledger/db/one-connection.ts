/**
 * A {@link Db} over one embedded instance: turns, transactions, and the instance's death and return.
 * Owns when a statement runs and what a failure means; knows nothing of PGlite, folders or locks.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import {
  asLedgerError,
  type DatabaseError,
  type Db,
  LedgerUnavailable,
  meaningOf,
  type Statements,
  sqlstateOf,
  untilOutOfTheWay,
} from './db.ts'
import { parameterText } from './parameter-text.ts'
import type { Instance } from './pglite-instance.ts'

/** Where the instance lives. */
export interface Home {
  /** Whether {@link reopen} finds what was committed. In memory, death is final, and not presumed lightly. */
  readonly lasting: boolean
  /**
   * Whether the files that the instance opened still lie where it opened them. Asked before each call and
   * each COMMIT, so it must be cheap: a database whose folder was removed goes on for a while from memory
   * and unlinked files, and would acknowledge what nobody can ever read.
   */
  intact(): boolean
  /** Starts another instance on what is there. @throws LedgerUnavailable when it is not there, or will not start */
  reopen(): Promise<Instance>
  /** The last act: frees the place. */
  release(): Promise<void>
}

export function dbOverOneConnection(first: Instance, home: Home): Db {
  let current: Instance | undefined = first
  let opening: Promise<Instance> | undefined
  let closing: Promise<void> | undefined
  let lastTurn: Promise<unknown> = Promise.resolve()
  /** The transaction that the running code is in the body of. */
  const inside = new AsyncLocalStorage<{ open: boolean }>()

  /**
   * An embedded database computes in this thread and answers without a pause: a loop of statements would keep
   * sockets and timers waiting until it ends. So everyone else comes between two turns.
   */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = lastTurn.then(work)
    lastTurn = turn.then(othersFirst, othersFirst)
    return turn
  }

  /** Gives an instance up. Its memory is not written: see {@link Instance.abandon}. */
  const giveUp = async (instance: Instance) => {
    if (current !== instance) return
    current = undefined
    // Nothing can be done for one that cannot even close its files; it is never spoken to again.
    await instance.abandon().catch(() => undefined)
  }

  /** The instance, started again when it was given up: one attempt at a time, shared by all who wait for it. */
  const startedAgain = (): Promise<Instance> => {
    opening ??= inTurn(async () => {
      if (closing !== undefined) throw closedAlready()
      current ??= await home.reopen()
      return current
    }).finally(() => {
      opening = undefined
    })
    return opening
  }

  const use = async <T>(work: (instance: Instance) => Promise<T>): Promise<T> => {
    if (inside.getStore()?.open) {
      throw new Error('a transaction used its Db: it would wait for itself; use what its body was given')
    }
    if (closing !== undefined) throw closedAlready()
    const instance = current ?? (await startedAgain())
    return inTurn(async () => {
      if (instance !== current) {
        throw new LedgerUnavailable('the embedded database went away before this was begun')
      }
      await stillThere(instance)
      return work(instance)
    })
  }

  const stillThere = async (instance: Instance) => {
    if (home.intact()) return
    await giveUp(instance)
    throw new LedgerUnavailable('the folder of the embedded database was removed or replaced')
  }

  /** One statement, its failure in our terms. */
  const ask = async <Row>(instance: Instance, sql: string, params?: readonly unknown[]): Promise<Row[]> => {
    const texts = params?.map((param, i) => parameterText(param, i + 1))
    try {
      const ran = await (texts === undefined ? instance.script(sql) : instance.query(sql, texts))
      // The one cast: a row's type follows from its statement, which no compiler reads.
      return ran.rows as Row[]
    } catch (error) {
      if (isSuspect(error, home.lasting)) await giveUp(instance)
      throw asLedgerError(error)
    }
  }

  const commit = async (instance: Instance) => {
    try {
      const { command } = await instance.script('commit')
      if (command === 'COMMIT') return
    } catch (error) {
      if (isSuspect(error, home.lasting)) await giveUp(instance)
      throw new LedgerUnavailable('COMMIT failed: whether it was done is unknown', { cause: error })
    }
    throw new Error('a transaction was over before its body was: the body must not end it itself')
  }

  const oneTransaction = async <T>(instance: Instance, body: (tx: Statements) => Promise<T>): Promise<T> => {
    const scope = { open: true }
    let failed: DatabaseError | LedgerUnavailable | undefined
    const tx: Statements = {
      async rows<Row>(sql: string, params?: readonly unknown[]) {
        if (!scope.open) throw new Error('this transaction is over')
        try {
          return await ask<Row>(instance, sql, params)
        } catch (error) {
          if (!(error instanceof TypeError)) failed ??= asLedgerError(error)
          throw error
        }
      },
    }

    await ask(instance, 'begin isolation level read committed')
    let result: T
    try {
      result = await inside.run(scope, () => body(tx))
      // Swallowed or not: PostgreSQL gave the transaction up at the first failure.
      if (failed !== undefined) throw failed
      await stillThere(instance)
    } catch (error) {
      scope.open = false
      if (current === instance) await ask(instance, 'rollback').catch(() => giveUp(instance))
      // A body may turn a refusal into an error of its own; but deadlock and unavailability are ours to tell.
      throw failed !== undefined && meaningOf(sqlstateOf(failed)) !== 'refused' ? failed : error
    }
    scope.open = false
    await commit(instance)
    return result
  }

  return {
    rows: <Row>(sql: string, params?: readonly unknown[]) =>
      untilOutOfTheWay(() => use((instance) => ask<Row>(instance, sql, params))),

    transaction: (body) => untilOutOfTheWay(() => use((instance) => oneTransaction(instance, body))),

    close() {
      closing ??= inTurn(async () => {
        const last = current
        current = undefined
        try {
          await (home.intact() ? last?.stop() : last?.abandon())
        } finally {
          await home.release()
        }
      })
      return closing
    },
  }
}

const othersFirst = () => new Promise((resolve) => setImmediate(resolve))

const closedAlready = () => new LedgerUnavailable('the database was closed')

/**
 * Errors after which the instance is not trusted: those of its death, and, where another can take its place,
 * those of its files (58): one file may be gone, or half the folder. A full disk (53) is the statement's.
 */
function isSuspect(error: unknown, lasting: boolean): boolean {
  const sqlstate = sqlstateOf(error)
  return sqlstate === undefined || (lasting && sqlstate.startsWith('58'))
}

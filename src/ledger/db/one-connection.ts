/**
 * A {@link Db} over one embedded instance: turns, and the instance's death and return.
 * Owns when a statement runs and what a failure means; knows nothing of PGlite, folders or locks.
 */
import { asLedgerError, type Db, LedgerUnavailable, sqlstateOf, untilOutOfTheWay } from './db.ts'
import { rowsOf, type Session, transactionsOfOneDb } from './one-transaction.ts'
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
  const transactions = transactionsOfOneDb()

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

  const use = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    transactions.assertOutside()
    if (closing !== undefined) throw closedAlready()
    const instance = current ?? (await startedAgain())
    return inTurn(async () => {
      if (instance !== current) {
        throw new LedgerUnavailable('the embedded database went away before this was begun')
      }
      await stillThere(instance)
      return work(sessionOn(instance))
    })
  }

  const stillThere = async (instance: Instance) => {
    if (home.intact()) return
    await giveUp(instance)
    throw new LedgerUnavailable('the folder of the embedded database was removed or replaced')
  }

  const sessionOn = (instance: Instance): Session => ({
    usable: () => current === instance,
    giveUp: () => giveUp(instance),
    beforeCommit: () => stillThere(instance),
    async ask(sql, params, options) {
      const texts = params?.map((param, i) => parameterText(param, i + 1))
      try {
        return await (texts === undefined ? instance.script(sql) : instance.query(sql, texts, options))
      } catch (error) {
        if (isSuspect(error, home.lasting)) await giveUp(instance)
        throw asLedgerError(error)
      }
    },
  })

  return {
    rows: <Row>(...statement: Parameters<Session['ask']>) =>
      untilOutOfTheWay(() => use(async (session) => rowsOf<Row>(await session.ask(...statement)))),

    transaction: (body) => untilOutOfTheWay(() => use((session) => transactions.run(session, body))),

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

/**
 * A database whose every statement and transaction waits until the simulation lets it go: so what happens when, what is
 * lost on the way, and who dies in between, is chance from a seed. Knows no table.
 */
import { type Db, LedgerUnavailable, type Statements } from '../../src/ledger/db/db.ts'

/** What becomes of a statement: done and answered; lost on its way there, or its answer on the way back. */
export type Fate = 'done' | 'lost-before' | 'lost-after'

interface Waiting {
  readonly owner: object
  readonly go: (fate: Fate) => Promise<void>
}

export interface WaitingRoom {
  /** A connection of its own. What an owner waits for is forgotten when it dies. */
  connect(owner: object): Db
  /** Anything else that an owner waits for: a call, or for time to go by. */
  wait<T>(owner: object, run: () => Promise<T>): Promise<T>
  readonly size: () => number
  /** Lets the one at `place` go. */
  letGo(place: number, fate: Fate): Promise<void>
  /** The owner is dead: nothing that it waits for happens, and nobody hears of it. */
  forget(owner: object): void
}

/** @param rewrite a statement on its way: how bugs are planted */
export function openWaitingRoom(db: Db, rewrite: (sql: string) => string): WaitingRoom {
  let waiting: Waiting[] = []
  const rewritten = (statements: Statements): Statements => ({
    rows: (sql, params, options) => statements.rows(rewrite(sql), params, options),
  })
  const through = rewritten(db)

  const wait = <T>(owner: object, run: () => Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      waiting.push({
        owner,
        async go(fate) {
          if (fate === 'lost-before')
            return reject(new LedgerUnavailable('the line broke before it got there'))
          try {
            const outcome = await run()
            if (fate === 'lost-after') reject(new LedgerUnavailable('the line broke before the answer'))
            else resolve(outcome)
          } catch (error) {
            reject(error)
          }
        },
      })
    })

  return {
    wait,
    connect: (owner) => ({
      rows: (sql, params, options) => wait(owner, () => through.rows(sql, params, options)),
      transaction: (body) => wait(owner, () => db.transaction((tx) => body(rewritten(tx)))),
      close: () => Promise.resolve(),
    }),
    size: () => waiting.length,
    async letGo(place, fate) {
      const [one] = waiting.splice(place, 1)
      await one?.go(fate)
    },
    forget(owner) {
      waiting = waiting.filter((one) => one.owner !== owner)
    },
  }
}

/** A {@link Db} that tells of each call whether the database answered it. A refusal is an answer. */
import { DatabaseError, type Db, LedgerUnavailable } from './db.ts'

/** @param seen must not throw */
export function watched(db: Db, seen: (answered: boolean) => void): Db {
  const watch = async <T>(asked: Promise<T>): Promise<T> => {
    try {
      const result = await asked
      seen(true)
      return result
    } catch (error) {
      // Any other error is that of a transaction's body, and says nothing of the database.
      if (error instanceof LedgerUnavailable) seen(false)
      else if (error instanceof DatabaseError) seen(true)
      throw error
    }
  }
  return {
    rows: (...statement) => watch(db.rows(...statement)),
    transaction: (body) => watch(db.transaction(body)),
    close: () => db.close(),
  }
}

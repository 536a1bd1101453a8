/** A database behind a line that can be cut: before the statement, or after its effect; or that breaks in our hands. */
import { type Db, LedgerUnavailable } from '../../src/ledger/db/db.ts'

export interface Line {
  /** `bug`: neither the database nor the line is to blame. */
  cut: 'nowhere' | 'before' | 'after' | 'bug'
  /** Statements wait for it before they are sent. */
  held: Promise<void> | undefined
  /** Statements that arrived. */
  asked: number
}

export function cuttable(db: Db): { readonly db: Db; readonly line: Line } {
  const line: Line = { cut: 'nowhere', held: undefined, asked: 0 }
  const through = async <T>(work: () => Promise<T>): Promise<T> => {
    line.asked++
    await line.held
    const { cut } = line
    if (cut === 'before') throw new LedgerUnavailable('the line is cut')
    if (cut === 'bug') throw new Error('a planted bug')
    const result = await work()
    if (cut === 'after') throw new LedgerUnavailable('the answer was lost')
    return result
  }
  return {
    db: {
      rows: <Row>(...statement: Parameters<Db['rows']>) => through(() => db.rows<Row>(...statement)),
      transaction: (body) => through(() => db.transaction(body)),
      close: () => db.close(),
    },
    line,
  }
}

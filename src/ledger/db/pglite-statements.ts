/**
 * Statements to PGlite: each in one exchange, and planned once. PGlite's own `query` takes five exchanges, each
 * a crossing into WebAssembly and back, and plans anew every time: a history of ours took twice the time.
 */
import { messages, type PGlite, protocol, types } from '@electric-sql/pglite'
import type { StatementOptions } from './db.ts'

export interface Statement {
  /** Empty when it ended without a word. */
  readonly command: string
  readonly rows: readonly unknown[]
}

export interface PgliteStatements {
  /**
   * Calls must not overlap.
   * @param params as text, which PostgreSQL reads by the types that it infers
   * @param options `freshPlan`: planned for these values alone
   * @throws PGlite's error with the SQLSTATE in `code`
   */
  run(sql: string, params: readonly (string | null)[], options?: StatementOptions): Promise<Statement>
}

const { serialize } = protocol
/** What follows the parameters: what are the columns, run it, and that is all. */
const asked = [serialize.describe({ type: 'P', name: '' }), serialize.execute({}), serialize.sync()]

/** The program's own are fewer. Whoever writes values into its text must not fill the memory with plans. */
const mostKept = 400

/** “cached plan must not change result type”: a table changed under a statement. */
const planOutdated = '0A000'

export function statementsOf(pglite: PGlite): PgliteStatements {
  /** Names under which PostgreSQL keeps statements, by their text. */
  const kept = new Map<string, string>()
  let named = 0

  return {
    async run(sql, params, options) {
      const known = options?.freshPlan ? undefined : kept.get(sql)
      const name = known ?? (options?.freshPlan || kept.size >= mostKept ? '' : `s${++named}`)
      const exchange = [serialize.bind({ statement: name, values: [...params] }), ...asked]
      if (known === undefined) exchange.unshift(serialize.parse({ name, text: sql }))
      const answer = await pglite.execProtocolStream(Buffer.concat(exchange), { throwOnError: false })
      const failed = answer.find((message) => message instanceof messages.DatabaseError)
      if (failed?.code === planOutdated) kept.delete(sql)
      // A statement that fails by its values is kept all the same.
      else if (name !== '' && answer.includes(messages.parseComplete)) kept.set(sql, name)
      if (failed !== undefined) throw failed
      return read(answer, pglite.parsers)
    },
  }
}

function read(
  answer: Awaited<ReturnType<PGlite['execProtocolStream']>>,
  parsers: PGlite['parsers'],
): Statement {
  let columns: readonly { readonly name: string; readonly dataTypeID: number }[] = []
  let command = ''
  const rows: Record<string, unknown>[] = []
  for (const message of answer) {
    if (message instanceof messages.RowDescriptionMessage) columns = message.fields
    else if (message instanceof messages.CommandCompleteMessage) command = message.text.split(' ', 1)[0] ?? ''
    else if (message instanceof messages.DataRowMessage) {
      const row: Record<string, unknown> = {}
      for (const [i, { name, dataTypeID }] of columns.entries())
        row[name] = types.parseType(message.fields[i] ?? null, dataTypeID, parsers)
      rows.push(row)
    }
  }
  return { command, rows }
}

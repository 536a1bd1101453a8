/** How much of the ledger a question reads: what cannot be seen in its answer, and decides how it fares with a million orders. */
import type { Db, Statements } from '../../src/ledger/db/db.ts'

interface Plan {
  'Node Type': string
  'Actual Rows': number
  'Actual Loops': number
  'Relation Name'?: string
  'Rows Removed by Filter'?: number
  Plans?: Plan[]
}
const nodesOf = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)]
const heldRows: readonly (string | undefined)[] = ['orders', 'refunds']

/** @param ask asks; whatever it asks, it is told that there is nothing. @returns the rows of orders and refunds that were read */
export async function rowsRead(db: Db, ask: (counting: Statements) => Promise<unknown>): Promise<number> {
  let read = 0
  await ask({
    rows: async <Row>(...[sql, params, options]: Parameters<Db['rows']>) => {
      const [row] = await db.rows<{ 'QUERY PLAN': [{ Plan: Plan }] }>(
        `explain (analyze, format json) ${sql}`,
        params,
        options,
      )
      for (const node of row === undefined ? [] : nodesOf(row['QUERY PLAN'][0].Plan))
        if (heldRows.includes(node['Relation Name']))
          read += (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops']
      return [] as Row[]
    },
  })
  return read
}

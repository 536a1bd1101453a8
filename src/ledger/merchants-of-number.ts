/** Which merchants of an environment have an order, or a refund, of a number. */
import type { Ledger } from './ledger.ts'
import type { Subject } from './tell-lane.ts'

const places = {
  order: { table: 'orders', number: 'out_trade_no' },
  refund: { table: 'refunds', number: 'out_refund_no' },
} as const

/** More of them are not needed to say that there are several. */
const mostNamed = 5

/** A probe for every merchant. @throws LedgerUnavailable */
export async function merchantsOfNumber(
  { db }: Pick<Ledger, 'db'>,
  envId: string,
  subject: Subject,
  number: string,
): Promise<string[]> {
  const { table, number: column } = places[subject]
  const rows = await db.rows<{ sub_mch_id: string }>(
    `select m.sub_mch_id from merchants m cross join parts p
     where m.env_id = $1 and exists (
       select 1 from ${table} x
       where x.part = p.part and x.env_id = m.env_id and x.sub_mch_id = m.sub_mch_id and x.${column} = $2)
     order by m.sub_mch_id limit ${mostNamed}`,
    [envId, number],
    { freshPlan: true },
  )
  return rows.map(({ sub_mch_id }) => sub_mch_id)
}

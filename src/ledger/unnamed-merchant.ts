/** Which merchant is meant where nobody is named: whoever has the number, or the only one that the operator listed. */
import type { Ledger } from './ledger.ts'

/** More of them are not told apart, only named. */
const mostNamed = 5

/** Whose order or refund a number is; a probe for every merchant. @throws LedgerUnavailable */
export async function merchantsOfNumber(
  { db }: Pick<Ledger, 'db'>,
  envId: string,
  number: string,
): Promise<string[]> {
  const has = (table: 'orders' | 'refunds', column: string) =>
    `exists (select 1 from ${table} x where x.part = p.part and x.env_id = m.env_id
       and x.sub_mch_id = m.sub_mch_id and x.${column} = $2)`
  const rows = await db.rows<{ sub_mch_id: string }>(
    `select m.sub_mch_id from merchants m cross join parts p
     where m.env_id = $1 and (${has('orders', 'out_trade_no')} or ${has('refunds', 'out_refund_no')})
     order by m.sub_mch_id limit ${mostNamed}`,
    [envId, number],
    { freshPlan: true },
  )
  return rows.map(({ sub_mch_id }) => sub_mch_id)
}

/** @returns undefined: none, or several. @throws LedgerUnavailable */
export async function onlyListedMerchant(
  { db }: Pick<Ledger, 'db'>,
  envId: string,
): Promise<string | undefined> {
  const [only, other] = await db.rows<{ sub_mch_id: string }>(
    'select m.sub_mch_id from merchants m where m.env_id = $1 and m.listed limit 2',
    [envId],
  )
  return other === undefined ? only?.sub_mch_id : undefined
}

/** The sandbox's customers: who they are, beside the one that every environment has by its setting. */
import type { Statements } from './db/db.ts'

export interface Payer {
  readonly openid: string
  readonly name: string
}

/** Most of one environment. */
export const mostPayers = 1_000

/** In the order in which they came. */
export const listPayers = (db: Statements, envId: string): Promise<Payer[]> =>
  db.rows<Payer>(
    `select p.openid, p.name from payers p where p.env_id = $1 order by p.created_at, p.openid limit ${mostPayers}`,
    [envId],
  )

/** @returns false: there are too many. A payer of the same openid gets the new name */
export async function addPayer(db: Statements, envId: string, payer: Payer, wall: Date): Promise<boolean> {
  const added = await db.rows(
    `insert into payers as p (env_id, openid, name, created_at)
     select $1, $2, $3, $4::timestamptz
     where (select count(*) from payers x where x.env_id = $1 and x.openid <> $2) < ${mostPayers}
     on conflict (env_id, openid) do update set name = excluded.name returning p.openid`,
    [envId, payer.openid, payer.name, wall],
  )
  return added.length > 0
}

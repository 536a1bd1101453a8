/**
 * What a merchant can refund from, where somebody set it. A merchant without a row has no limit: money that comes in is
 * not counted, so that payments of one merchant never wait for each other.
 */
import type { Db, Statements } from './db/db.ts'

/** A merchant's key; `part` is that of its orders. */
export interface BalanceKey {
  readonly part: number
  readonly envId: string
  readonly subMchId: string
}

const where = 'b.part = $1 and b.env_id = $2 and b.sub_mch_id = $3'
const params = ({ part, envId, subMchId }: BalanceKey) => [part, envId, subMchId]

/** @returns fen; undefined: without limit */
export async function readBalance(
  db: Statements,
  key: BalanceKey,
  lock: '' | 'for update' = '',
): Promise<number | undefined> {
  const rows = await db.rows<{ balance: number }>(
    `select b.balance from balances b where ${where} ${lock}`,
    params(key),
  )
  return rows[0]?.balance
}

/** Takes from a balance, or gives back; nothing where there is no limit. @param by fen, negative to take */
export const changeBalance = (tx: Statements, key: BalanceKey, by: number) =>
  tx.rows(`update balances b set balance = b.balance + $4 where ${where}`, [...params(key), by])

export type BalanceChange = { readonly set: number } | { readonly add: number } | 'unlimited'

/** The most that a balance may hold, in fen: no sum of it leaves what a number holds exactly. */
export const maxBalance = 1_000_000_000_000

/** Sets a limit, adds to it, or takes it away. @returns the balance after it; undefined: without limit */
export const setBalance = (db: Db, key: BalanceKey, change: BalanceChange): Promise<number | undefined> =>
  db.transaction(async (tx) => {
    if (change === 'unlimited') {
      await tx.rows(`delete from balances b where ${where}`, params(key))
      return undefined
    }
    const [row] = await tx.rows<{ balance: number }>(
      `insert into balances as b (part, env_id, sub_mch_id, balance) values ($1, $2, $3, $4)
       on conflict (part, env_id, sub_mch_id)
         do update set balance = least($6::bigint, $4::bigint + case when $5 then b.balance else 0 end)
       returning b.balance`,
      [...params(key), 'set' in change ? change.set : change.add, 'add' in change, maxBalance],
    )
    return row?.balance
  })

/**
 * The form that every transition shares: lock the rows asked for, by key and in the order asked, and keep those
 * whose guard holds on the row as locked.
 */
import type { OrderKey } from './order-key.ts'
import { guardSql, type OrderCommand, timeColumns } from './rules.ts'

/** What every transition is asked with. A batch holds no key twice and is sorted by key. */
export interface Asked extends OrderKey {
  readonly commandId: string
  /** The environment's clock. */
  readonly at: Date
}

const common = {
  env_id: 'text',
  sub_mch_id: 'text',
  out_trade_no: 'text',
  command_id: 'uuid',
  at: 'timestamptz',
  event: 'jsonb',
} as const

/**
 * A sub-select for `from (…) h`: each row asked for that may move, and its `tid`.
 *
 * It probes the key once a row, whatever the planner's statistics say (a plain join was seen to read a merchant's
 * whole history), and locks in the order asked: sorted batches cannot deadlock. A row that anyone touched
 * meanwhile does not move and is not lost: see {@link carryOut}.
 *
 * @param own the command's own columns and their types, parameters $8 and on
 * @param alsoIf a further condition over `asked` and `held`
 */
export function heldRows(
  command: OrderCommand,
  own: Readonly<Record<string, string>> = {},
  alsoIf = 'true',
): string {
  const columns = { ...common, ...own }
  const arrays = Object.values(columns).map((type, index) => `$${index + 2}::${type}[]`)
  return `
    select asked.*, held.tid
    from unnest(${arrays.join(', ')}) as asked(${Object.keys(columns).join(', ')})
    cross join lateral (
      select x.ctid as tid, x.state, x.prepay_id, ${Object.values(timeColumns)
        .map((column) => `x.${column}`)
        .join(', ')}
      from orders x
      where x.part = $1 and x.env_id = asked.env_id and x.sub_mch_id = asked.sub_mch_id
        and x.out_trade_no = asked.out_trade_no
      for update
    ) held
    where (${guardSql(command, 'held', 'asked.at')}) and ${alsoIf}`
}

/** The parameters $1 to $7 of {@link heldRows}. @param more of the event, beside its name and time */
export const heldParams = (
  part: number,
  batch: readonly Asked[],
  event: string,
  more: object = {},
): unknown[] => [
  part,
  batch.map((row) => row.envId),
  batch.map((row) => row.subMchId),
  batch.map((row) => row.outTradeNo),
  batch.map((row) => row.commandId),
  batch.map((row) => row.at),
  batch.map((row) => JSON.stringify({ event, at: row.at.toISOString(), ...more })),
]

/** Whom notices go to, found by skipping along an index. As SQL: who asks for them asks for different things of each. */

export type TellTable = 'orders' | 'refunds'

/** SQL each: what a lane is, and after whom the names begin. */
interface Lane {
  readonly part: string
  readonly clock: string
  readonly after: string
}

/**
 * A common table `t(target)` of everyone who has something to be told, now or later, by their names; its last row is null.
 * From target to target: it costs the same whether a target has one notice or a million.
 */
export function withTargets(table: TellTable, { part, clock, after }: Lane): string {
  const next = (last: string) =>
    `select x.tell_target from ${table} x
     where x.part = ${part} and x.clock = ${clock} and x.tell_at is not null and x.tell_target > ${last}
     order by x.tell_target limit 1`
  return `with recursive t(target) as (
    (${next(after)}) union all select (${next('t.target')}) from t where t.target is not null)`
}

/** Of a target of `t`, the first that is due, by further conditions. @param columns of `x` */
export const firstOfTarget = (
  table: TellTable,
  { part, clock }: Pick<Lane, 'part' | 'clock'>,
  columns: string,
  conditions = 'x.tell_at is not null',
): string =>
  `select ${columns} from ${table} x
   where x.part = ${part} and x.clock = ${clock} and x.tell_target = t.target and ${conditions}
   order by x.tell_at limit 1`

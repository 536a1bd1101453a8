/**
 * Closes orders whose time is up, many in one statement: it finds them, asks the guard and closes them at once, so there
 * is nothing to claim, and nothing to lose. For channels that need no call to close; others claim first (money-lane.ts).
 * The guard is that of every close: an engine that is late changes no outcome.
 */
import type { Statements } from './db/db.ts'
import type { CloseWhy } from './deadlines.ts'
import { guardSql, targetOf } from './rules.ts'
import type { LanePlace } from './tell-lane.ts'

export interface CloseDue extends LanePlace {
  /** On that clock: what was due by then is closed, at that moment. */
  readonly at: Date
  readonly commandId: string
  /** At most so many. */
  readonly limit: number
}

export interface ClosedDue {
  readonly envId: string
  readonly subMchId: string
  readonly outTradeNo: string
  readonly why: CloseWhy
  /** When it was to be closed. */
  readonly dueAt: Date
}

interface ClosedRow {
  env_id: string
  sub_mch_id: string
  out_trade_no: string
  close_why: CloseWhy
  was_due: string
}

/**
 * Planned anew each time: a plan kept from a small table reads all of a large one. Rows that anyone holds are passed by:
 * whoever holds them moves them, or they are found by the next look.
 *
 * @param rows a sub-select of `ctid`s, locked, of the orders to close; parameters from $6 on
 */
async function close(
  db: Statements,
  rows: string,
  { part, clock, at, commandId, limit }: CloseDue,
  more: readonly unknown[],
): Promise<ClosedDue[]> {
  const closed = await db.rows<ClosedRow>(
    `update orders o
     set state = '${targetOf('close')}', closed_at = $3, due_at = null, lease_until = null, claim = null,
         command_id = $4, seq = o.seq + 1,
         history = o.history || jsonb_build_object('event', 'closed', 'at', $6::text, 'by', 'engine',
           'why', o.close_why, 'due', to_char(o.due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
     where o.part = $1 and o.ctid = any(array(${rows}))
     returning o.env_id, o.sub_mch_id, o.out_trade_no, o.close_why, o.history -> -1 ->> 'due' as was_due`,
    [part, clock, at, commandId, limit, at.toISOString(), ...more],
    { freshPlan: true },
  )
  return closed.map((row) => ({
    envId: row.env_id,
    subMchId: row.sub_mch_id,
    outTradeNo: row.out_trade_no,
    why: row.close_why,
    dueAt: new Date(row.was_due),
  }))
}

const mayClose = `(${guardSql('close', 'x', '$3')})`

/**
 * @returns what was closed, of the longest due
 * @throws LedgerUnavailable nothing is known: what was closed is closed, what was not is due as before
 */
export const closeLongestDue = (db: Statements, asked: CloseDue): Promise<ClosedDue[]> =>
  close(
    db,
    `select x.ctid from orders x
     where x.part = $1 and x.clock = $2 and x.due_at <= $3 and ${mayClose}
     order by x.due_at limit $5 for update skip locked`,
    asked,
    [],
  )

/** A merchant of an environment; turns go by it. */
export interface Turn {
  readonly envId: string
  readonly subMchId: string
}

/**
 * The next merchants in turn that have orders on this clock, and whether something of theirs is due: by probes of an index, two a
 * merchant.
 * @param wall real time: what is leased until later is somebody's
 * @param after where the last turn ended; undefined: from the first
 */
export async function nextInTurn(
  db: Statements,
  { part, clock, dueBy, wall }: LanePlace & { readonly dueBy: Date; readonly wall: Date },
  after: Turn | undefined,
  most: number,
): Promise<(Turn & { readonly isDue: boolean })[]> {
  const rows = await db.rows<{ env_id: string; sub_mch_id: string; is_due: boolean }>(
    `with recursive turn as (
       (select x.env_id, x.sub_mch_id, 1 as place from orders x
        where x.part = $1 and x.clock = $2 and x.due_at is not null and (x.env_id, x.sub_mch_id) > ($3, $4)
        order by x.env_id, x.sub_mch_id limit 1)
       union all
       select next.env_id, next.sub_mch_id, t.place + 1 from turn t
       cross join lateral (
         select x.env_id, x.sub_mch_id from orders x
         where x.part = $1 and x.clock = $2 and x.due_at is not null
           and (x.env_id, x.sub_mch_id) > (t.env_id, t.sub_mch_id)
         order by x.env_id, x.sub_mch_id limit 1) next
       where t.place < $5)
     select t.env_id, t.sub_mch_id, exists(
       select from orders x
       where x.part = $1 and x.clock = $2 and x.env_id = t.env_id and x.sub_mch_id = t.sub_mch_id and x.due_at <= $6
         and (x.lease_until is null or x.lease_until < $7)) as is_due
     from turn t`,
    [part, clock, after?.envId ?? '', after?.subMchId ?? '', most, dueBy, wall],
    { freshPlan: true },
  )
  return rows.map((row) => ({ envId: row.env_id, subMchId: row.sub_mch_id, isDue: row.is_due }))
}

/**
 * So many of each of these merchants, `limit` in all: whoever has a hundred thousand due takes nobody's turn.
 * @throws LedgerUnavailable as {@link closeLongestDue}
 */
export const closeInTurn = (db: Statements, asked: CloseDue, turns: readonly Turn[]): Promise<ClosedDue[]> =>
  close(
    db,
    `select d.tid from unnest($7::text[], $8::text[]) as t(env_id, sub_mch_id)
     cross join lateral (
       select x.ctid as tid from orders x
       where x.part = $1 and x.clock = $2 and x.env_id = t.env_id and x.sub_mch_id = t.sub_mch_id
         and x.due_at <= $3 and ${mayClose}
       order by x.due_at limit $9 for update skip locked) d
     limit $5`,
    asked,
    [
      turns.map(({ envId }) => envId),
      turns.map(({ subMchId }) => subMchId),
      Math.ceil(asked.limit / Math.max(1, turns.length)),
    ],
  )

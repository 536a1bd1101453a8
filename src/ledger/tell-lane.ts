/**
 * The lane of telling, of orders and of refunds alike: whose notices are due, claiming them, writing what came of an
 * attempt. A lease saves effort; a result counts only where its claim still stands. Never: how anyone is told.
 */
import type { BatchKind } from './db/batcher.ts'
import type { Statements } from './db/db.ts'
import type { Ledger } from './ledger.ts'
import { type Notice, tellAtOf, toldOf } from './notices.ts'
import { type Order, type OrderRow, orderColumns, readOrder } from './order.ts'
import { type Refund, type RefundRow, readRefund, refundColumns } from './refund.ts'
import { firstOfTarget, withTargets } from './told-targets.ts'

/** What notices are about. */
export type Subject = 'order' | 'refund'
export const subjects: readonly Subject[] = ['order', 'refund']

const tables = { order: 'orders', refund: 'refunds' } as const
const numbers = { order: 'out_trade_no', refund: 'out_refund_no' } as const

/** The key of an order or a refund. */
export interface TellKey {
  readonly subject: Subject
  readonly part: number
  readonly envId: string
  readonly subMchId: string
  /** Its `out_trade_no` or `out_refund_no`. */
  readonly number: string
}

/** An order or a refund, with all that is to be told of it. */
export type Telling = TellKey & { readonly notices: readonly Notice[]; readonly tellTarget: string } & (
    | { readonly subject: 'order'; readonly order: Order }
    | { readonly subject: 'refund'; readonly refund: Refund }
  )

/** On which clock, in which part. */
export interface LanePlace {
  readonly part: number
  /** `real`, or the env_id whose test clock it is. */
  readonly clock: string
}

export interface DueTarget {
  readonly target: string
  /** When the first of its notices is due. */
  readonly at: Date
}

/** As parameters. */
const lane = { part: '$1', clock: '$2' }
/** Of one statement. */
const mostTargets = 1_000

/** Those that come after a target, in the order of their names. */
const targetsAfter = (
  db: Statements,
  subject: Subject,
  { part, clock }: LanePlace,
  last: string,
): Promise<DueTarget[]> =>
  db.rows<DueTarget>(
    `${withTargets(tables[subject], { ...lane, after: '$3' })}
     select t.target, d.at from t cross join lateral (
       ${firstOfTarget(tables[subject], lane, 'x.tell_at as at')}) d
     where t.target is not null limit ${mostTargets}`,
    [part, clock, last],
    { freshPlan: true },
  )

/** Everyone who has something to be told, now or later, and when first. */
export async function dueTargets(
  db: Statements,
  subject: Subject,
  place: LanePlace,
): Promise<readonly DueTarget[]> {
  const all: DueTarget[] = []
  for (;;) {
    const some = await targetsAfter(db, subject, place, all.at(-1)?.target ?? '')
    all.push(...some)
    if (some.length < mostTargets) return all
  }
}

export interface TellClaim extends LanePlace {
  readonly subject: Subject
  /** Whose notices, who comes first, and how many of each can be started. */
  readonly targets: readonly { readonly target: string; readonly free: number }[]
  /** At most so many in all. */
  readonly limit: number
  /** On the clock: what is due by then. */
  readonly dueBy: Date
  /** Real time: leases that ended before it are nobody's. */
  readonly wall: Date
  readonly leaseUntil: Date
  /** Names this claim. */
  readonly claim: string
}

type Claimed = { notices: Notice[]; tell_target: string }
type OrderClaimed = OrderRow & Claimed
type RefundClaimed = RefundRow & Claimed

const readTelling = {
  order: (part: number, row: OrderClaimed): Telling => ({
    subject: 'order',
    part,
    envId: row.env_id,
    subMchId: row.sub_mch_id,
    number: row.out_trade_no,
    notices: row.notices,
    tellTarget: row.tell_target,
    order: readOrder(row),
  }),
  refund: (part: number, row: RefundClaimed): Telling => ({
    subject: 'refund',
    part,
    envId: row.env_id,
    subMchId: row.sub_mch_id,
    number: row.out_refund_no,
    notices: row.notices,
    tellTarget: row.tell_target,
    refund: readRefund(row),
  }),
} as const

const columnsOf = (subject: Subject, row: string) =>
  `${row}.notices, ${row}.tell_target, ${subject === 'order' ? orderColumns(row) : refundColumns(row)}`

async function tellings(
  db: Statements,
  subject: Subject,
  part: number,
  sql: string,
  params: readonly unknown[],
): Promise<Telling[]> {
  const options = { freshPlan: true }
  if (subject === 'order')
    return (await db.rows<OrderClaimed>(sql, params, options)).map((row) => readTelling.order(part, row))
  return (await db.rows<RefundClaimed>(sql, params, options)).map((row) => readTelling.refund(part, row))
}

/**
 * One statement, a probe a target. `array(…)` decides the rows once, whatever the plan; what others hold is passed by.
 *
 * @throws LedgerUnavailable nothing is known; whatever was claimed is free again when its lease ends
 */
export const claimTellings = (db: Statements, asked: TellClaim): Promise<Telling[]> => {
  const { subject, part, targets } = asked
  return tellings(
    db,
    subject,
    part,
    `update ${tables[subject]} o set tell_lease_until = $6, tell_claim = $7
     where o.part = $1 and o.ctid = any(array(
       select due.tid from unnest($3::text[], $4::int[]) as t(target, free) cross join lateral (
         select x.ctid as tid from ${tables[subject]} x
         where x.part = $1 and x.clock = $2 and x.tell_target = t.target and x.tell_at <= $5
           and (x.tell_lease_until is null or x.tell_lease_until < $8)
         order by x.tell_at limit t.free for update skip locked) due
       limit $9))
     returning ${columnsOf(subject, 'o')}`,
    [
      part,
      asked.clock,
      targets.map(({ target }) => target),
      targets.map(({ free }) => free),
      asked.dueBy,
      asked.leaseUntil,
      asked.claim,
      asked.wall,
      asked.limit,
    ],
  )
}

/**
 * The order or refund as it stands, with its notices.
 * @param claim only where this one still holds it
 */
export const findTelling = async (
  db: Statements,
  key: TellKey,
  claim?: string,
): Promise<Telling | undefined> => {
  const { subject, part } = key
  const rows = await tellings(
    db,
    subject,
    part,
    `select ${columnsOf(subject, 'x')} from ${tables[subject]} x
     where x.part = $1 and x.env_id = $2 and x.sub_mch_id = $3 and x.${numbers[subject]} = $4
       and ($5::uuid is null or x.tell_claim = $5)`,
    [part, key.envId, key.subMchId, key.number, claim ?? null],
  )
  return rows[0]
}

export interface Told extends TellKey {
  readonly claim: string
  /** All of the row's notices as they shall be; none was added or taken away. */
  readonly notices: readonly Notice[]
}

const keyText = ({ subject, envId, subMchId, number }: TellKey) =>
  `${subject}\n${envId}\n${subMchId}\n${number}`

const writeKind = (subject: Subject): BatchKind<Told, true> => ({
  name: `tell-${subject}`,
  partOf: ({ part }) => part,
  keyOf: keyText,
  async run(db, part, batch) {
    const rows = await db.rows<{ place: number }>(
      `update ${tables[subject]} o
       set notices = h.notices, told = h.told, tell_at = h.tell_at, tell_lease_until = null, tell_claim = null
       from (
         select asked.*, held.tid
         from unnest($2::text[], $3::text[], $4::text[], $5::uuid[], $6::jsonb[], $7::text[], $8::timestamptz[], $9::int[])
           with ordinality as asked(env_id, sub_mch_id, number, claim, notices, told, tell_at, count, place)
         cross join lateral (
           select x.ctid as tid, x.tell_claim, x.notices from ${tables[subject]} x
           where x.part = $1 and x.env_id = asked.env_id and x.sub_mch_id = asked.sub_mch_id
             and x.${numbers[subject]} = asked.number
           for update
         ) held
         where held.tell_claim = asked.claim and jsonb_array_length(held.notices) = asked.count
       ) h
       where o.part = $1 and o.ctid = h.tid
       returning h.place`,
      [
        part,
        batch.map(({ envId }) => envId),
        batch.map(({ subMchId }) => subMchId),
        batch.map(({ number }) => number),
        batch.map(({ claim }) => claim),
        batch.map(({ notices }) => JSON.stringify(notices)),
        batch.map(({ notices }) => toldOf(notices)),
        batch.map(({ notices }) => tellAtOf(notices)),
        batch.map(({ notices }) => notices.length),
      ],
    )
    const moved = new Set(rows.map(({ place }) => place))
    return batch.map((_, index) => (moved.has(index + 1) ? true : undefined))
  },
})

const writeKinds = { order: writeKind('order'), refund: writeKind('refund') } as const

/**
 * Writes what came of an attempt and ends its claim.
 * @returns false: nothing was written, for the claim stands no more, or something else was written to the row meanwhile
 * @throws LedgerUnavailable nothing is known: the lease ends, and the notice is told again
 */
export const writeTold = async ({ batcher }: Ledger, told: Told): Promise<boolean> =>
  (await batcher.send(writeKinds[told.subject], told)) === true

/** Gives a claim back before its lease ends; what it was claimed for is due as before. */
export const releaseClaim = (db: Statements, key: TellKey, claim: string) =>
  db.rows(
    `update ${tables[key.subject]} o set tell_lease_until = null, tell_claim = null
     where o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3 and o.${numbers[key.subject]} = $4 and o.tell_claim = $5`,
    [key.part, key.envId, key.subMchId, key.number, claim],
  )

/**
 * Makes notices due again, whoever is telling them: what comes of an attempt under way does not count any more.
 * @param wall real time: a lease that ended before it is nobody's
 * @param change of the notices as locked, and whether somebody is telling those that are due; undefined: leave them as they are
 * @returns the notices as they are now; undefined: there is no such order or refund
 */
export const changeNotices = (
  { db }: Ledger,
  key: TellKey,
  wall: Date,
  change: (notices: readonly Notice[], isTold: boolean) => readonly Notice[] | undefined,
): Promise<readonly Notice[] | undefined> =>
  db.transaction(async (tx) => {
    const { subject, part, envId, subMchId, number } = key
    const where = `o.part = $1 and o.env_id = $2 and o.sub_mch_id = $3 and o.${numbers[subject]} = $4`
    const [row] = await tx.rows<{ notices: Notice[]; is_told: boolean }>(
      `select o.notices, (o.tell_claim is not null and o.tell_lease_until > $5) as is_told
       from ${tables[subject]} o where ${where} for update`,
      [part, envId, subMchId, number, wall],
    )
    if (row === undefined) return undefined
    const changed = change(row.notices, row.is_told)
    if (changed === undefined) return row.notices
    await tx.rows(
      `update ${tables[subject]} o
       set notices = $5, told = $6, tell_at = $7, tell_lease_until = null, tell_claim = null where ${where}`,
      [part, envId, subMchId, number, JSON.stringify(changed), toldOf(changed), tellAtOf(changed)],
    )
    return changed
  })

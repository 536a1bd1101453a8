/**
 * The log of attempts to tell: when, to whom, what was sent and what came back. For people who look for a cause; the
 * truth is in the notices. Written beside the result of an attempt, best effort; old ones go.
 */
import type { Text } from '../protocol/text.ts'
import type { BatchKind } from './db/batcher.ts'
import type { Ledger } from './ledger.ts'
import { pruneLog } from './prune-log.ts'
import type { Subject, TellKey } from './tell-lane.ts'

export interface Delivery extends TellKey {
  readonly id: string
  /** Real time. */
  readonly loggedAt: Date
  /** When it began, on the environment's clock. */
  readonly at: Date
  readonly kind: string
  /** Which attempt of its notice, from 1. */
  readonly attempt: number
  readonly target: string
  /** `acknowledged`, or the code of what went wrong. */
  readonly outcome: string
  readonly why: Text | undefined
  /** Of HTTP; undefined where none came. */
  readonly status: number | undefined
  readonly ms: number
  /** The first part of it. */
  readonly answer: string | undefined
  /** Without its signature. */
  readonly sent: string
}

/** Kept of each: enough to see what it is. */
export const keptAnswer = 1_024
export const keptSent = 8_192

/** Kept of an environment: so many, and none older. */
export const keptDeliveries = 100_000
export const keptMs = 7 * 24 * 3_600_000

/** As PostgreSQL stores it: whole characters, no NUL. */
const kept = (text: string, most: number) => Buffer.from(text.slice(0, most)).toString().replaceAll('\0', '?')

/** A signature is nobody's to read again: v2's `sign`, the last that is called so, is left out of what was sent. */
const unsigned = (text: string) => text.replace(/<sign>(?!.*<sign>).*<\/sign>/s, '<sign>***</sign>')

export const logDeliveryKind: BatchKind<Delivery, true> = {
  name: 'delivery',
  partOf: ({ part }) => part,
  keyOf: ({ id }) => id,
  async run(db, part, batch) {
    await db.rows(
      `insert into deliveries (part, env_id, logged_at, id, sub_mch_id, subject, number, at, kind, attempt, target,
         outcome, why, status, ms, answer, sent)
       select a.part, u.* from parts a, unnest(
         $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[], $9::text[],
         $10::int[], $11::text[], $12::text[], $13::jsonb[], $14::int[], $15::float8[], $16::text[], $17::text[]) u
       where a.part = $1
       on conflict do nothing`,
      [
        part,
        batch.map((row) => row.envId),
        batch.map((row) => row.loggedAt),
        batch.map((row) => row.id),
        batch.map((row) => row.subMchId),
        batch.map((row) => row.subject),
        batch.map((row) => row.number),
        batch.map((row) => row.at),
        batch.map((row) => row.kind),
        batch.map((row) => row.attempt),
        batch.map((row) => kept(row.target, 400)),
        batch.map((row) => row.outcome),
        batch.map((row) => (row.why === undefined ? null : JSON.stringify(row.why))),
        batch.map((row) => row.status ?? null),
        batch.map((row) => row.ms),
        batch.map((row) => (row.answer === undefined ? null : kept(row.answer, keptAnswer))),
        batch.map((row) => kept(unsigned(row.sent), keptSent)),
      ],
    )
    return batch.map(() => true)
  },
}

/** @throws LedgerUnavailable, DatabaseError it is lost: nothing depends on it */
export const logDelivery = ({ batcher }: Ledger, delivery: Delivery) =>
  batcher.send(logDeliveryKind, delivery)

interface DeliveryRow {
  id: string
  sub_mch_id: string
  subject: Subject
  number: string
  logged_at: Date
  at: Date
  kind: string
  attempt: number
  target: string
  outcome: string
  why: Text | null
  status: number | null
  ms: number
  answer: string | null
  sent: string
}

/** Whose notices: an order's or a refund's. */
type Told = Pick<TellKey, 'subject' | 'number'>

/**
 * The newest attempts of the notices of an order, or of its refunds, the newest first.
 * @param of of one merchant's orders and refunds: `key` names the merchant
 */
export async function listDeliveries(
  { db }: Pick<Ledger, 'db'>,
  key: Pick<TellKey, 'part' | 'envId' | 'subMchId'>,
  of: readonly Told[],
  limit: number,
): Promise<Delivery[]> {
  const { part, envId, subMchId } = key
  const rows = await db.rows<DeliveryRow>(
    `select l.* from unnest($4::text[], $5::text[]) as u(subject, number)
     cross join lateral (
       select d.id, d.sub_mch_id, d.subject, d.number, d.logged_at, d.at, d.kind, d.attempt, d.target, d.outcome, d.why,
         d.status, d.ms, d.answer, d.sent
       from deliveries d
       where d.part = $1 and d.env_id = $2 and d.sub_mch_id = $3 and d.subject = u.subject and d.number = u.number
       order by d.logged_at desc, d.id limit $6) l
     order by l.logged_at desc, l.id limit $6`,
    [part, envId, subMchId, of.map(({ subject }) => subject), of.map(({ number }) => number), limit],
    { freshPlan: true },
  )
  return rows.map((row) => ({
    part,
    envId,
    subMchId,
    subject: row.subject,
    number: row.number,
    id: row.id,
    loggedAt: row.logged_at,
    at: row.at,
    kind: row.kind,
    attempt: row.attempt,
    target: row.target,
    outcome: row.outcome,
    why: row.why ?? undefined,
    status: row.status ?? undefined,
    ms: row.ms,
    answer: row.answer ?? undefined,
    sent: row.sent,
  }))
}

/** Deletes an environment's attempts that are too old or too many, part by part. */
export async function pruneDeliveries({ db, parts }: Ledger, envId: string, now: Date): Promise<void> {
  const limits = { oldest: new Date(now.getTime() - keptMs), kept: keptDeliveries }
  for (let part = 0; part < parts; part++)
    await pruneLog(db, { table: 'deliveries', time: 'logged_at', part, envId }, limits)
}

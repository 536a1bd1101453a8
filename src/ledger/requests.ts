/**
 * Rows of the request log: how they are written, listed and pruned. Never: when; see request-log.ts.
 *
 * A row's part follows from its environment alone, so that one environment's calls are listed from one part. Calls that
 * are nobody's have the environment '' and are counted apart: strangers cannot push a tenant's calls out.
 */
import type { SignatureCheck } from '../protocol/signature-check.ts'
import type { Ledger } from './ledger.ts'
import { merchantHash, partOfHash } from './parts.ts'
import { pruneLog } from './prune-log.ts'

/** One call that is over. Never a key, a signature, or a header but in the text that a signature was expected of. */
export interface CallRecord {
  /** The id that the texts of an answer repeat. */
  readonly id: string
  /** Real time at which it was over. */
  readonly at: Date
  readonly door: string
  readonly method?: string | undefined
  /** Whose call; undefined where that was never known. */
  readonly envId?: string | undefined
  readonly subMchId?: string | undefined
  readonly outTradeNo?: string | undefined
  readonly outcome: string
  /** Why the caller was refused. */
  readonly why?: string | undefined
  /** What went wrong on our side. */
  readonly fault?: string | undefined
  /** Of HTTP. */
  readonly status: number
  readonly ms: number
  /** What was asked and what was answered, signatures masked; the beginning of it is kept. */
  readonly body?: string | undefined
  readonly answer?: string | undefined
  /** Why its signature does not hold. */
  readonly signed?: SignatureCheck | undefined
}

export type RequestTable = Pick<Ledger, 'db' | 'parts'>

/** Kept of an environment: so many calls, and none older. */
export const keptRows = 100_000
export const keptMs = 7 * 24 * 3_600_000

/** The text columns, and the longest that each is kept, in characters. Ids and doors are ours, and short. */
const longest = {
  id: 10,
  door: 16,
  method: 64,
  sub_mch_id: 32,
  out_trade_no: 32,
  outcome: 64,
  why: 300,
  fault: 300,
  body: 2_048,
  answer: 2_048,
}

type TextColumn = keyof typeof longest
const textColumns = Object.keys(longest).filter((name): name is TextColumn => name in longest)

/** A call as it is written. */
export interface RequestRow {
  readonly envId: string
  readonly at: Date
  readonly status: number
  readonly ms: number
  readonly signed: string | null
  readonly texts: Readonly<Record<TextColumn, string | null>>
}

/** NUL is nothing that PostgreSQL can store; halves of characters are replaced by the buffer. */
const storable = (text: string): string => Buffer.from(text).toString().replaceAll('\0', '?')

/**
 * A text of its own: a piece of a request would keep the whole request in memory. Without what PostgreSQL cannot store.
 */
const ownText = (text: string | undefined, most: number): string | null =>
  text === undefined ? null : storable(text.slice(0, most))

/** What its protocol cuts and masks; cleaned before it is JSON, in which a backslash has a meaning of its own. */
const checkText = (check: SignatureCheck): string =>
  JSON.stringify(check, (_name, value: unknown) => (typeof value === 'string' ? storable(value) : value))

const partOf = ({ parts }: RequestTable, envId: string) => partOfHash(merchantHash(envId, ''), parts)

export function requestRow(call: CallRecord): RequestRow {
  return {
    envId: call.envId ?? '',
    at: call.at,
    status: call.status,
    ms: call.ms,
    signed: call.signed === undefined ? null : checkText(call.signed),
    texts: {
      id: call.id,
      door: call.door,
      method: ownText(call.method, longest.method),
      sub_mch_id: ownText(call.subMchId, longest.sub_mch_id),
      out_trade_no: ownText(call.outTradeNo, longest.out_trade_no),
      outcome: ownText(call.outcome, longest.outcome),
      why: ownText(call.why, longest.why),
      fault: ownText(call.fault, longest.fault),
      body: ownText(call.body, longest.body),
      answer: ownText(call.answer, longest.answer),
    },
  }
}

/** Rows by their part: one statement is of one. */
export function inParts(table: RequestTable, rows: readonly RequestRow[]): Map<number, RequestRow[]> {
  const partOfEnvironment = new Map<string, number>()
  const parts = new Map<number, RequestRow[]>()
  for (const row of rows) {
    const part = partOfEnvironment.get(row.envId) ?? partOf(table, row.envId)
    partOfEnvironment.set(row.envId, part)
    const together = parts.get(part)
    if (together === undefined) parts.set(part, [row])
    else together.push(row)
  }
  return parts
}

const insertRows = `
  insert into requests (part, env_id, at, status, ms, signed, ${textColumns.join(', ')})
  select a.part, u.* from parts a, unnest(
    $2::text[], $3::timestamptz[], $4::int[], $5::float8[], $6::jsonb[],
    ${textColumns.map((_, index) => `$${index + 7}::text[]`).join(', ')}
  ) u
  where a.part = $1
  on conflict do nothing`

/**
 * One statement. A row that is there already (the answer to an earlier try was lost) stays as it is.
 * @param rows all of `part`
 * @throws DatabaseError none was written; @throws LedgerUnavailable try again
 */
export const writeRequests = ({ db }: RequestTable, part: number, rows: readonly RequestRow[]) =>
  db.rows(insertRows, [
    part,
    rows.map((row) => row.envId),
    rows.map((row) => row.at),
    rows.map((row) => row.status),
    rows.map((row) => row.ms),
    rows.map((row) => row.signed),
    ...textColumns.map((column) => rows.map((row) => row.texts[column])),
  ])

export interface ListedRequests {
  /** '': calls that are nobody's. */
  readonly envId: string
  /** Those that are nobody's as well. */
  readonly withNobodys?: boolean | undefined
  readonly door?: string | undefined
  readonly method?: string | undefined
  readonly subMchId?: string | undefined
  readonly outTradeNo?: string | undefined
  /** Only those that were refused, or went wrong. */
  readonly failed?: boolean | undefined
  /** 1–1000. */
  readonly limit: number
  /** The last call of the page before. */
  readonly before?: Pick<CallRecord, 'at' | 'id'> | undefined
}

interface RequestRead extends Record<TextColumn, string | null> {
  readonly at: Date
  readonly status: number
  readonly ms: number
  readonly signed: SignatureCheck | null
  readonly id: string
  readonly door: string
  readonly outcome: string
}

const readRequest = (row: RequestRead, envId: string): CallRecord => ({
  id: row.id,
  at: row.at,
  door: row.door,
  method: row.method ?? undefined,
  envId: envId === '' ? undefined : envId,
  subMchId: row.sub_mch_id ?? undefined,
  outTradeNo: row.out_trade_no ?? undefined,
  outcome: row.outcome,
  why: row.why ?? undefined,
  fault: row.fault ?? undefined,
  status: row.status,
  ms: row.ms,
  body: row.body ?? undefined,
  answer: row.answer ?? undefined,
  signed: row.signed ?? undefined,
})

const newestFirst = (one: CallRecord, other: CallRecord) =>
  other.at.getTime() - one.at.getTime() || (one.id < other.id ? 1 : -1)

/** An environment's calls, newest first. */
export async function listRequests(table: RequestTable, listed: ListedRequests): Promise<CallRecord[]> {
  if (listed.withNobodys !== true || listed.envId === '') return listOnes(table, listed)
  // They are of another part: each list is asked for as long as it may be needed.
  const lists = await Promise.all([listOnes(table, listed), listOnes(table, { ...listed, envId: '' })])
  return lists.flat().sort(newestFirst).slice(0, listed.limit)
}

async function listOnes(
  table: RequestTable,
  { envId, limit, before, door, method, subMchId, outTradeNo, failed }: ListedRequests,
): Promise<CallRecord[]> {
  const params: unknown[] = [partOf(table, envId), envId]
  const given = (value: unknown) => `$${params.push(value)}`
  const conditions = ['r.part = $1', 'r.env_id = $2']
  if (before !== undefined)
    conditions.push(`(r.at, r.id) < (${given(before.at)}::timestamptz, ${given(before.id)})`)
  if (door !== undefined) conditions.push(`r.door = ${given(door)}`)
  if (method !== undefined) conditions.push(`r.method = ${given(method)}`)
  if (subMchId !== undefined) conditions.push(`r.sub_mch_id = ${given(subMchId)}`)
  if (outTradeNo !== undefined) conditions.push(`r.out_trade_no = ${given(outTradeNo)}`)
  if (failed === true) conditions.push('(r.why is not null or r.fault is not null)')
  const rows = await table.db.rows<RequestRead>(
    `select r.at, r.status, r.ms, r.signed, ${textColumns.map((column) => `r.${column}`).join(', ')}
     from requests r
     where ${conditions.join(' and ')}
     order by r.at desc, r.id desc limit ${given(limit)}`,
    params,
    { freshPlan: true },
  )
  return rows.map((row) => readRequest(row, envId))
}

/** Everyone whose calls may be there, nobody included. */
export const requestEnvironments = async ({ db }: RequestTable): Promise<string[]> => {
  const rows = await db.rows<{ env_id: string }>('select e.env_id from environments e')
  return ['', ...rows.map((row) => row.env_id)]
}

/** Deletes an environment's calls that are older than {@link keptMs}, and those beyond its newest `kept`. */
export const pruneRequests = (
  table: RequestTable,
  envId: string,
  now: Date,
  kept = keptRows,
): Promise<void> =>
  pruneLog(
    table.db,
    { table: 'requests', time: 'at', part: partOf(table, envId), envId },
    { oldest: new Date(now.getTime() - keptMs), kept },
  )

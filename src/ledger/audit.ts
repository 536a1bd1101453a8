/** The audit log: what people changed, by whom and with what outcome. Written with the answer; old entries go. */
import type { Ledger } from './ledger.ts'
import { merchantHash, partOfHash } from './parts.ts'
import { pruneLog } from './prune-log.ts'

export interface AuditEntry {
  /** Of the call, in the log. */
  readonly id: string
  readonly envId: string
  /** Real time. */
  readonly at: Date
  readonly who: string
  readonly client: string | undefined
  readonly action: string
  readonly asked: string
  readonly status: number
  readonly outcome: string
}

/** Of an environment: so many, and none older. */
const kept = 100_000
const keptMs = 366 * 24 * 3_600_000
/** Every so many entries of this process the environment's old ones go. */
const pruneEvery = 500
let written = 0

type AuditTable = Pick<Ledger, 'db' | 'parts'>

const partOf = ({ parts }: AuditTable, envId: string) => partOfHash(merchantHash(envId, ''), parts)

/** @throws LedgerUnavailable, DatabaseError it is not on record */
export async function writeAudit(table: AuditTable, entry: AuditEntry): Promise<void> {
  const { envId, at, id, who, client, action, asked, status, outcome } = entry
  const part = partOf(table, envId)
  await table.db.rows(
    `insert into audit (part, env_id, at, id, who, client, action, asked, status, outcome)
     select a.part, $2, $3, $4, $5, $6, $7, $8, $9, $10 from parts a where a.part = $1
     on conflict do nothing`,
    [part, envId, at, id, who, client ?? null, action, asked, status, outcome],
  )
  written++
  if (written % pruneEvery === 0) {
    const limits = { oldest: new Date(at.getTime() - keptMs), kept }
    await pruneLog(table.db, { table: 'audit', time: 'at', part, envId }, limits)
  }
}

/** Newest first. @param before the last entry of the page before. @throws LedgerUnavailable */
export async function listAudit(
  table: AuditTable,
  envId: string,
  { before, limit }: { readonly before?: { at: Date; id: string } | undefined; readonly limit: number },
): Promise<AuditEntry[]> {
  const rows = await table.db.rows<{
    at: Date
    id: string
    who: string
    client: string | null
    action: string
    asked: string
    status: number
    outcome: string
  }>(
    `select x.at, x.id, x.who, x.client, x.action, x.asked, x.status, x.outcome from audit x
     where x.part = $1 and x.env_id = $2 and ($3::timestamptz is null or (x.at, x.id) < ($3::timestamptz, $4))
     order by x.at desc, x.id desc limit $5`,
    [partOf(table, envId), envId, before?.at ?? null, before?.id ?? '', limit],
    { freshPlan: true },
  )
  return rows.map((row) => ({ ...row, envId, client: row.client ?? undefined }))
}

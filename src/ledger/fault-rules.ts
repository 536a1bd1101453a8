/** Faults that were asked for until switched off: their rows. Never: what they mean (channels/sandbox). */
import type { Statements } from './db/db.ts'

/** On which calls or notices a fault strikes: on those that fit all that is given. */
export interface FaultRule {
  readonly fault: string
  readonly ms?: number | undefined
  readonly method?: string | undefined
  readonly subMchId?: string | undefined
  readonly outTradeNo?: string | undefined
  /** Fen. */
  readonly totalFee?: number | undefined
}

export interface StoredFault {
  readonly faultId: string
  readonly rule: FaultRule
  /** How often it strikes yet; undefined: without end. */
  readonly timesLeft: number | undefined
}

/** The oldest first; those that are used up are gone. */
export const readFaults = async (db: Statements, envId: string): Promise<StoredFault[]> => {
  const rows = await db.rows<{ fault_id: string; rule: FaultRule; times_left: number | null }>(
    `select f.fault_id, f.rule, f.times_left from faults f
     where f.env_id = $1 and (f.times_left is null or f.times_left > 0) order by f.created_at, f.fault_id`,
    [envId],
  )
  return rows.map((row) => ({
    faultId: row.fault_id,
    rule: row.rule,
    timesLeft: row.times_left ?? undefined,
  }))
}

export const addFault = (db: Statements, envId: string, fault: StoredFault, wall: Date) =>
  db.rows('insert into faults (env_id, fault_id, rule, times_left, created_at) values ($1, $2, $3, $4, $5)', [
    envId,
    fault.faultId,
    JSON.stringify(fault.rule),
    fault.timesLeft ?? null,
    wall,
  ])

/** @param fault by name or id; undefined: all. @returns how many are switched off */
export const removeFaults = async (db: Statements, envId: string, fault: string | undefined) =>
  (
    await db.rows(
      `delete from faults f
       where f.env_id = $1 and ($2::text is null or f.fault_id = $2 or f.rule ->> 'fault' = $2)
       returning f.fault_id`,
      [envId, fault ?? null],
    )
  ).length

/** Strikes once: of two calls at once a fault that is left once strikes one. @returns whether it struck */
export const useFault = async (db: Statements, envId: string, faultId: string): Promise<boolean> =>
  (
    await db.rows(
      `update faults f set times_left = f.times_left - 1
       where f.env_id = $1 and f.fault_id = $2 and f.times_left > 0 returning f.fault_id`,
      [envId, faultId],
    )
  ).length > 0

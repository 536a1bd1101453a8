/**
 * Clocks: every rule that waits (five minutes, two hours, time_expire) reads its environment's clock here.
 * A real one is the wall clock; a test one is a row that stands, jumps forward or runs.
 * Signatures, leases and time-outs are none of it: they stay on real time.
 */
import type { BatchKind } from './db/batcher.ts'
import type { Db, Statements } from './db/db.ts'
import type { Ledger } from './ledger.ts'

export type ClockKind = 'real' | 'test'
export type ClockMode = 'running' | 'standing'

export interface ClockReading {
  readonly now: Date
  readonly mode: ClockMode
}

interface ClockRow {
  mode: ClockMode
  shown: Date
  set_at: Date
  seq: number
}

const reading = (row: ClockRow, wall: Date): ClockReading => ({
  mode: row.mode,
  // A wall clock that was set back must not take the environment below what it was last set to.
  now:
    row.mode === 'standing'
      ? row.shown
      : new Date(row.shown.getTime() + Math.max(0, wall.getTime() - row.set_at.getTime())),
})

async function readRow(db: Statements, envId: string, lock: '' | 'for update' = ''): Promise<ClockRow> {
  const rows = await db.rows<ClockRow>(
    `select c.mode, c.shown, c.set_at, c.seq from clocks c where c.env_id = $1 ${lock}`,
    [envId],
  )
  if (rows[0] === undefined) throw new Error(`environment ${envId} has no test clock`)
  return rows[0]
}

/** Makes the test clock of a new environment: running, at real time. */
export const createClock = (db: Statements, envId: string, wall: Date) =>
  db.rows(
    `insert into clocks (env_id, mode, shown, set_at, seq) values ($1, 'running', $2, $2, 1) on conflict do nothing`,
    [envId, wall],
  )

export const readClock = async (db: Statements, envId: string, wall: Date): Promise<ClockReading> =>
  reading(await readRow(db, envId), wall)

export type ClockChange =
  | { readonly advanceMs: number }
  | { readonly set: Date }
  | { readonly mode: ClockMode }

const changed = (was: ClockReading, change: ClockChange): ClockReading => {
  if ('advanceMs' in change) return { ...was, now: new Date(was.now.getTime() + change.advanceMs) }
  if ('set' in change) return { ...was, now: change.set }
  return { ...was, mode: change.mode }
}

interface Bounds {
  /** Real time, read once the clock is ours to change: what was ordered before is not ahead of it. */
  readonly wallClock: () => Date
  /** The first moment that a clock may show, and the first that it may not. */
  readonly startOfTime: Date
  readonly endOfTime: Date
}

/**
 * Changes a test clock. Of two changes at once both happen, one after the other.
 *
 * Beside other gateways, an order whose time was read just before the clock was locked may still be written after it:
 * one statement's length ahead of a clock that was frozen, and payable and closable as its times say.
 *
 * @returns the new reading; `back` when it would go back although the environment has orders
 */
export const changeClock = (
  db: Db,
  envId: string,
  change: ClockChange,
  { wallClock, startOfTime, endOfTime }: Bounds,
): Promise<ClockReading | 'back' | 'too-far'> =>
  db.transaction(async (tx) => {
    const row = await readRow(tx, envId, 'for update')
    const wall = wallClock()
    const was = reading(row, wall)
    const next = changed(was, change)
    // Written so that a time that no Date can hold is out of bounds as well.
    if (!(next.now >= startOfTime && next.now < endOfTime)) return 'too-far'
    if (next.now < was.now) {
      const orders = await tx.rows('select 1 from orders o where o.env_id = $1 limit 1', [envId])
      if (orders.length > 0) return 'back'
    }
    await tx.rows('update clocks set mode = $2, shown = $3, set_at = $4, seq = $5 where env_id = $1', [
      envId,
      next.mode,
      next.now,
      wall,
      row.seq + 1,
    ])
    return next
  })

interface Reader {
  readonly envId: string
}

/** Callers that ask while a reading is on its way get the next one: it began after they asked. */
const readClocks: BatchKind<Reader, ClockRow> = {
  name: 'clock',
  partOf: () => 0,
  keyOf: ({ envId }) => envId,
  reads: true,
  run: async (db, _part, batch) => {
    const rows = await db.rows<ClockRow & { env_id: string }>(
      'select c.env_id, c.mode, c.shown, c.set_at, c.seq from clocks c where c.env_id = any($1)',
      [batch.map(({ envId }) => envId)],
    )
    return batch.map(({ envId }) => rows.find((row) => row.env_id === envId))
  },
}

/** An environment's time, as every rule that waits reads it. @throws LedgerUnavailable */
export async function environmentTime(
  { batcher }: Pick<Ledger, 'batcher'>,
  environment: { readonly envId: string; readonly clock: ClockKind },
  wall: Date,
): Promise<Date> {
  if (environment.clock === 'real') return wall
  const row = await batcher.send(readClocks, environment)
  if (row === undefined) throw new Error(`environment ${environment.envId} has no test clock`)
  return reading(row, wall).now
}

/** The name under which an environment's due work is found: all real clocks are one. */
export const clockName = (environment: { readonly envId: string; readonly clock: ClockKind }): string =>
  environment.clock === 'real' ? 'real' : environment.envId

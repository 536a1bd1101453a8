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
  /** Where an advance is on its way to, step by step; undefined: none is. */
  readonly target: Date | undefined
}

interface ClockRow {
  mode: ClockMode
  shown: Date
  set_at: Date
  seq: number
  target: Date | null
}

const reading = (row: ClockRow, wall: Date): ClockReading => ({
  mode: row.mode,
  target: row.target ?? undefined,
  // A wall clock that was set back must not take the environment below what it was last set to.
  now:
    row.mode === 'standing'
      ? row.shown
      : new Date(row.shown.getTime() + Math.max(0, wall.getTime() - row.set_at.getTime())),
})

async function readRow(db: Statements, envId: string, lock: '' | 'for update' = ''): Promise<ClockRow> {
  const rows = await db.rows<ClockRow>(
    `select c.mode, c.shown, c.set_at, c.seq, c.target from clocks c where c.env_id = $1 ${lock}`,
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

/** Time goes on in steps, by whatever is due on the way: a change only says where to. */
function changed(was: ClockReading, change: ClockChange): ClockReading {
  if ('mode' in change) return { ...was, mode: change.mode }
  const from = was.target ?? was.now
  const target = 'set' in change ? change.set : new Date(from.getTime() + change.advanceMs)
  // Back, which only a clock without orders goes: nothing is due on the way.
  return target < from ? { ...was, now: target, target: undefined } : { ...was, target }
}

interface Bounds {
  /** Real time, read once the clock is ours to change: what was ordered before is not ahead of it. */
  readonly wallClock: () => Date
  /** The first moment that a clock may show, and the first that it may not. */
  readonly startOfTime: Date
  readonly endOfTime: Date
}

const write = (tx: Statements, envId: string, clock: ClockReading, wall: Date, seq: number) =>
  tx.rows('update clocks set mode = $2, shown = $3, set_at = $4, seq = $5, target = $6 where env_id = $1', [
    envId,
    clock.mode,
    clock.now,
    wall,
    seq,
    clock.target ?? null,
  ])

/**
 * Says where a test clock is to go; {@link stepClock} takes it there. Of two changes at once both happen, one after the
 * other.
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
    const asked = next.target ?? next.now
    // Written so that a time that no Date can hold is out of bounds as well.
    if (!(asked >= startOfTime && asked < endOfTime)) return 'too-far'
    if (asked < (was.target ?? was.now)) {
      const orders = await tx.rows('select 1 from orders o where o.env_id = $1 limit 1', [envId])
      if (orders.length > 0) return 'back'
    }
    await write(tx, envId, next, wall, row.seq + 1)
    return next
  })

/**
 * One step of an advance: to `next`, when something is due on the way, or all the way. Never back, whoever steps too.
 * @returns the new reading; its target is undefined once it is there
 */
export async function stepClock(
  db: Statements,
  envId: string,
  next: Date | undefined,
  wall: Date,
): Promise<ClockReading> {
  const now = `case when c.mode = 'standing' then c.shown
    else c.shown + greatest(interval '0', $3::timestamptz - c.set_at) end`
  const stepped = `greatest(${now}, least($2::timestamptz, c.target))`
  const rows = await db.rows<ClockRow>(
    `update clocks c set shown = ${stepped}, set_at = greatest(c.set_at, $3), seq = c.seq + 1,
       target = case when ${stepped} < c.target then c.target end
     where c.env_id = $1 and c.target is not null
     returning c.mode, c.shown, c.set_at, c.seq, c.target`,
    [envId, next ?? null, wall],
  )
  return reading(rows[0] ?? (await readRow(db, envId)), wall)
}

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
      'select c.env_id, c.mode, c.shown, c.set_at, c.seq, c.target from clocks c where c.env_id = any($1)',
      [batch.map(({ envId }) => envId)],
    )
    return batch.map(({ envId }) => rows.find((row) => row.env_id === envId))
  },
}

type OfEnvironment = { readonly envId: string; readonly clock: ClockKind }

/** Real time too; what is due on it has to be asked of a channel. No environment can have this name. */
export const askedClock = ':asked'

/** An environment's clock as it stands. @throws LedgerUnavailable */
export async function environmentClock(
  { batcher }: Pick<Ledger, 'batcher'>,
  environment: OfEnvironment,
  wall: Date,
): Promise<ClockReading> {
  if (environment.clock === 'real') return { now: wall, mode: 'running', target: undefined }
  const row = await batcher.send(readClocks, environment)
  if (row === undefined) throw new Error(`environment ${environment.envId} has no test clock`)
  return reading(row, wall)
}

/** An environment's time, as every rule that waits reads it. @throws LedgerUnavailable */
export const environmentTime = async (
  ledger: Pick<Ledger, 'batcher'>,
  environment: OfEnvironment,
  wall: Date,
): Promise<Date> => (await environmentClock(ledger, environment, wall)).now

/** The name under which an environment's due work is found: all real clocks are one, but for what has to be asked. */
export const clockName = (environment: OfEnvironment & { readonly channel: string }): string => {
  if (environment.channel !== 'sandbox') return askedClock
  return environment.clock === 'real' ? 'real' : environment.envId
}

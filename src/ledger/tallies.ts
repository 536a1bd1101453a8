/**
 * What happened, counted by the minute, for people who look: gathered in memory, added to the database every second, best
 * effort. It is no truth: what a crash loses is not counted, and what the database did not answer may be missing.
 */
import type { Ledger } from './ledger.ts'
import { merchantHash, partOfHash } from './parts.ts'
import type { World } from './world.ts'

export const minuteMs = 60_000
const flushEveryMs = 1_000
/** Gateways' clocks differ by less. */
const pulseMs = 10 * minuteMs
const keptMs = 31 * 24 * 3_600_000
const pruneEveryMs = 3_600_000
/** Of one statement, and of what is gathered while the database is away. */
const mostGathered = 5_000

type TallyTable = Pick<Ledger, 'db' | 'parts'>

/** Names of what is counted; of `closed:…` the word is why. */
export type TallyName =
  | 'calls'
  | 'ordered'
  | 'paid'
  | 'paid-late'
  | 'refunded'
  /** Attempts to tell. */
  | 'told'
  | 'not-told'
  /** What was to be told, by its first attempt; and what was acknowledged of it, once each. */
  | 'notices'
  | 'notices-told'
  | 'lateness'
  | `closed:${string}`

export interface Tallies {
  /** @param value added to the total: fen, or milliseconds. Never throws, never waits. */
  count(envId: string, name: TallyName, value?: number): void
  /** Never rejects. */
  flush(): Promise<void>
  close(): Promise<void>
}

interface Gathered {
  readonly envId: string
  readonly at: number
  readonly name: TallyName
  n: number
  total: number
  most: number
}

const keyOf = ({ envId, at, name }: Pick<Gathered, 'envId' | 'at' | 'name'>) => `${envId} ${at} ${name}`

const partOf = ({ parts }: TallyTable, envId: string) => partOfHash(merchantHash(envId, ''), parts)

async function add({ db }: TallyTable, part: number, rows: readonly Gathered[]): Promise<void> {
  await db.rows(
    `insert into tallies as t (part, env_id, at, name, n, total, most)
     select a.part, u.* from parts a, unnest(
       $2::text[], $3::timestamptz[], $4::text[], $5::bigint[], $6::float8[], $7::float8[]) u
     where a.part = $1
     on conflict (part, env_id, at, name) do update
     set n = t.n + excluded.n, total = t.total + excluded.total, most = greatest(t.most, excluded.most)`,
    [
      part,
      rows.map((row) => row.envId),
      rows.map((row) => new Date(row.at)),
      rows.map((row) => row.name),
      rows.map((row) => row.n),
      rows.map((row) => row.total),
      rows.map((row) => row.most),
    ],
  )
}

/** @param failed hears that the database did not add what was gathered: that is lost */
export function openTallies(table: TallyTable, world: Pick<World, 'wallClock'>, failed: () => void): Tallies {
  let gathered = new Map<string, Gathered>()
  let flushing: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  async function flushOnce(): Promise<void> {
    const rows = [...gathered.values()]
    gathered = new Map()
    // In one order everywhere: gateways that add to the same rows never wait for one another in a circle.
    const sorted = rows.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
    const parts = new Set(sorted.map(({ envId }) => partOf(table, envId)))
    for (const part of parts) {
      const its = sorted.filter(({ envId }) => partOf(table, envId) === part)
      await add(table, part, its).catch(failed)
    }
  }

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    flushing ??= flushOnce().finally(() => {
      flushing = undefined
      if (gathered.size > 0) flushSoon()
    })
    return flushing
  }

  function flushSoon(): void {
    if (!closed) timer ??= setTimeout(() => void flush(), flushEveryMs).unref()
  }

  async function prune(): Promise<void> {
    const oldest = new Date(world.wallClock().getTime() - keptMs)
    for (let part = 0; part < table.parts; part++)
      await table.db
        .rows('delete from tallies t where t.part = $1 and t.at < $2', [part, oldest])
        .catch(failed)
  }

  const hourly = setInterval(() => void prune(), pruneEveryMs).unref()

  return {
    count(envId, name, value = 0) {
      if (closed) return
      const at = Math.floor(world.wallClock().getTime() / minuteMs) * minuteMs
      const key = keyOf({ envId, at, name })
      const its = gathered.get(key)
      if (its !== undefined) {
        its.n++
        its.total += value
        its.most = Math.max(its.most, value)
      } else if (gathered.size < mostGathered)
        gathered.set(key, { envId, at, name, n: 1, total: value, most: value })
      flushSoon()
    },
    flush,
    async close() {
      closed = true
      clearInterval(hourly)
      await flush()
    },
  }
}

export interface Tally {
  /** The bucket's beginning. */
  readonly at: Date
  readonly name: string
  readonly n: number
  readonly total: number
  readonly most: number
}

/** What was counted of a name in a minute, by both. A count only grows, until its minute is too old. */
export type Pulse = ReadonlyMap<string, { readonly name: string; readonly n: number }>

/**
 * What was counted in these minutes and the last, as it stands: where a count of it grew, something happened.
 * @throws LedgerUnavailable
 */
export async function readPulse(table: TallyTable, envId: string, now: Date): Promise<Pulse> {
  const rows = await table.db.rows<{ at: Date; name: string; n: number }>(
    `select t.at, t.name, t.n from tallies t where t.part = $1 and t.env_id = $2 and t.at >= $3`,
    [partOf(table, envId), envId, new Date(now.getTime() - pulseMs)],
    { freshPlan: true },
  )
  return new Map(rows.map(({ at, name, n }) => [`${name} ${at.getTime()}`, { name, n }]))
}

/** @param bucketMs a multiple of a minute. The oldest first. @throws LedgerUnavailable */
export const readTallies = (
  table: TallyTable,
  envId: string,
  from: Date,
  bucketMs: number,
): Promise<Tally[]> =>
  table.db.rows<Tally & Record<string, unknown>>(
    `select to_timestamp(floor(extract(epoch from t.at) * 1000 / $4) * $4 / 1000) as at, t.name,
       sum(t.n)::int8 as n, sum(t.total) as total, max(t.most) as most
     from tallies t
     where t.part = $1 and t.env_id = $2 and t.at >= $3
     group by 1, 2 order by 1, 2`,
    [partOf(table, envId), envId, from, bucketMs],
    { freshPlan: true },
  )

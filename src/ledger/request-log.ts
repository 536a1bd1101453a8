/**
 * The request log: what was called and what came of it, for people who look for a cause. It is no truth: gathered in
 * memory, written in batches beside the calls and never awaited by one. What does not fit is dropped and counted; a
 * database that is away is tried again; old calls go. Owns when; the rows are those of requests.ts.
 */
import { LedgerUnavailable } from './db/db.ts'
import {
  type CallRecord,
  inParts,
  pruneRequests,
  type RequestRow,
  type RequestTable,
  requestEnvironments,
  requestRow,
  writeRequests,
} from './requests.ts'
import type { World } from './world.ts'

/** Calls that wait to be written. When there are so many the oldest go, several at a time: each time moves all others. */
export const maxWaiting = 10_000
const dropStep = 500
/** Rows of one statement: few enough that an embedded database keeps nobody waiting for long. */
const maxRows = 250
const flushEveryMs = 1_000
/** How long a stop waits for the last of them. */
const closeWithinMs = 2_000
/** An environment is pruned when this process wrote so many of its calls, and every one this often. */
const pruneAfterRows = 10_000
const pruneEveryMs = 3_600_000

export interface RequestLog {
  /** Remembers a call until the next flush. Never throws, never waits. */
  note(call: CallRecord): void
  /** Writes what waits, now. Never rejects: what the database did not answer waits on. */
  flush(): Promise<void>
  /** Deletes what is too old or too much. Never rejects. */
  prune(): Promise<void>
  /** Calls that wait: at most {@link maxWaiting}. */
  waiting(): number
  /** Writes what waits, for a bounded time: the rest is lost. Takes nothing more. */
  close(): Promise<void>
}

/** Who wants to know what went wrong; nobody else hears of it. */
export interface RequestLogTroubles {
  /** So many calls are lost: there were too many, or the database refused them. At most once a flush. */
  readonly dropped?: (rows: number) => void
  /** The database did not do what it was asked; writing is tried again. */
  readonly failed?: () => void
}

/** The calls that wait, oldest first. */
class Waiting {
  #rows: RequestRow[] = []
  #dropped = 0

  get size(): number {
    return this.#rows.length
  }

  add(row: RequestRow): void {
    if (this.#rows.length >= maxWaiting) this.#drop(dropStep)
    this.#rows.push(row)
  }

  take(): RequestRow[] {
    return this.#rows.splice(0, maxRows)
  }

  /** @param rows older than all others */
  putBack(rows: readonly RequestRow[]): void {
    this.#rows = [...rows, ...this.#rows]
    this.#drop(Math.max(0, this.#rows.length - maxWaiting))
  }

  dropAll(): void {
    this.#drop(this.#rows.length)
  }

  lost(rows: number): void {
    this.#dropped += rows
  }

  /** How many were lost since it was asked last. */
  takeLost(): number {
    const lost = this.#dropped
    this.#dropped = 0
    return lost
  }

  #drop(rows: number): void {
    this.#rows.splice(0, rows)
    this.#dropped += rows
  }
}

export function openRequestLog(
  table: RequestTable,
  world: Pick<World, 'wallClock'>,
  { dropped = () => {}, failed = () => {} }: RequestLogTroubles = {},
): RequestLog {
  const waiting = new Waiting()
  let timer: NodeJS.Timeout | undefined
  let flushing: Promise<void> | undefined
  let pruning: Promise<void> | undefined
  let closed = false
  /** What earlier runs left is looked through once. */
  let lookedThrough = false
  /** Calls written since their environment was pruned. */
  const written = new Map<string, number>()

  /** @returns what is to be tried again */
  async function write(part: number, rows: readonly RequestRow[]): Promise<readonly RequestRow[]> {
    try {
      await writeRequests(table, part, rows)
    } catch (error) {
      failed()
      if (error instanceof LedgerUnavailable) return rows
      // Sent again it would be refused again, and all others would wait behind it.
      waiting.lost(rows.length)
      return []
    }
    for (const { envId } of rows) written.set(envId, (written.get(envId) ?? 0) + 1)
    return []
  }

  /** Until none waits, or the database does not answer. @returns whether it did */
  async function writeAll(): Promise<boolean> {
    while (waiting.size > 0) {
      const batch = waiting.take()
      const again: RequestRow[] = []
      for (const [part, rows] of inParts(table, batch)) {
        again.push(...(again.length > 0 ? rows : await write(part, rows)))
      }
      waiting.putBack(again)
      if (again.length > 0) return false
    }
    return true
  }

  async function pruneEach(environments: () => Promise<string[]>): Promise<void> {
    try {
      for (const envId of await environments()) {
        await pruneRequests(table, envId, world.wallClock())
        written.delete(envId)
      }
    } catch {
      failed()
    }
  }

  const prune = (environments: () => Promise<string[]>) => {
    pruning ??= pruneEach(environments).finally(() => {
      pruning = undefined
    })
    return pruning
  }

  const grown = async () => [...written].filter(([, rows]) => rows >= pruneAfterRows).map(([envId]) => envId)
  const everyone = async () => {
    const environments = await requestEnvironments(table)
    lookedThrough = true
    return environments
  }

  function sayLost(): void {
    const lost = waiting.takeLost()
    if (lost > 0) dropped(lost)
  }

  async function flushOnce(): Promise<void> {
    const answered = await writeAll()
    sayLost()
    if (answered && !closed) void prune(lookedThrough ? grown : everyone)
  }

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    flushing ??= flushOnce().finally(() => {
      flushing = undefined
      if (waiting.size > 0) flushSoon()
    })
    return flushing
  }

  function flushSoon(): void {
    if (!closed) timer ??= setTimeout(() => void flush(), flushEveryMs).unref()
  }

  const hourly = setInterval(() => void prune(everyone), pruneEveryMs).unref()

  return {
    note(call) {
      if (closed) return
      waiting.add(requestRow(call))
      flushSoon()
    },
    flush,
    prune: () => prune(everyone),
    waiting: () => waiting.size,
    async close() {
      closed = true
      clearInterval(hourly)
      let late: NodeJS.Timeout | undefined
      const soon = new Promise<void>((resolve) => {
        late = setTimeout(resolve, closeWithinMs)
      })
      // One that is under way may have passed the last calls by.
      await Promise.race([soon, flush().then(flush)])
      clearTimeout(late)
      waiting.dropAll()
      sayLost()
    },
  }
}

/**
 * Gathers commands of one kind into one statement over arrays, and hands every caller its own outcome. A command is
 * sent at once when a lane is idle, and gathered with others only while all lanes are busy: there is no waiting time.
 * Never: what a command means, retries of its own, memory that outlives its callers.
 */
import { LedgerUnavailable, type Statements } from './db.ts'

/** How commands of one kind become one statement. */
export interface BatchKind<Command, Result> {
  /** For metrics. */
  readonly name: string
  readonly partOf: (command: Command) => number
  /** What the command locks or reads: a batch is sorted by it and never holds one twice. */
  readonly keyOf: (command: Command) => string
  /** Changes nothing: commands of one key may ride together and share the result. */
  readonly reads?: boolean
  /**
   * One statement.
   * @param batch of one part, sorted by key, no key twice, at most {@link maxRows}
   * @returns a result for each place of the batch; undefined where the row did not move or is not there
   */
  readonly run: (db: Statements, part: number, batch: readonly Command[]) => Promise<(Result | undefined)[]>
}

/** Rows of one statement. More gain little, and hold their locks longer. */
export const maxRows = 256
/** Commands waiting at a database that does not keep up: one more is refused instead of remembered. */
const maxWaiting = 20_000

/** One statement that was sent: for metrics. */
export interface SentBatch {
  readonly name: string
  readonly rows: number
  /** Commands that were waiting, of all kinds, when it was taken. */
  readonly waiting: number
}

export interface Batcher {
  /**
   * @returns undefined when the row did not move or is not there
   * @throws DatabaseError this command was refused; its neighbours were not
   * @throws LedgerUnavailable nothing is known of this command
   */
  send<Command, Result>(kind: BatchKind<Command, Result>, command: Command): Promise<Result | undefined>
}

interface Waiting<Command, Result> {
  readonly command: Command
  readonly key: string
  readonly part: number
  readonly turn: number
  readonly resolve: (result: Result | undefined) => void
  readonly reject: (error: unknown) => void
}

/** The commands of one kind that wait. What they are is known inside only. */
interface Queue {
  readonly name: string
  /** The turn of its first command; undefined when none waits. */
  first(): number | undefined
  /** Takes a batch out; the function sends it and settles its callers, and never rejects. */
  take(share: number): { rows: number; send: () => Promise<void> } | undefined
}

const byKey = <T extends { readonly key: string }>(a: T, b: T) => (a.key < b.key ? -1 : 1)

class KindQueue<Command, Result> implements Queue {
  readonly name: string
  readonly #kind: BatchKind<Command, Result>
  readonly #db: Statements
  #waiting: Waiting<Command, Result>[] = []

  constructor(kind: BatchKind<Command, Result>, db: Statements) {
    this.name = kind.name
    this.#kind = kind
    this.#db = db
  }

  add(command: Command, turn: number): Promise<Result | undefined> {
    const { keyOf, partOf } = this.#kind
    return new Promise((resolve, reject) => {
      this.#waiting.push({ command, key: keyOf(command), part: partOf(command), turn, resolve, reject })
    })
  }

  first(): number | undefined {
    return this.#waiting[0]?.turn
  }

  take(share: number): { rows: number; send: () => Promise<void> } | undefined {
    const part = this.#waiting[0]?.part
    if (part === undefined) return undefined
    const most = Math.min(maxRows, Math.ceil(this.#waiting.length * share))
    const rows = new Map<string, Waiting<Command, Result>[]>()
    const left: Waiting<Command, Result>[] = []
    for (const one of this.#waiting) {
      const same = rows.get(one.key)
      if (one.part !== part) left.push(one)
      else if (same !== undefined && this.#kind.reads === true) same.push(one)
      else if (same === undefined && rows.size < most) rows.set(one.key, [one])
      else left.push(one)
    }
    this.#waiting = left
    const batch = [...rows.values()].map((callers) => ({ key: callers[0]?.key ?? '', callers })).sort(byKey)
    return {
      rows: batch.length,
      send: () =>
        this.#settle(
          part,
          batch.map(({ callers }) => callers),
        ),
    }
  }

  async #settle(part: number, rows: readonly Waiting<Command, Result>[][]): Promise<void> {
    try {
      const commands = rows.flatMap((callers) => callers.slice(0, 1)).map(({ command }) => command)
      const results = await this.#kind.run(this.#db, part, commands)
      for (const [place, callers] of rows.entries()) for (const one of callers) one.resolve(results[place])
    } catch (error) {
      // Refused, or not even sendable: nothing was done at all. Halved until the row that it stumbled over stands alone.
      if (!(error instanceof LedgerUnavailable) && rows.length > 1) {
        const middle = rows.length >> 1
        await this.#settle(part, rows.slice(0, middle))
        await this.#settle(part, rows.slice(middle))
        return
      }
      for (const one of rows.flat()) one.reject(error)
    }
  }
}

/**
 * @param lanes statements on their way at the same time: as many connections, and no more, are used
 * @param onBatch hears of every statement that is sent
 */
export function openBatcher(
  db: Statements,
  lanes: number,
  onBatch: (batch: SentBatch) => void = () => {},
): Batcher {
  const queues = new Map<unknown, Queue>()
  let turn = 0
  let busy = 0
  let waiting = 0
  // With one lane everything waits for it and goes together; with several, half is left to the next one.
  const share = lanes > 1 ? 0.5 : 1

  function next(): Queue | undefined {
    let oldest: Queue | undefined
    for (const queue of queues.values()) {
      const first = queue.first()
      if (first !== undefined && first < (oldest?.first() ?? Number.POSITIVE_INFINITY)) oldest = queue
    }
    return oldest
  }

  function pump(): void {
    while (busy < lanes) {
      const queue = next()
      const batch = queue?.take(share)
      if (queue === undefined || batch === undefined) return
      onBatch({ name: queue.name, rows: batch.rows, waiting })
      busy++
      void batch.send().then(() => {
        busy--
        pump()
      })
    }
  }

  function queueOf<Command, Result>(kind: BatchKind<Command, Result>): KindQueue<Command, Result> {
    const known = queues.get(kind)
    // The map holds, under each kind, the queue that was made for it and so has its types.
    if (known !== undefined) return known as KindQueue<Command, Result>
    const made = new KindQueue(kind, db)
    queues.set(kind, made)
    return made
  }

  return {
    async send(kind, command) {
      if (waiting >= maxWaiting)
        throw new LedgerUnavailable(`${maxWaiting} commands wait for the database already`)
      waiting++
      try {
        const result = queueOf(kind).add(command, turn++)
        pump()
        return await result
      } finally {
        waiting--
      }
    },
  }
}

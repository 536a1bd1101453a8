/** One stretch of calls: as many callers as asked, each making its next call when it has heard the last. */
import { setTimeout as wait } from 'node:timers/promises'
import { quantile, sorted } from './statistics.ts'

/** One call, ready to be made; rejects when it is not a success. Signing and the like is behind it. */
export type Job = (caller: number) => Promise<unknown>

/** What is read before and after: CPU so far, in milliseconds, of whoever else works for a call. NaN where the system does not tell. */
export interface Meters {
  readonly server?: () => number
  readonly database?: () => number
  /** Not CPU: how many statements the batcher sent. */
  readonly statements?: () => number
}

/** What a stretch came to. Times in milliseconds; CPU is per call, NaN where it is not known. */
export interface Measured {
  readonly calls: number
  readonly callsPerSecond: number
  readonly p50: number
  readonly p99: number
  readonly cpu: Readonly<Record<'client' | 'server' | 'database', number>>
  /** Statements of the batcher a call; NaN where nobody counts them. */
  readonly statements: number
  /** What went wrong, a text for each such call. */
  readonly faults: readonly string[]
}

const unknown = () => Number.NaN

const clientCpuMs = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/**
 * @param callers at the same time, numbered from 0
 * @param jobs what they take from, in turn, until nothing is left
 * @param callsPerSecond at most so many, at even distances; each is waited for from the moment at which it was to be made
 */
export async function measure(
  callers: number,
  jobs: Iterable<Job>,
  { server = unknown, database = unknown, statements = unknown }: Meters = {},
  callsPerSecond = Number.POSITIVE_INFINITY,
): Promise<Measured> {
  const latencies: number[] = []
  const faults: string[] = []
  const queue = jobs[Symbol.iterator]()
  let turns = 0
  /** @returns when the next call is, or was, to be made */
  const turn = async () => {
    const now = performance.now()
    if (callsPerSecond === Number.POSITIVE_INFINITY) return now
    const at = begun + (turns++ / callsPerSecond) * 1000
    if (at > now) await wait(at - now)
    // A timer may be early: then it was made before its moment.
    return Math.min(at, performance.now())
  }
  const caller = async (_: unknown, index: number) => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) {
      const asked = await turn()
      try {
        await next.value(index)
        latencies.push(performance.now() - asked)
      } catch (error) {
        faults.push(error instanceof Error ? error.message : String(error))
      }
    }
  }
  const now = () => ({
    client: clientCpuMs(),
    server: server(),
    database: database(),
    statements: statements(),
  })
  const before = now()
  const begun = performance.now()
  await Promise.all(Array.from({ length: callers }, caller))
  const elapsedMs = performance.now() - begun
  const after = now()
  const ascending = sorted(latencies)
  const calls = latencies.length + faults.length
  const each = (name: keyof typeof after) => (after[name] - before[name]) / calls
  return {
    calls,
    callsPerSecond: (latencies.length / elapsedMs) * 1000,
    p50: quantile(ascending, 0.5),
    p99: quantile(ascending, 0.99),
    cpu: { client: each('client'), server: each('server'), database: each('database') },
    statements: each('statements'),
    faults,
  }
}

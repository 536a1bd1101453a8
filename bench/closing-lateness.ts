/**
 * Orders that fall due over a stretch of time while many others stay open: how late each is closed, and what it costs to find
 * those that are due, against the same with ten thousand open.
 */
import { statfs } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { closeLongestDue } from '../src/ledger/close-due-orders.ts'
import type { Db } from '../src/ledger/db/db.ts'
import { openPostgres } from '../src/ledger/db/postgres.ts'
import { findDueWork } from '../src/ledger/due-work.ts'
import {
  type Bench,
  insertOrders,
  latenessOf,
  literal,
  orderPattern,
  startGateway,
  untilClosed,
} from './closing-bench.ts'
import { type Database, openAsking } from './database.ts'
import { fixed, mebibytes, say, table } from './report.ts'
import { rotated } from './rounds.ts'
import { median } from './statistics.ts'

export interface LatenessSize {
  /** Open while others fall due. */
  readonly open: number
  /** Fall due in so many seconds. */
  readonly falling: number
  readonly seconds: number
  /** How often the cost of finding is measured at either size. */
  readonly looks: number
}

/** Far enough away not to fall due meanwhile. */
const farAwayMs = 6 * 24 * 3_600_000
/** Of one statement: millions at once would be one transaction of many minutes. */
const mostOfInsert = 500_000
/** Seen: 950 with its part of the indexes and the log of writing it. */
const bytesOfOrder = 1_500

/** The row and its log both go to where the server keeps its data. */
async function assertRoom({ server }: Database, orders: number): Promise<void> {
  const folder = 'path' in server.address ? server.address.path.replace(/\/[^/]+$/, '') : undefined
  if (folder === undefined) return
  const { bavail, bsize } = await statfs(folder)
  const needed = orders * bytesOfOrder
  if (bavail * bsize < needed * 1.2)
    throw new Error(
      `${orders} open orders need ${Math.ceil(needed / 2 ** 30)} GiB, ${Math.floor((bavail * bsize) / 2 ** 30)} are free`,
    )
}

/** What is there already is kept: {@link fill} again makes it more. */
async function fill(database: Database, from: number, to: number): Promise<void> {
  await assertRoom(database, to - from)
  const far = literal(new Date(Date.now() + farAwayMs))
  for (let done = from; done < to; done += mostOfInsert) {
    const count = Math.min(mostOfInsert, to - done)
    await insertOrders(database, `open${done}`, count, `${far} + n * interval '100 microseconds'`)
    if (to > mostOfInsert) process.stderr.write(`${done + count} 个未关闭 / open\n`)
  }
  await database.ask('vacuum analyze orders')
}

interface Seen {
  readonly open: number
  readonly p50: number
  readonly p99: number
  readonly most: number
  readonly memory: string
}

async function late(bench: Bench, open: number, { falling, seconds }: LatenessSize): Promise<Seen> {
  const { database } = bench
  const at = new Date(Date.now() + 8_000 + falling / 10)
  const step = ((seconds * 1_000) / falling).toFixed(4)
  await insertOrders(database, 'falling', falling, `${literal(at)} + n * interval '${step} ms'`)
  // Planned for what is there, however many that is.
  await database.ask('analyze orders')
  const two = await Promise.all([startGateway(bench), startGateway(bench)])
  const before = two.map((one) => mebibytes(one.usage()))
  const last = new Date(at.getTime() + seconds * 1_000)
  const left = last.getTime() - Date.now()
  if (left > 0) await wait(left)
  await untilClosed(bench, last)
  const after = two.map((one) => mebibytes(one.usage()))
  await Promise.all(two.map((one) => one.stop()))
  const seen = await latenessOf(bench, 'falling')
  await database.ask(`delete from orders where out_trade_no like 'falling-%'`)
  await database.ask('vacuum orders')
  return { open, ...seen, memory: `${before.join(', ')} → ${after.join(', ')}` }
}

const dueAtOnce = 500
const few = 10_000
/** Together, so that one measurement is well above the clock's own noise. */
const looksTogether = 20

/** Milliseconds of a look that finds nothing due, and of one that finds and closes five hundred. */
interface Cost {
  readonly look: number
  readonly close: number
}

let closings = 0
async function costOf(database: Pick<Database, 'ask'>, db: Db): Promise<Cost> {
  const now = new Date()
  const commandId = '00000000-0000-4000-8000-000000000001'
  const timed = async (work: () => Promise<unknown>) => {
    const begun = performance.now()
    await work()
    return performance.now() - begun
  }
  const look = await timed(async () => {
    for (let count = 0; count < looksTogether; count++) await findDueWork(db, ['real'])
  })
  await insertOrders(database, `cost${++closings}`, dueAtOnce, literal(now))
  const close = await timed(async () => {
    const closed = await closeLongestDue(db, {
      part: 0,
      clock: 'real',
      at: now,
      commandId,
      limit: dueAtOnce,
    })
    if (closed.length !== dueAtOnce) throw new Error(`${closed.length} were due`)
  })
  return { look: look / looksTogether, close }
}

/** Turn by turn with a database beside it, on the same server, in which ten thousand are open. */
async function compareCosts(bench: Bench, open: number, { looks }: LatenessSize): Promise<string[]> {
  const { database } = bench
  const url = await database.server.freshDatabase()
  const first = await startGateway(bench, url)
  await orderPattern(first)
  await first.stop()
  const small = await openAsking(url)
  const dbs = await Promise.all([
    openPostgres({ url, connections: 1 }),
    openPostgres({ url: database.url, connections: 1 }),
  ])
  try {
    await insertOrders(
      small,
      'open',
      few,
      `${literal(new Date(Date.now() + farAwayMs))} + n * interval '1 ms'`,
    )
    await small.ask('vacuum analyze orders')
    const seen: Cost[][] = [[], []]
    for (let turn = 0; turn < looks; turn++)
      for (const which of rotated([0, 1], turn)) {
        const db = dbs[which]
        if (db !== undefined) seen[which]?.push(await costOf(which === 0 ? small : database, db))
      }
    // The first turn finds cold pages at either size.
    const of = (which: number, read: (cost: Cost) => number) => median((seen[which] ?? []).slice(1).map(read))
    const ratio = (read: (cost: Cost) => number) => fixed(of(1, read) / of(0, read), 2)
    return [String(open), ratio(({ look }) => look), ratio(({ close }) => close)]
  } finally {
    await Promise.all(dbs.map((db) => db.close()))
    await small.end()
    await database.ask(`delete from orders where out_trade_no like 'cost%'`)
    await database.ask('vacuum orders')
  }
}

/** @param opens how many are open, ascending */
export async function lateness(bench: Bench, opens: readonly number[], size: LatenessSize): Promise<void> {
  const { falling, seconds } = size
  const seen: Seen[] = []
  const costs: string[][] = []
  let filled = 0
  for (const open of opens) {
    await fill(bench.database, filled, open)
    filled = open
    costs.push(await compareCosts(bench, open, size))
    seen.push(await late(bench, open, size))
  }
  say(
    `${falling} 个订单在 ${seconds} 秒内先后到期，两个进程 / ${falling} fall due over ${seconds} s, 2 processes:`,
  )
  say(
    table(
      ['open', 'late by p50 ms', 'p99 ms', 'at most ms', 'memory of each, MiB'],
      seen.map(({ open, p50, p99, most, memory }) => [
        String(open),
        fixed(p50, 0),
        fixed(p99, 0),
        fixed(most, 0),
        memory,
      ]),
      1,
    ),
  )
  say(
    `\n查找到期订单的代价，与 ${few} 个未关闭时相比 / the cost of finding what is due, × that at ${few} open:`,
  )
  say(table(['open', 'a look, nothing due', `finding and closing ${dueAtOnce}`], costs, 1))
}

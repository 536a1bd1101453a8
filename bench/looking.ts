/**
 * `npm run bench -- looking`: what it costs to look. Lists of fifty out of a million orders, at the server; and what a thousand
 * pages that watch cost those who order, pay and close, in turns with nobody watching. Those come at an even pace, half as fast
 * as the machine can: what the pages themselves take of its processors would only be seen as fewer calls otherwise.
 */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { payerOpenid } from '../test/support/v2-client.ts'
import { openSink } from './callback-sink.ts'
import {
  type Bench,
  environmentWith,
  insertOrders,
  literal,
  orderPattern,
  shopDoor,
  startGateway,
} from './closing-bench.ts'
import { type Database, openDatabase } from './database.ts'
import { jsonRequest, purchasesOf } from './door-calls.ts'
import { httpConnections } from './http-connection.ts'
import { type Measured, measure } from './measure.ts'
import { faultLines, fixed, say, table } from './report.ts'
import { type Read, ratio, rotated } from './rounds.ts'
import type { Section } from './section.ts'
import type { ServerUnderTest } from './server-under-test.ts'
import { median } from './statistics.ts'
import { newStock } from './stock.ts'
import type { Watched } from './watching-pages.ts'

interface Size {
  readonly orders: number
  readonly lists: number
  readonly watchers: number
  readonly rounds: number
  readonly seconds: number
}

const usual: Size = { orders: 1_000_000, lists: 200, watchers: 1_000, rounds: 8, seconds: 6 }
const quick: Size = { orders: 100_000, lists: 40, watchers: 200, rounds: 2, seconds: 2 }

const callers = 64
const settleMs = 1_000
/** Until what the coming of pages costs is over: each hears first how all stands, and those that came early ask early. */
const arrivedMs = 15_000

const lists = [
  ['the newest', ''],
  ['the next page', 'cursor'],
  ['paid ones', 'state=SUCCESS'],
  ['unpaid ones', 'unpaid=true'],
  ['of one merchant', 'sub_mch_id=197'],
  ['by a number', 'search=stock-4711'],
  ['by an openid', `search=${payerOpenid}`],
] as const

const together = (stretches: readonly Measured[]) => ({
  calls: stretches.reduce((sum, { calls }) => sum + calls, 0),
  faults: stretches.flatMap(({ faults }) => faults),
})

async function listings(url: string, count: number): Promise<void> {
  const rows: string[][] = []
  const all: Measured[] = []
  const ask = async (query: string) => {
    const answer = await fetch(`${url}/api/orders?env_id=bench&limit=50&${query}`)
    const text = await answer.text()
    if (!answer.ok) throw new Error(text.slice(0, 300))
    return JSON.parse(text) as { next_cursor?: string; orders: unknown[] }
  }
  const { next_cursor: cursor = '' } = await ask('')
  for (const [name, given] of lists) {
    const query = given === 'cursor' ? `cursor=${cursor}` : given
    const { orders } = await ask(query)
    const measured = await measure(
      1,
      Array.from({ length: count }, () => () => ask(query)),
    )
    rows.push([name, String(orders.length), fixed(measured.p50, 1), fixed(measured.p99, 1)])
    all.push(measured)
  }
  say(table(['list', 'orders', 'p50 ms', 'p99 ms'], rows))
  for (const line of faultLines(together(all))) say(line)
}

/** @returns ends them, and says what they heard */
async function startPages(url: string, count: number): Promise<() => Promise<Watched>> {
  const pages = fork(fileURLToPath(new URL('watching-pages.js', import.meta.url)), [url, String(count)])
  const kill = () => pages.kill('SIGKILL')
  process.once('exit', kill)
  const gone = once(pages, 'exit').then(() => Promise.reject(new Error('the pages that watch are gone')))
  gone.catch(() => {})
  await Promise.race([once(pages, 'message'), gone])
  return async () => {
    const came = once(pages, 'message')
    pages.send('end')
    const [watched] = await Promise.race([came, gone])
    await once(pages, 'exit')
    process.off('exit', kill)
    return watched
  }
}

const nobody = ['nobody watches', 'nobody, once more'] as const
const some = ['pages watch', 'pages, once more'] as const
type Stretch = (typeof nobody)[number] | (typeof some)[number]

const columns: readonly (readonly [title: string, digits: number, read: Read])[] = [
  ['calls/s', 0, ({ callsPerSecond }) => callsPerSecond],
  ['p50 ms', 2, ({ p50 }) => p50],
  ['p99 ms', 1, ({ p99 }) => p99],
  ['server CPU ms', 3, ({ cpu }) => cpu.server],
  ['database CPU ms', 3, ({ cpu }) => cpu.database],
]

/** How far apart the two of a kind are is what cannot be told apart here. */
function tableOf(of: (what: Stretch) => readonly Measured[], pace: number): string {
  const rows = [...nobody, ...some].map((what) => [
    what,
    ...columns.flatMap(([, digits, read]) => [
      fixed(median(of(what).map(read)), digits),
      fixed(ratio(of(what), of('nobody watches'), read), 2),
    ]),
  ])
  const title = `${fixed(pace, 0)} calls/s order, pay and close`
  return table([title, ...columns.flatMap(([name]) => [name, '×'])], rows)
}

async function besideWatchers(database: Database, gateway: ServerUnderTest, size: Size): Promise<void> {
  const { url } = gateway
  const on = { door: shopDoor(url), stock: newStock('LOOK'), connections: httpConnections(url) }
  const payment = (outTradeNo: string) =>
    jsonRequest(`${url}/sandbox/pay`, { env_id: 'bench', out_trade_no: outTradeNo })
  const stretch = (callsPerSecond?: number) => {
    const until = performance.now() + size.seconds * 1_000
    return measure(
      callers,
      purchasesOf(on, callers, () => performance.now() < until, payment),
      { server: gateway.cpuMs, database: database.cpuMs },
      callsPerSecond,
    )
  }
  const measured = new Map<Stretch, Measured[]>()
  const of = (what: Stretch) => measured.get(what) ?? []
  await stretch()
  const pace = (await stretch()).callsPerSecond / 2
  const run = async (what: readonly Stretch[]) => {
    for (const one of what) measured.set(one, [...of(one), await stretch(pace)])
  }
  const pages = { heard: 0, asked: 0, failed: 0 }
  const withoutPages = async () => {
    await wait(settleMs)
    await run(nobody)
  }
  const withPages = async () => {
    const end = await startPages(url, size.watchers)
    await wait(arrivedMs)
    await run(some)
    const came = await end()
    pages.heard += came.heard
    pages.asked += came.asked
    pages.failed += came.failed
  }
  for (let round = 0; round < size.rounds; round++) {
    for (const turn of rotated([withoutPages, withPages], round)) await turn()
    process.stderr.write(`第 ${round + 1}/${size.rounds} 轮 / round ${round + 1} of ${size.rounds}\n`)
  }
  on.connections.end()
  say()
  say(tableOf(of, pace))
  say(`${size.watchers} 个网页收到 ${pages.heard} 个事件，另查询 ${pages.asked} 次，失败 ${pages.failed} 次`)
  say(
    `${size.watchers} pages heard ${pages.heard} events and asked ${pages.asked} times for more; ${pages.failed} failed`,
  )
  for (const line of faultLines(together([...measured.values()].flat()))) say(line)
}

async function run(base: string, size: Size): Promise<void> {
  const database = await openDatabase(16)
  const sink = await openSink()
  const config = join(base, 'environments.json')
  writeFileSync(config, JSON.stringify({ environments: [environmentWith(sink.url)] }))
  const bench: Bench = { database, base, config }
  try {
    const gateway = await startGateway(bench)
    try {
      await orderPattern(gateway)
      await insertOrders(database, 'stock', size.orders, literal(new Date(Date.now() + 7 * 24 * 3_600_000)))
      await database.ask(
        `insert into merchants (env_id, sub_mch_id, listed) select distinct o.env_id, o.sub_mch_id, false from orders o on conflict do nothing`,
      )
      // Spread over time, so that newest first means something; one in ten is paid.
      await database.ask(
        `update orders set created_at = created_at - (substr(out_trade_no, 7)::int * interval '1 second'),
           state = case when substr(out_trade_no, 7)::int % 10 = 0 then 'SUCCESS' else state end,
           paid_at = case when substr(out_trade_no, 7)::int % 10 = 0 then created_at end,
           due_at = case when substr(out_trade_no, 7)::int % 10 = 0 then null else due_at end
         where out_trade_no like 'stock-%'`,
      )
      await database.ask('vacuum analyze orders')
      await listings(gateway.url, size.lists)
      await besideWatchers(database, gateway, size)
    } finally {
      await gateway.stop()
    }
  } finally {
    await sink.close()
    await database.close()
  }
}

export const looking: Section = {
  title: '列表与旁观的代价 / what lists and pages that watch cost',
  run: (base, { isQuick }) => run(base, isQuick ? quick : usual),
}

/**
 * `npm run bench -- looking`: what it costs to look. Lists of fifty out of a million orders, at the server; and what a thousand
 * pages that watch cost those who order, pay and close, in turns with nobody watching.
 */
import { writeFileSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { payerOpenid } from '../test/support/v2-client.ts'
import {
  type Bench,
  doorToken,
  environmentWith,
  insertOrders,
  literal,
  orderPattern,
  startGateway,
} from './closing-bench.ts'
import { openDatabase } from './database.ts'
import { cloudRunDoor, jsonRequest, purchasesOf } from './door-calls.ts'
import { httpConnections } from './http-connection.ts'
import { type Measured, measure } from './measure.ts'
import { faultLines, fixed, say, table } from './report.ts'
import { rotated } from './rounds.ts'
import type { Section } from './section.ts'
import { median } from './statistics.ts'
import { newStock } from './stock.ts'

interface Size {
  readonly orders: number
  readonly lists: number
  readonly watchers: number
  readonly rounds: number
  readonly seconds: number
}

const usual: Size = { orders: 1_000_000, lists: 200, watchers: 1_000, rounds: 5, seconds: 4 }
const quick: Size = { orders: 100_000, lists: 40, watchers: 200, rounds: 2, seconds: 2 }

const callers = 64

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

/** Pages that watch, each on a line of its own. @returns how many heard something so far, and their end */
async function watch(url: string, count: number) {
  let heard = 0
  const open = (): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const asked = httpRequest(`${url}/api/events?env_id=bench`, { agent: false }, resolve)
      asked.on('error', reject)
      asked.end()
    })
  const pages: IncomingMessage[] = []
  for (let at = 0; at < count; at += 50)
    pages.push(...(await Promise.all(Array.from({ length: Math.min(50, count - at) }, open))))
  for (const page of pages) {
    page.on('error', () => undefined)
    page.on('data', () => heard++)
  }
  return {
    heard: () => heard,
    end() {
      for (const page of pages) page.destroy()
    },
  }
}

async function besideWatchers(url: string, size: Size): Promise<void> {
  const on = {
    door: cloudRunDoor(url, doorToken),
    stock: newStock('LOOK'),
    connections: httpConnections(url),
  }
  const payment = (outTradeNo: string) =>
    jsonRequest(`${url}/sandbox/pay`, { env_id: 'bench', out_trade_no: outTradeNo })
  const stretch = async (seconds: number) => {
    const until = performance.now() + seconds * 1_000
    return measure(
      callers,
      purchasesOf(on, callers, () => performance.now() < until, payment),
    )
  }
  const measured: Record<'alone' | 'watched', Measured[]> = { alone: [], watched: [] }
  let heard = 0
  await stretch(size.seconds)
  for (let round = 0; round < size.rounds; round++) {
    for (const what of rotated(['alone', 'watched'] as const, round)) {
      const pages = what === 'watched' ? await watch(url, size.watchers) : undefined
      await wait(500)
      measured[what].push(await stretch(size.seconds))
      heard += pages?.heard() ?? 0
      pages?.end()
      await wait(500)
    }
  }
  on.connections.end()
  const of = (what: keyof typeof measured, value: (one: Measured) => number) =>
    median(measured[what].map(value))
  const rows = (['alone', 'watched'] as const).map((what) => [
    what === 'alone' ? 'nobody watches' : `${size.watchers} pages watch`,
    fixed(
      of(what, ({ callsPerSecond }) => callsPerSecond),
      0,
    ),
    fixed(
      of(what, ({ callsPerSecond }) => callsPerSecond) / of('alone', ({ callsPerSecond }) => callsPerSecond),
      2,
    ),
    fixed(
      of(what, ({ p50 }) => p50),
      1,
    ),
    fixed(
      of(what, ({ p99 }) => p99),
      1,
    ),
    fixed(of(what, ({ p99 }) => p99) / of('alone', ({ p99 }) => p99), 2),
  ])
  say()
  say(table(['64 callers order, pay and close', 'calls/s', '×', 'p50 ms', 'p99 ms', 'p99 ×'], rows))
  say(`网页收到的片段 / pieces that pages heard: ${heard}`)
  for (const line of faultLines(together([...measured.alone, ...measured.watched]))) say(line)
}

async function run(base: string, size: Size): Promise<void> {
  const database = await openDatabase(16)
  const config = join(base, 'environments.json')
  writeFileSync(config, JSON.stringify({ environments: [environmentWith('http://127.0.0.1:9')] }))
  const bench: Bench = { database, base, config }
  try {
    const gateway = await startGateway(bench)
    try {
      await orderPattern(gateway)
      await insertOrders(database, 'stock', size.orders, literal(new Date(Date.now() + 7 * 24 * 3_600_000)))
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
      await besideWatchers(gateway.url, size)
    } finally {
      await gateway.stop()
    }
  } finally {
    await database.close()
  }
}

export const looking: Section = {
  title: '列表与旁观的代价 / what lists and pages that watch cost',
  run: (base, { isQuick }) => run(base, isQuick ? quick : usual),
}

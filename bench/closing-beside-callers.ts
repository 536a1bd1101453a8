/**
 * Callers who create, pay and close, beside orders that fall due: what each side costs the other. Each alone and both together, on
 * the same two gateways, in rotated order.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { subMchId } from '../test/support/sandbox.ts'
import {
  type Bench,
  insertOrders,
  type Lateness,
  latenessOf,
  literal,
  shopDoor,
  startGateway,
  untilClosed,
} from './closing-bench.ts'
import { type DoorOn, jsonRequest, purchasesOf } from './door-calls.ts'
import { httpConnections } from './http-connection.ts'
import { type Measured, measure } from './measure.ts'
import { faultLines, fixed, say, table } from './report.ts'
import { rotated } from './rounds.ts'
import type { ServerUnderTest } from './server-under-test.ts'
import { median } from './statistics.ts'
import { newStock } from './stock.ts'

export interface BesideSize {
  readonly rounds: number
  readonly seconds: number
  /** Orders that fall due in a second. */
  readonly dueASecond: number
}

const callers = 64
const what = ['callers', 'closing', 'both'] as const
type What = (typeof what)[number]

interface Stretch {
  readonly calls?: Measured
  readonly late?: Lateness
}

/** Of two gateways a caller speaks to one, always the same: so do connections that are kept. */
function spread(urls: readonly string[]): DoorOn['connections'] {
  const each = urls.map((url) => httpConnections(url))
  const of = (caller: number) => {
    const connections = each[caller % each.length]
    if (connections === undefined) throw new Error('no gateway')
    return connections
  }
  return {
    ask: (caller, request) => of(caller).ask(caller, request),
    end() {
      for (const connections of each) connections.end()
    },
  }
}

let stretches = 0

export async function besideCallers(
  bench: Bench,
  { rounds, seconds, dueASecond }: BesideSize,
): Promise<void> {
  const two = await Promise.all([startGateway(bench), startGateway(bench)])
  const [{ url }] = two as [ServerUnderTest, ServerUnderTest]
  const connections = spread(two.map((one) => one.url))
  const on: DoorOn = { door: shopDoor(url), stock: newStock('BESIDE'), connections }
  const payment = (outTradeNo: string) =>
    jsonRequest(`${url}/sandbox/pay`, { env_id: 'bench', sub_mch_id: subMchId, out_trade_no: outTradeNo })

  async function stretch(which: What, forSeconds: number): Promise<Stretch> {
    const name = `beside${++stretches}`
    const count = which === 'callers' ? 0 : forSeconds * dueASecond
    const at = new Date(Date.now() + 2_000 + count / 10)
    const last = new Date(at.getTime() + forSeconds * 1_000)
    const step = (1_000 / dueASecond).toFixed(4)
    if (count > 0)
      await insertOrders(bench.database, name, count, `${literal(at)} + n * interval '${step} ms'`)
    await bench.database.ask('analyze orders')
    await wait(Math.max(0, at.getTime() - Date.now()))
    const goesOn = () => Date.now() < last.getTime()
    const calls =
      which === 'closing' ? undefined : await measure(callers, purchasesOf(on, callers, goesOn, payment))
    await wait(Math.max(0, last.getTime() - Date.now()))
    if (count === 0) return { ...(calls === undefined ? {} : { calls }) }
    await untilClosed(bench, last)
    const late = await latenessOf(bench, name)
    await bench.database.ask(`delete from orders where out_trade_no like '${name}-%'`)
    return { late, ...(calls === undefined ? {} : { calls }) }
  }

  const seen = new Map<What, Stretch[]>(what.map((one) => [one, []]))
  try {
    // A young process compiles as it goes.
    await stretch('both', Math.min(seconds, 5))
    for (let round = 0; round < rounds; round++) {
      for (const one of rotated(what, round)) seen.get(one)?.push(await stretch(one, seconds))
      for (const gateway of two) gateway.assertAlive()
      process.stderr.write(`第 ${round + 1}/${rounds} 轮 / round ${round + 1} of ${rounds}\n`)
    }
    report(seen, { rounds, seconds, dueASecond })
  } finally {
    connections.end()
    await Promise.all(two.map((one) => one.stop()))
  }
}

function report(seen: ReadonlyMap<What, readonly Stretch[]>, { seconds, dueASecond }: BesideSize): void {
  const of = (which: What) => seen.get(which) ?? []
  const row = (name: string, alone: What, read: (stretch: Stretch) => number, digits: number) => {
    const ratios = of('both').map((stretch, round) => read(stretch) / read(of(alone)[round] ?? {}))
    const middle = (which: What) => fixed(median(of(which).map(read)), digits)
    return [name, middle(alone), middle('both'), fixed(median(ratios), 2)]
  }
  const calls = (read: (measured: Measured) => number) => (stretch: Stretch) =>
    stretch.calls === undefined ? Number.NaN : read(stretch.calls)
  const late = (read: (lateness: Lateness) => number) => (stretch: Stretch) =>
    stretch.late === undefined ? Number.NaN : read(stretch.late)
  say(
    `${callers} 个并发下单、支付、关单 ${seconds} 秒，每秒 ${dueASecond} 个订单到期，两个进程；各自单独，以及同时进行：\n` +
      `${callers} callers create, pay and close for ${seconds} s, ${dueASecond} orders fall due a second, 2 processes; each alone, and both:`,
  )
  say(
    table(
      ['', 'alone', 'both', '×'],
      [
        row(
          'calls/s',
          'callers',
          calls((measured) => measured.callsPerSecond),
          0,
        ),
        row(
          'calls, p50 ms',
          'callers',
          calls((measured) => measured.p50),
          1,
        ),
        row(
          'calls, p99 ms',
          'callers',
          calls((measured) => measured.p99),
          1,
        ),
        row(
          'closed late by, p50 ms',
          'closing',
          late(({ p50 }) => p50),
          0,
        ),
        row(
          'closed late by, p99 ms',
          'closing',
          late(({ p99 }) => p99),
          0,
        ),
        row(
          'closed late by, at most ms',
          'closing',
          late(({ most }) => most),
          0,
        ),
      ],
      1,
    ),
  )
  const all = [...seen.values()].flat().flatMap((stretch) => stretch.calls ?? [])
  for (const line of faultLines({
    calls: all.reduce((sum, measured) => sum + measured.calls, 0),
    faults: all.flatMap(({ faults }) => faults),
  }))
    say(line)
}

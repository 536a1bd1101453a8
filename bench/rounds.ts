/**
 * Every method at every number of callers, again and again in rotated order, so that what disturbs the machine for a
 * while does not always hit the same one. Owns the order, the orders to close, and the medians.
 */
import { demoSubMchId } from '../src/app/demo-environment.ts'
import { type Call, type Measured, measure } from './callers.ts'
import type { ServerUnderTest } from './server-under-test.ts'
import { median } from './statistics.ts'

type Method = Call['method']

/** The reference is the cheap one: it reads. */
const reference: Method = 'queryOrder'
const methods: readonly Method[] = ['unifiedOrder', 'closeOrder', reference]
const callerCounts = [1, 16, 64]

export interface Plan {
  readonly rounds: number
  /** About how long one method at one number of callers is measured in a round. */
  readonly secondsEach: number
}

interface Cell {
  readonly method: Method
  readonly callers: number
}

/** Medians of all rounds; ratios are taken within a round, to the reference at as many callers. */
export interface Row extends Cell, Omit<Measured, 'faults'> {
  readonly calls: number
  /** Time a call: its rate against the reference's. */
  readonly timeRatio: number
  readonly cpuRatio: number
}

export interface Outcome {
  readonly rows: readonly Row[]
  readonly calls: number
  readonly faults: readonly string[]
}

const cells: readonly Cell[] = callerCounts.flatMap((callers) =>
  methods.map((method) => ({ method, callers })),
)

const nameOf = ({ method, callers }: Cell) => `${method} ${callers}`

const rotated = <T>(list: readonly T[], by: number): T[] => {
  const from = by % list.length
  return [...list.slice(from), ...list.slice(0, from)]
}

/** The calls of one run: every number is ordered once, closed once, and queried at any time. */
function shop() {
  const ordered: string[] = []
  let placed = 0
  let closed = 0
  let queried = 0
  const order = (): Call => {
    placed += 1
    const outTradeNo = `BENCH-${placed}`
    ordered.push(outTradeNo)
    return {
      method: 'unifiedOrder',
      body: {
        function_name: 'payCallback',
        env_id: 'prod-1a2b',
        sub_mch_id: demoSubMchId,
        out_trade_no: outTradeNo,
        body: 'Tea shop - oolong',
        total_fee: 990,
        spbill_create_ip: '127.0.0.1',
      },
    }
  }
  const about = (method: Method, outTradeNo: string | undefined): Call => ({
    method,
    body: { sub_mch_id: demoSubMchId, out_trade_no: outTradeNo },
  })
  const next: Record<Method, () => Call> = {
    unifiedOrder: order,
    closeOrder: () => about('closeOrder', ordered[closed++]),
    queryOrder: () => about('queryOrder', ordered[queried++ % ordered.length]),
  }
  return {
    calls: (method: Method, count: number) => Array.from({ length: count }, next[method]),
    /** Orders that nobody closed yet. */
    open: () => ordered.length - closed,
  }
}

const warmUpCalls = 300
const warmUpCallers = 16

/**
 * @param plan how long and how often
 * @param onRound told after each one
 * @throws when the server is gone
 */
export async function runRounds(
  server: ServerUnderTest,
  plan: Plan,
  onRound: (done: number) => void,
): Promise<Outcome> {
  const faults: string[] = []
  const { calls, open } = shop()
  let made = 0
  const run = async (cell: Cell, count: number): Promise<Measured> => {
    const measured = await measure(server, cell.callers, calls(cell.method, count))
    made += count
    faults.push(...measured.faults.map((fault) => `${nameOf(cell)}: ${fault}`))
    if (!server.alive()) throw new Error(`the server is gone:\n${server.lastWords()}`)
    return measured
  }
  const warm = { method: 'unifiedOrder', callers: warmUpCallers } as const
  await run(warm, warmUpCalls)
  const { callsPerSecond } = await run(warm, warmUpCalls)
  const countFor = (callers: number) => Math.max(4 * callers, Math.round(callsPerSecond * plan.secondsEach))

  const seen = new Map<string, Measured[]>(cells.map((cell) => [nameOf(cell), []]))
  for (let round = 0; round < plan.rounds; round++) {
    for (const cell of rotated(cells, round * 2)) {
      const count = countFor(cell.callers)
      const missing = cell.method === 'closeOrder' ? count - open() : 0
      if (missing > 0) await run(warm, missing)
      seen.get(nameOf(cell))?.push(await run(cell, count))
    }
    onRound(round + 1)
  }
  const rows = cells.map((cell) => summary(cell, seen, plan.rounds * countFor(cell.callers)))
  return { rows, calls: made, faults }
}

function summary(cell: Cell, seen: ReadonlyMap<string, readonly Measured[]>, calls: number): Row {
  const own = seen.get(nameOf(cell)) ?? []
  const others = seen.get(nameOf({ ...cell, method: reference })) ?? []
  const of = (read: (measured: Measured) => number) => median(own.map(read))
  /** Two of one round, each beside the other. */
  const ratio = (read: (measured: Measured) => number) =>
    median(
      own.map((measured, round) => {
        const other = others[round]
        return other === undefined ? Number.NaN : read(measured) / read(other)
      }),
    )
  return {
    ...cell,
    calls,
    callsPerSecond: of((measured) => measured.callsPerSecond),
    p50: of((measured) => measured.p50),
    p99: of((measured) => measured.p99),
    clientCpu: of((measured) => measured.clientCpu),
    serverCpu: of((measured) => measured.serverCpu),
    timeRatio: ratio((measured) => 1 / measured.callsPerSecond),
    cpuRatio: ratio((measured) => measured.serverCpu),
  }
}

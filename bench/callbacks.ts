/**
 * `npm run bench -- callbacks`: payments, and their callbacks as they arrive: how many a second, and how long after the
 * payer heard that it was paid. On PostgreSQL, durable, against bare POSTs that each commit one row.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { demoEnvironment } from '../src/app/demo-environment.ts'
import { asked, creation, minute } from '../test/support/ledger-shop.ts'
import { orderRequest, subMchId } from '../test/support/sandbox.ts'
import { payerOpenid } from '../test/support/v2-client.ts'
import { type BareDriver, openDrivers } from './bare-drivers.ts'
import { bareClose, bareCreate } from './bare-statements.ts'
import { type CallbackSink, openSink, pathOf } from './callback-sink.ts'
import { type Database, openDatabase } from './database.ts'
import { jsonRequest, jsonSucceeded } from './door-calls.ts'
import { httpConnections } from './http-connection.ts'
import { type Job, measure } from './measure.ts'
import { fixed, notes, say, table } from './report.ts'
import { rotated } from './rounds.ts'
import type { Section } from './section.ts'
import { launch, type ServerUnderTest } from './server-under-test.ts'
import { median, quantile, sorted } from './statistics.ts'

interface Size {
  readonly rounds: number
  /** Orders that are paid, each in a stretch. */
  readonly payments: number
}

const usual: Size = { rounds: 5, payments: 3_000 }
const quick: Size = { rounds: 2, payments: 500 }

const callers = 16
const bareCallers = 64
/** Of a saying of hosts. */
const namesEach = 500
const environment = { ...demoEnvironment, callbackTimeout: '5s' }

interface Scenario {
  readonly name: string
  readonly targets: number
  readonly isHanging: (service: number) => boolean
}

const none = () => false
const oneInTen = (service: number) => service % 10 === 0
const scenarios: readonly Scenario[] = [
  { name: '1', targets: 1, isHanging: none },
  { name: '100', targets: 100, isHanging: none },
  { name: '1000', targets: 1_000, isHanging: none },
  { name: '100, one in ten hangs', targets: 100, isHanging: oneInTen },
]
const reference = 'bare POST and update'
const calm = '100'

/** Of one stretch. Times in milliseconds. */
interface Seen {
  readonly deliveredPerSecond: number
  readonly paidPerSecond: number
  readonly p50: number
  readonly p99: number
  /** Of a payment and its callback, in milliseconds: the server's, the database's. */
  readonly serverCpu: number
  readonly databaseCpu: number
  readonly faults: readonly string[]
}

const serviceName = (service: number) => `service-${service}`
let numbers = 0

interface Bench {
  readonly database: Database
  readonly server: ServerUnderTest
  readonly sink: CallbackSink
  readonly connections: ReturnType<typeof httpConnections>
}

/** Says all services to be at the sink, for as long as the benchmark lasts. */
async function host({ server, sink }: Bench): Promise<void> {
  const most = Math.max(...scenarios.map(({ targets }) => targets))
  for (let from = 0; from < most; from += namesEach) {
    const names = Array.from({ length: namesEach }, (_, index) => serviceName(from + index))
    const body = { host_id: `bench-${from}`, kind: 'container', url: sink.url, names, lasting: true }
    const response = await fetch(`${server.url}/sandbox/hosts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ env_id: environment.envId, ...body }),
    })
    if (!response.ok) throw new Error(await response.text())
  }
}

const orderOf = (url: string, outTradeNo: string, service: number) =>
  jsonRequest(`${url}/_/pay/unifiedorder`, {
    ...orderRequest(outTradeNo, { openid: payerOpenid }),
    function_name: undefined,
    callback_type: 2,
    container: { service: serviceName(service), path: pathOf(service) },
  })

async function stretch(bench: Bench, scenario: Scenario, payments: number): Promise<Seen> {
  const { server, sink, connections, database } = bench
  const cpu = () => ({ server: server.cpuMs(), database: database.cpuMs() })
  const orders = Array.from({ length: payments }, (_, index) => ({
    outTradeNo: `CALL-${++numbers}`,
    service: index % scenario.targets,
  }))
  const ask = async (caller: number, request: Buffer, succeeded: (answer: string) => boolean) => {
    const answer = await connections.ask(caller, request)
    if (!succeeded(answer)) throw new Error(answer.slice(0, 300))
  }
  const placed = await measure(
    callers,
    orders.map(({ outTradeNo, service }): Job => {
      const request = orderOf(server.url, outTradeNo, service)
      return (caller) => ask(caller, request, jsonSucceeded)
    }),
  )
  const paidAt = new Map<string, number>()
  const paying = orders.map(({ outTradeNo }): Job => {
    const request = jsonRequest(`${server.url}/sandbox/pay`, {
      out_trade_no: outTradeNo,
      sub_mch_id: subMchId,
    })
    return async (caller) => {
      await ask(caller, request, (answer) => answer.includes('"result":"paid"'))
      paidAt.set(outTradeNo, performance.now())
    }
  })
  const before = sink.arrivedAt.size
  sink.hang(scenario.isHanging)
  const expected = orders.filter(({ service }) => !scenario.isHanging(service))
  const cpuBefore = cpu()
  const begun = performance.now()
  const paid = await measure(callers, paying)
  await sink.arrived(before + expected.length)
  const elapsedMs = performance.now() - begun
  const cpuAfter = cpu()
  // Those that hung are told now, so that they do not disturb the next stretch.
  sink.hang(none)
  await sink.arrived(before + orders.length)
  const latencies = sorted(
    expected.map(({ outTradeNo }) =>
      Math.max(0, (sink.arrivedAt.get(outTradeNo) ?? Number.NaN) - (paidAt.get(outTradeNo) ?? Number.NaN)),
    ),
  )
  return {
    deliveredPerSecond: (expected.length / elapsedMs) * 1000,
    paidPerSecond: paid.callsPerSecond,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    serverCpu: (cpuAfter.server - cpuBefore.server) / payments,
    databaseCpu: (cpuAfter.database - cpuBefore.database) / payments,
    faults: [...placed.faults, ...paid.faults],
  }
}

/** The least that a callback which is not lost can be: one POST, and one row that says so. */
async function bareStretch({ sink, database }: Bench, driver: BareDriver, payments: number): Promise<Seen> {
  const ledger = { parts: 1 }
  const rows = Array.from({ length: payments }, () => `BARE-${++numbers}`)
  const connections = httpConnections(sink.url)
  await measure(
    bareCallers,
    rows.map((number) => (caller: number) => driver.run(caller, bareCreate(creation(ledger, number)))),
  )
  const told = await measure(
    bareCallers,
    rows.map((outTradeNo, index): Job => {
      const request = jsonRequest(`${sink.url}${pathOf(index % 100)}`, { outTradeNo })
      const statement = bareClose(asked(ledger, outTradeNo, minute(6)))
      return async (caller) => {
        await connections.ask(caller, request)
        await driver.run(caller, statement)
      }
    }),
    { database: database.cpuMs },
  )
  connections.end()
  return {
    deliveredPerSecond: told.callsPerSecond,
    paidPerSecond: Number.NaN,
    p50: told.p50,
    p99: told.p99,
    serverCpu: Number.NaN,
    databaseCpu: told.cpu.database,
    faults: told.faults,
  }
}

function report(seen: ReadonlyMap<string, readonly Seen[]>): void {
  const of = (name: string) => seen.get(name) ?? []
  const against = (name: string, other: string, read: (one: Seen) => number) =>
    fixed(
      median(
        of(name).flatMap((one, round) => {
          const beside = of(other)[round]
          return beside === undefined ? [] : [read(one) / read(beside)]
        }),
      ),
      2,
    )
  const middle = (name: string, read: (one: Seen) => number) => median(of(name).map(read))
  const rows = [...seen.keys()].map((name) => [
    name,
    fixed(
      middle(name, (one) => one.paidPerSecond),
      0,
    ),
    fixed(
      middle(name, (one) => one.deliveredPerSecond),
      0,
    ),
    fixed(
      middle(name, (one) => one.p50),
      1,
    ),
    fixed(
      middle(name, (one) => one.p99),
      1,
    ),
    fixed(
      middle(name, (one) => one.serverCpu),
      2,
    ),
    fixed(
      middle(name, (one) => one.databaseCpu),
      2,
    ),
    against(name, reference, (one) => one.deliveredPerSecond),
    against(name, calm, (one) => one.p50),
    against(name, calm, (one) => one.p99),
  ])
  say(
    table(
      [
        'targets',
        'payments/s',
        'callbacks/s',
        'p50 ms',
        'p99 ms',
        'server CPU',
        'database CPU',
        'rate × bare',
        `p50 × ${calm}`,
        `p99 × ${calm}`,
      ],
      rows,
    ),
  )
  say()
  const faults = [...seen.values()].flat().flatMap((one) => one.faults)
  say(faults.length === 0 ? '全部成功 / all succeeded' : `${faults.length} faults: ${faults[0]}`)
  say('p50、p99：付款方听到已付款之后，多久回调到达；有目标挂起时，只算其余目标。')
  say(
    'p50, p99: from when the payer heard that it was paid until the callback arrived; of targets that do not hang.',
  )
  for (const note of notes.slice(2)) say(note)
}

async function rounds(base: string, database: Database, size: Size): Promise<void> {
  const config = join(base, 'environments.json')
  writeFileSync(config, JSON.stringify({ environments: [environment] }))
  const server = await launch(base, {
    flags: ['--config', config],
    variables: { DATABASE_URL: database.url },
  })
  const sink = await openSink()
  const connections = httpConnections(server.url)
  const bench = { database, server, sink, connections }
  const [driver, ...others] = await openDrivers(database.server, database.url, bareCallers)
  try {
    if (driver === undefined) throw new Error('no driver')
    await host(bench)
    const cells = [
      { name: reference, run: (payments: number) => bareStretch(bench, driver, payments) },
      ...scenarios.map((scenario) => ({
        name: scenario.name,
        run: (payments: number) => stretch(bench, scenario, payments),
      })),
    ]
    // A young process compiles as it goes.
    for (const { run } of cells) await run(Math.ceil(size.payments / 3))
    const seen = new Map<string, Seen[]>(cells.map(({ name }) => [name, []]))
    for (let round = 0; round < size.rounds; round++) {
      for (const { name, run } of rotated(cells, round)) seen.get(name)?.push(await run(size.payments))
      server.assertAlive()
      process.stderr.write(`第 ${round + 1}/${size.rounds} 轮 / round ${round + 1} of ${size.rounds}\n`)
    }
    report(seen)
  } finally {
    connections.end()
    await Promise.all([driver, ...others].map((one) => one?.close()))
    await server.stop()
    await sink.close()
  }
}

async function run(base: string, size: Size): Promise<void> {
  const database = await openDatabase(bareCallers * 2 + 40)
  try {
    await rounds(base, database, size)
  } finally {
    await database.close()
  }
}

export const callbacks: Section = {
  title: '从付款到回调送达 / from payments to delivered callbacks',
  run: (base, { isQuick }) => run(base, isQuick ? quick : usual),
}

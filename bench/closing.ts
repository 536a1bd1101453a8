/**
 * `npm run bench -- closing`: orders that fall due, and how soon each is closed, by one gateway and by two; against job
 * queues on the same PostgreSQL whose jobs do the same update. Durable.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { demoEnvironment } from '../src/app/demo-environment.ts'
import { orderRequest } from '../test/support/sandbox.ts'
import { payerOpenid } from '../test/support/v2-client.ts'
import { type Database, openDatabase } from './database.ts'
import { fixed, mebibytes, notes, say, table } from './report.ts'
import { rotated } from './rounds.ts'
import type { Section } from './section.ts'
import { launch, type ServerUnderTest } from './server-under-test.ts'
import { median } from './statistics.ts'

interface Size {
  readonly rounds: number
  /** Due at one moment, in a round. */
  readonly due: number
  /** Open while others fall due, and those that do, in so many seconds. */
  readonly open: number
  readonly falling: number
  readonly seconds: number
}

const usual: Size = { rounds: 3, due: 20_000, open: 1_000_000, falling: 100_000, seconds: 60 }
const quick: Size = { rounds: 1, due: 5_000, open: 50_000, falling: 5_000, seconds: 10 }

const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const environment = { ...demoEnvironment, envId: 'bench', clock: 'real', profile: 'observed' }
const merchants = 50

/** Something that closes what is due, in a process of its own. */
interface Closer {
  readonly name: string
  readonly processes: number
}

const engine = 'engine'
const queues = ['graphile-worker', 'pg-boss']
const closers: readonly Closer[] = [1, 2].flatMap((processes) =>
  [engine, ...queues].map((name) => ({ name, processes })),
)

interface Bench {
  readonly database: Database
  readonly base: string
  readonly config: string
}

/** The compiled worker finds the packages that only it needs where its sources would. */
function linkQueuePackages(): void {
  const link = fromHere('node_modules')
  if (!existsSync(link)) symlinkSync(fromHere('../../bench/node_modules'), link, 'junction')
}

let gateways = 0
function startGateway({ base, config, database }: Bench): Promise<ServerUnderTest> {
  const folder = join(base, `gateway-${++gateways}`)
  mkdirSync(folder)
  return launch(folder, { flags: ['--config', config], variables: { DATABASE_URL: database.url } })
}

async function startWorker(kind: string, url: string): Promise<ChildProcess> {
  const child = fork(fromHere('queue-worker.js'), [kind, url], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => Promise.reject(new Error(`${kind} ended`))),
  ])
  return child
}

async function stopWorker(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** One that was really ordered, which the others are copies of. */
async function orderPattern(gateway: ServerUnderTest): Promise<void> {
  const response = await fetch(`${gateway.url}/_/pay/unifiedorder`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${doorToken}` },
    body: JSON.stringify(orderRequest('pattern', { openid: payerOpenid })),
  })
  const answer = await response.text()
  if (!answer.includes('prepay_id=')) throw new Error(answer.slice(0, 300))
}
const doorToken = 'token-of-the-benchmark'

/**
 * Open orders, copied from the pattern.
 * @param dueAt SQL of a time, over `n` from 1
 */
const insertOrders = ({ database }: Bench, name: string, count: number, dueAt: string) =>
  database.ask(
    `insert into orders (part, env_id, sub_mch_id, out_trade_no, state, clock, seq, command_id, request, total_fee,
       created_at, closable_from, payable_until, expires_at, due_at, close_why, made_as, history, notices)
     select o.part, o.env_id, '19' || (n % ${merchants}), '${name}-' || n, 'NOTPAY', o.clock, 1, o.command_id, o.request,
       o.total_fee, o.created_at, o.closable_from, ${dueAt}, ${dueAt}, ${dueAt}, 'time_expire', o.made_as, o.history, '[]'
     from orders o cross join generate_series(1, ${count}) n where o.out_trade_no = 'pattern'`,
  )

const literal = (at: Date) => `'${at.toISOString()}'::timestamptz`

async function enqueue({ database }: Bench, kind: string, name: string, at: Date): Promise<void> {
  const job = `json_build_object('env', env_id, 'merchant', sub_mch_id, 'number', out_trade_no)`
  const due = `from orders where out_trade_no like '${name}-%'`
  if (kind === 'graphile-worker') {
    await database.ask(
      `select count(graphile_worker.add_job('close', ${job}, run_at := ${literal(at)})) ${due}`,
    )
  } else {
    await database.ask(
      `insert into pgboss.job (name, data, start_after) select 'close', ${job}::jsonb, ${literal(at)} ${due}`,
    )
  }
  await database.ask('analyze')
}

async function untilClosed({ database }: Bench, name: string): Promise<void> {
  for (;;) {
    const rows = await database.ask<{ open: boolean }>(
      `select exists(select 1 from orders where due_at is not null and out_trade_no like '${name}-%') as open`,
    )
    if (rows[0]?.open === false) return
    await wait(20)
  }
}

let stretches = 0

/** @returns orders closed a second, from the moment they are due until the last is closed */
async function stretch(bench: Bench, { name, processes }: Closer, count: number): Promise<number> {
  const orders = `due${++stretches}`
  const at = new Date(Date.now() + 3_000 + count / 10)
  await insertOrders(bench, orders, count, literal(at))
  if (name !== engine) await enqueue(bench, name, orders, at)
  await bench.database.ask('analyze orders')
  const started = await Promise.all(
    Array.from({ length: processes }, () =>
      name === engine ? startGateway(bench) : startWorker(name, bench.database.url),
    ),
  )
  const spare = at.getTime() - Date.now()
  if (spare > 0) await wait(spare)
  const begun = Math.max(at.getTime(), Date.now())
  await untilClosed(bench, orders)
  const seconds = (Date.now() - begun) / 1_000
  await Promise.all(started.map((one) => ('stop' in one ? one.stop() : stopWorker(one))))
  await bench.database.ask(`delete from orders where out_trade_no like '${orders}-%'`)
  await bench.database.ask('vacuum orders')
  return count / seconds
}

/** Queues make their own tables; one job of each has to be known before jobs are written as rows. */
async function prepareQueues(bench: Bench): Promise<void> {
  const graphile = await startWorker('graphile-worker', bench.database.url)
  await stopWorker(graphile)
  const queue: string = 'pg-boss'
  const { default: PgBoss } = await import(queue)
  const boss = new PgBoss(bench.database.url)
  await boss.start()
  await boss.createQueue('close')
  await boss.stop({ graceful: false })
}

async function compareRates(bench: Bench, { rounds, due }: Size): Promise<void> {
  const rates = new Map<Closer, number[]>(closers.map((closer) => [closer, []]))
  for (let round = 0; round < rounds; round++)
    for (const closer of rotated(closers, round)) rates.get(closer)?.push(await stretch(bench, closer, due))
  const of = (closer: Closer) => rates.get(closer) ?? []
  const bestQueue = (processes: number) =>
    Math.max(
      ...closers
        .filter((one) => one.name !== engine && one.processes === processes)
        .map((one) => median(of(one))),
    )
  say(
    table(
      ['closing', 'processes', 'orders/s', '× best queue'],
      closers.map((closer) => [
        closer.name,
        String(closer.processes),
        fixed(median(of(closer)), 0),
        fixed(median(of(closer)) / bestQueue(closer.processes), 2),
      ]),
      1,
    ),
  )
}

async function lateness(bench: Bench, { open, falling, seconds }: Size): Promise<void> {
  const far = new Date(Date.now() + 6 * 24 * 3_600_000)
  const begun = Date.now()
  await insertOrders(bench, 'open', open, `${literal(far)} + n * interval '1 ms'`)
  const at = new Date(Date.now() + 8_000 + falling / 10)
  await insertOrders(
    bench,
    'falling',
    falling,
    `${literal(at)} + n * interval '${((seconds * 1_000) / falling).toFixed(4)} ms'`,
  )
  await bench.database.ask('vacuum analyze orders')
  const two = await Promise.all([startGateway(bench), startGateway(bench)])
  const before = two.map((one) => mebibytes(one.usage()))
  const wanted = at.getTime() + seconds * 1_000 - Date.now()
  if (wanted > 0) await wait(wanted)
  await untilClosed(bench, 'falling')
  const [late] = await bench.database.ask<{ p50: number; p99: number; most: number }>(
    `select percentile_cont(0.5) within group (order by late) as p50, percentile_cont(0.99) within group (order by late) as p99,
       max(late) as most
     from (select extract(epoch from closed_at - (history -> -1 ->> 'due')::timestamptz) * 1000 as late
           from orders where out_trade_no like 'falling-%') l`,
  )
  const after = two.map((one) => mebibytes(one.usage()))
  await Promise.all(two.map((one) => one.stop()))
  say(
    `${open} open, ${falling} due spread over ${seconds} s, 2 processes: late by p50 ${fixed(Number(late?.p50), 0)} ms, p99 ${fixed(Number(late?.p99), 0)} ms, at most ${fixed(Number(late?.most), 0)} ms`,
  )
  say(
    `memory of a gateway, MiB: ${before.join(', ')} before, ${after.join(', ')} after (all ${Math.round((Date.now() - begun) / 1_000)} s)`,
  )
}

async function run(base: string, size: Size): Promise<void> {
  linkQueuePackages()
  const database = await openDatabase(120)
  const config = join(base, 'environments.json')
  writeFileSync(config, JSON.stringify({ environments: [{ ...environment, doorToken }] }))
  const bench = { database, base, config }
  try {
    const first = await startGateway(bench)
    await orderPattern(first)
    await first.stop()
    await prepareQueues(bench)
    await compareRates(bench, size)
    say()
    await lateness(bench, size)
    for (const line of notes) say(line)
  } finally {
    await database.close()
  }
}

export const closing: Section = {
  title: '到期关单，对比任务队列，提交落盘 / closing what is due, against job queues, durable',
  run: (base, { isQuick }) => run(base, isQuick ? quick : usual),
}

/** Orders that are all due at one moment: how many a second are closed, by the engine and by job queues that do the same update. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, symlinkSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Bench, insertOrders, literal, startGateway, untilClosed } from './closing-bench.ts'
import { openRedis, type Redis } from './redis.ts'
import { fixed, say, table } from './report.ts'
import { rotated } from './rounds.ts'
import { median } from './statistics.ts'

/** Something that closes what is due, in processes of its own. */
interface Closer {
  readonly name: string
  readonly processes: number
}

const engine = 'engine'

const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The compiled worker finds the packages that only it needs where its sources would. */
function linkQueuePackages(): void {
  const link = fromHere('node_modules')
  if (!existsSync(link)) symlinkSync(fromHere('../../bench/node_modules'), link, 'junction')
}

/** Not installed where only types are checked. */
const load = (name: string) => import(name)

async function startWorker(kind: string, url: string, redis: Redis | undefined): Promise<ChildProcess> {
  const child = fork(fromHere('queue-worker.js'), [kind, url, String(redis?.port ?? '')], {
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

const mostOfBulk = 2_000

async function enqueueInRedis({ database }: Bench, redis: Redis, name: string, at: Date): Promise<void> {
  const { Queue } = await load('bullmq')
  const queue = new Queue('close', { connection: { host: '127.0.0.1', port: redis.port } })
  await queue.obliterate({ force: true })
  const jobs = await database.ask<{ env: string; merchant: string; number: string }>(
    `select env_id as env, sub_mch_id as merchant, out_trade_no as number from orders where out_trade_no like '${name}-%'`,
  )
  for (let from = 0; from < jobs.length; from += mostOfBulk) {
    const delay = Math.max(0, at.getTime() - Date.now())
    await queue.addBulk(
      jobs.slice(from, from + mostOfBulk).map((data) => ({ name: 'close', data, opts: { delay } })),
    )
  }
  await queue.close()
}

async function enqueue(
  bench: Bench,
  redis: Redis | undefined,
  kind: string,
  name: string,
  at: Date,
): Promise<void> {
  const { database } = bench
  const job = `json_build_object('env', env_id, 'merchant', sub_mch_id, 'number', out_trade_no)`
  const due = `from orders where out_trade_no like '${name}-%'`
  if (kind === 'bullmq' && redis !== undefined) await enqueueInRedis(bench, redis, name, at)
  else if (kind === 'graphile-worker') {
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

let stretches = 0

/** @returns orders closed a second, from the moment they are due until the last is closed */
async function stretch(
  bench: Bench,
  redis: Redis | undefined,
  { name, processes }: Closer,
  count: number,
): Promise<number> {
  const orders = `due${++stretches}`
  const at = new Date(Date.now() + 3_000 + count / 5)
  await insertOrders(bench.database, orders, count, literal(at))
  if (name !== engine) await enqueue(bench, redis, name, orders, at)
  await bench.database.ask('analyze orders')
  const started = await Promise.all(
    Array.from({ length: processes }, () =>
      name === engine ? startGateway(bench) : startWorker(name, bench.database.url, redis),
    ),
  )
  const spare = at.getTime() - Date.now()
  if (spare > 0) await wait(spare)
  const begun = Math.max(at.getTime(), Date.now())
  await untilClosed(bench, at)
  const seconds = (Date.now() - begun) / 1_000
  await Promise.all(started.map((one) => ('stop' in one ? one.stop() : stopWorker(one))))
  await bench.database.ask(`delete from orders where out_trade_no like '${orders}-%'`)
  await bench.database.ask('vacuum orders')
  return count / seconds
}

/** Queues make their own tables; one job of each has to be known before jobs are written as rows. */
async function prepareQueues(bench: Bench): Promise<void> {
  linkQueuePackages()
  await stopWorker(await startWorker('graphile-worker', bench.database.url, undefined))
  const { default: PgBoss } = await load('pg-boss')
  const boss = new PgBoss(bench.database.url)
  await boss.start()
  await boss.createQueue('close')
  await boss.stop({ graceful: false })
}

interface Size {
  readonly rounds: number
  readonly due: number
}

async function compare(bench: Bench, redis: Redis | undefined, { rounds, due }: Size): Promise<void> {
  const queues = ['graphile-worker', 'pg-boss', ...(redis === undefined ? [] : ['bullmq'])]
  const closers: readonly Closer[] = [1, 2].flatMap((processes) =>
    [engine, ...queues].map((name) => ({ name, processes })),
  )
  const rates = new Map<Closer, number[]>(closers.map((closer) => [closer, []]))
  for (let round = 0; round < rounds; round++)
    for (const closer of rotated(closers, round))
      rates.get(closer)?.push(await stretch(bench, redis, closer, due))
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

/** @param size `due` at one moment, in each of so many rounds */
export async function compareRates(bench: Bench, size: Size): Promise<void> {
  await prepareQueues(bench)
  const redis = await openRedis(bench.base)
  if (redis === undefined)
    say('未比较 BullMQ：PATH 中没有 redis-server / BullMQ is left out: there is no redis-server on PATH\n')
  try {
    await compare(bench, redis, size)
  } finally {
    await redis?.close()
  }
}

/**
 * A worker of a job queue, as a process of its own: `queue-worker.js <graphile-worker | pg-boss | bullmq> <database> [port of
 * Redis]`. Each job does what the engine does to an order, one guarded update by key. Says `ready`, and works until it is ended.
 */
import pg from 'pg'

/** Of each worker process: connections that do the jobs' updates. */
const connections = 12
const jobsAtOnce = 24
/** It fetches one at a time for each place: more of them keep the updates' connections busy. */
const jobsOfBullmq = 96

const updateOfJob = `update orders set state = 'CLOSED', closed_at = due_at, due_at = null, seq = seq + 1,
  history = history || '{"event":"closed","by":"engine"}'
  where part = 0 and env_id = $1 and sub_mch_id = $2 and out_trade_no = $3 and state = 'NOTPAY' and due_at <= $4`

/** Not installed where only types are checked: what is used of them is little, and the benchmark itself tells if it is wrong. */
const load = (name: string) => import(name)

interface Job {
  readonly env: string
  readonly merchant: string
  readonly number: string
}

async function graphileWorker(url: string): Promise<void> {
  const { run, WorkerPreset } = await load('graphile-worker')
  const pool = new pg.Pool({ connectionString: url, max: connections })
  await run({
    preset: {
      extends: [WorkerPreset],
      worker: {
        connectionString: url,
        maxPoolSize: jobsAtOnce,
        concurrentJobs: jobsAtOnce,
        pollInterval: 100,
        // Its fastest: jobs fetched and finished many at a time.
        localQueue: { size: 500 },
        completeJobBatchDelay: 0,
        failJobBatchDelay: 0,
      },
    },
    taskList: {
      async close({ env, merchant, number }: Job) {
        await pool.query(updateOfJob, [env, merchant, number, new Date()])
      },
    },
  })
}

async function pgBoss(url: string): Promise<void> {
  const { default: PgBoss } = await load('pg-boss')
  const boss = new PgBoss({ connectionString: url, max: connections })
  const pool = new pg.Pool({ connectionString: url, max: connections })
  await boss.start()
  // Its fastest: jobs fetched and finished five hundred at a time, by several fetchers.
  for (let fetcher = 0; fetcher < 4; fetcher++) {
    await boss.work(
      'close',
      { batchSize: 500, pollingIntervalSeconds: 0.5 },
      async (jobs: { data: Job }[]) => {
        await Promise.all(
          jobs.map(({ data: { env, merchant, number } }) =>
            pool.query(updateOfJob, [env, merchant, number, new Date()]),
          ),
        )
      },
    )
  }
}

async function bullmq(url: string, port: number): Promise<void> {
  const { Worker } = await load('bullmq')
  const pool = new pg.Pool({ connectionString: url, max: connections })
  const worker = new Worker(
    'close',
    async ({ data: { env, merchant, number } }: { data: Job }) => {
      await pool.query(updateOfJob, [env, merchant, number, new Date()])
    },
    {
      connection: { host: '127.0.0.1', port, maxRetriesPerRequest: null },
      concurrency: jobsOfBullmq,
      // Its fastest: nothing is kept of what is done, and nobody listens.
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    },
  )
  await worker.waitUntilReady()
}

const [kind, url = '', port] = process.argv.slice(2)
const kinds: Readonly<Record<string, () => Promise<void>>> = {
  'graphile-worker': () => graphileWorker(url),
  'pg-boss': () => pgBoss(url),
  bullmq: () => bullmq(url, Number(port)),
}
await kinds[kind ?? '']?.()
process.send?.('ready')

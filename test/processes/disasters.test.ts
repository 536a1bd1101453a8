/**
 * Three gateways on one PostgreSQL, a crowd of shops and payers, and everything that befalls servers: gateways killed and stopped
 * past their leases, lines cut and silent, answers lost, the database restarted, all in the middle of it. Then it ends, time
 * passes, and the checker of the simulation looks at what is left. `npm run simulate -- --minutes 10` does it for longer.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import type { Db } from '../../src/ledger/db/db.ts'
import { openPostgres } from '../../src/ledger/db/postgres.ts'
import { chanceOf } from '../simulation/chance.ts'
import { check } from '../simulation/checker.ts'
import { type PostgresServer, startPostgres } from '../support/postgres.ts'
import { type Listener, openListener } from './disasters/callbacks.ts'
import { beginnings, type Crowd, openCrowd } from './disasters/crowd.ts'
import { beginDisasters, type Disasters } from './disasters/disasters.ts'
import { type Gateway, openGateways } from './disasters/gateways.ts'
import { type Setting, settingsFor } from './disasters/shops.ts'

const { CLOUDPAY_DISASTERS_MINUTES: minutes = '0.4', CLOUDPAY_DISASTERS_SEED: seedAsked = '1' } = process.env
const forMs = Number(minutes) * 60_000
const seed = Number(seedAsked)

const folder = mkdtempSync(join(tmpdir(), 'cloudpay-disasters-'))
const config = join(folder, 'environments.json')
let server: PostgresServer
let listener: Listener
let gateways: readonly Gateway[] = []
const opened: Db[] = []

beforeAll(async () => {
  await ensureBuilt()
  // Its own, whatever the suite runs on: it is stopped and started.
  server = await startPostgres({ settings: { max_connections: '100' } })
  listener = await openListener(chanceOf(seed + 1))
})
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.end('SIGKILL')))
  await Promise.all(gateways.map(({ line }) => line.close()))
  await Promise.all(opened.map((db) => db.close()))
  await listener?.target.close()
  await server?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function control(gateway: Gateway, path: string, body: object): Promise<void> {
  const response = await fetch(`${gateway.running()?.url}/sandbox/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(response.status, await response.text()).toBe(200)
}

const single = <T>([one]: readonly T[]): T => {
  if (one === undefined) throw new Error('there is one')
  return one
}

async function prepareFaults(gateway: Gateway, { envId: env_id }: Setting): Promise<void> {
  const faults = { 'refund-closed': beginnings.closedRefunds, 'refund-change': beginnings.changedRefunds }
  for (const [on, beginning] of Object.entries(faults))
    await control(gateway, 'faults', { env_id, on, out_trade_no: `${beginning}*` })
}

/** Nothing that was sent before, by whomever, is still to happen. */
async function untilNobodyIsConnected(db: Db): Promise<void> {
  for (;;) {
    const [one] = await db.rows<{ others: number }>(
      `select count(*)::int as others from pg_stat_activity
       where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`,
    )
    if (one?.others === 0) return
    await wait(20)
  }
}

/** How many orders the engine closed so far, by reason. */
const closedByEngine = (db: Db) =>
  db.rows<{ why: string; count: number }>(
    `select close_why as why, count(*)::int as count from orders
     where state = 'CLOSED' and history -> -1 ->> 'by' = 'engine' group by close_why order by close_why`,
  )

/** Of a run that was worth it: everything was asked with success, at times nobody knew, and orders ran out of time meanwhile. */
const enough: readonly (readonly [word: string, count: number])[] = [
  ['order prepaid', 5],
  ['close closed', 5],
  ['pay paid', 5],
  ['refund accepted', 5],
  ['order unknown', 5],
  ['close unknown', 5],
  ['pay unknown', 5],
  ['clock moved far', 4],
]
/** A slow machine gets so much more to hear all of that. */
const moreMs = 120_000

/** What befell them, what people heard, and how to do it again. */
const storyOf = ({ log }: Disasters, { heard }: Crowd) =>
  [
    ...log,
    ...[...heard].sort().map(([word, count]) => `${count} × ${word}`),
    `again: npm run simulate -- --minutes ${minutes} --seed ${seed}`,
  ].join('\n')

test('whatever befalls gateways, lines and the database, every promise is kept', {
  timeout: forMs + moreMs + 300_000,
}, async ({ onTestFailed, onTestFinished }) => {
  const settings = settingsFor(listener.target.url)
  writeFileSync(config, JSON.stringify({ environments: settings }))
  const url = await server.freshDatabase()
  const means = { folder, config, server, url }
  gateways = await openGateways(means, 3)
  for (const setting of settings) await prepareFaults(single(gateways), setting)

  const crowd = openCrowd({ chance: chanceOf(seed + 2), gateways, settings, target: listener.target.url })
  const answers = () =>
    [...crowd.heard].reduce((sum, [word, count]) => sum + (/unknown$/.test(word) ? 0 : count), 0)
  const disasters = beginDisasters(
    {
      chance: chanceOf(seed),
      gateways,
      server,
      progress: answers,
      isEnough: () => enough.every(([word, count]) => (crowd.heard.get(word) ?? 0) >= count),
    },
    { leastMs: forMs, mostMs: forMs + moreMs },
  )
  const tell = () => void process.stderr.write(`${storyOf(disasters, crowd)}\n`)
  // Whoever asked for a run of its own hears of it in any case.
  const over = process.env.CLOUDPAY_DISASTERS_MINUTES === undefined ? onTestFailed : onTestFinished
  over(tell)
  await disasters.over
  await crowd.leave()

  // All faults are over. What is under way ends, and with nobody but the engine at work the rest does.
  await Promise.all(gateways.map((gateway) => gateway.end('SIGTERM')))
  for (const { line } of gateways) line.cut()
  const db = await openPostgres({ url, connections: 1 })
  opened.push(db)
  await untilNobodyIsConnected(db)
  const meanwhile = await closedByEngine(db)
  listener.calmDown()
  const last = await openGateways(means, 1)
  gateways = [...gateways, ...last]
  for (const { envId } of settings) await control(single(last), 'clock', { env_id: envId, advance: '10d' })
  await single(last).end('SIGTERM')

  expect([...crowd.strange, ...(await check(db, crowd)), ...(await listener.check(db))]).toEqual([])
  for (const [word, count] of enough) expect(crowd.heard.get(word) ?? 0, word).toBeGreaterThanOrEqual(count)
  const closed = meanwhile.map(({ why }) => why)
  expect(closed).toContain('replaced')
  // By their own time, or by the environment's: which of the two comes first in so short a run is chance.
  expect(closed).toEqual(expect.arrayContaining([expect.stringMatching(/^(close_after|time_expire)$/)]))
})

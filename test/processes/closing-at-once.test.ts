/**
 * A hundred thousand orders due at one moment, three gateways on one PostgreSQL, one killed half way: each is closed once.
 * The orders are written as rows, for nobody could order so many in the time of a test.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'
import { callAdmin } from '../support/admin-client.ts'
import { freshPostgres } from '../support/databases.ts'
import { environmentNamed, orderRequest } from '../support/sandbox.ts'
import { startProcess } from '../support/server-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'cloudpay-closing-'))
const config = join(folder, 'environments.json')
const setting = environmentNamed('real', 'observed', { clock: 'real' })
beforeAll(async () => {
  await ensureBuilt()
  writeFileSync(config, JSON.stringify({ environments: [setting] }))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const due = 100_000
/** In one statement. */
const written = 10_000

test('each of a hundred thousand orders is closed once, though a gateway is killed half way', async () => {
  const database = await freshPostgres()
  const db = await database.open()
  const start = (name: string) =>
    startProcess(join(folder, name), {
      flags: ['--config', config],
      variables: { DATABASE_URL: database.url },
    })
  const gateways = await Promise.all([start('one'), start('two'), start('three')])
  const [first] = gateways
  if (first === undefined) throw new Error('there are three')
  const { json } = await callAdmin(first.url, setting, 'unifiedOrder', orderRequest('pattern'))
  expect(json).toMatchObject({ result_code: 'SUCCESS' })

  const count = async (where: string) =>
    (await db.rows<{ count: number }>(`select count(*)::int as count from orders where ${where}`))[0]
      ?.count ?? 0
  // After the pattern of one that was ordered; all are there, as a rule, when the first is due. A statement that takes too long
  // would be given up: they come in several.
  const at = new Date(Date.now() + 6_000)
  for (let from = 1; from <= due; from += written)
    await db.rows(
      `insert into orders (part, env_id, sub_mch_id, out_trade_no, state, clock, seq, command_id, request, total_fee,
       created_at, closable_from, payable_until, expires_at, due_at, close_why, made_as, history, notices)
     select o.part, o.env_id, '19' || (n % 50), 'due-' || n, o.state, o.clock, 1, o.command_id, o.request, o.total_fee,
       o.created_at, o.closable_from, $1, $1, $1, 'time_expire', o.made_as, o.history, '[]'
     from orders o cross join generate_series(${from}, ${from + written - 1}) n where o.out_trade_no = 'pattern'`,
      [at],
    )

  const closed = "out_trade_no like 'due-%' and state = 'CLOSED'"
  while ((await count(closed)) < due / 2);
  await first.stop('SIGKILL')
  while ((await count(closed)) < due);

  expect(await count(`${closed} and seq = 2 and due_at is null and jsonb_array_length(history) = 2`)).toBe(
    due,
  )
  expect(await count(`${closed} and closed_at >= $$${at.toISOString()}$$`), 'none before its time').toBe(due)
  const said = async (url: string) => {
    const text = await (await fetch(`${url}/metrics`)).text()
    return Number(/cloudpay_engine_closes_total\{why="time_expire"\} (\d+)/.exec(text)?.[1] ?? 0)
  }
  const counted = await Promise.all(gateways.slice(1).map(({ url }) => said(url)))
  expect(
    counted.reduce((sum, closes) => sum + closes, 0),
    'those who live closed the rest',
  ).toBeLessThanOrEqual(due)
  expect(Math.max(...counted)).toBeGreaterThan(0)
  await Promise.all(gateways.slice(1).map((gateway) => gateway.stop('SIGTERM')))
  await database.close()
})

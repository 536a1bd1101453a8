import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startPostgres } from '../../../test/support/postgres.ts'
import type { Db } from './db.ts'
import { openPglite } from './pglite.ts'
import { openPostgres } from './postgres.ts'
import { countYoung, keepUp } from './upkeep.ts'

const tables = [
  'create table orders (shop text, no text, made int, note text, primary key (shop, no))',
  'create index orders_made on orders (shop, made)',
  'create table payers (openid text primary key)',
]

let db: Db
beforeAll(async () => {
  db = await openPglite({ folder: 'memory' })
  for (const table of tables) await db.rows(table)
})
afterAll(() => db.close())

const orderIn = (db: Db, from: number, to: number) =>
  db.rows(
    `insert into orders select 'tea', 'TEA-' || n, n, repeat('x', 100) from generate_series($1::int, $2::int) n`,
    [from, to],
  )
const order = (from: number, to: number) => orderIn(db, from, to)

/** How one order is found. */
const planIn = async (db: Db) =>
  JSON.stringify(await db.rows(`explain select note from orders where shop = 'tea' and no = 'TEA-77'`))
const plan = () => planIn(db)

test('a table that grew is counted, once, and an order is found by its key and nothing else', async () => {
  await order(1, 10_000)
  expect(await keepUp(db)).toEqual(['orders'])
  expect(await plan()).toContain('orders_pkey')
  expect(await keepUp(db), 'nothing changed since').toEqual([])
  await order(10_001, 10_500)
  expect(await keepUp(db), 'a twentieth more').toEqual([])
  await order(10_501, 11_500)
  expect(await keepUp(db), 'more than a tenth').toEqual(['orders'])
})

test('what is dead makes room for what comes', async () => {
  const bytes = async () =>
    (await db.rows<{ bytes: number }>(`select pg_relation_size('orders') as bytes`))[0]?.bytes ?? 0
  const before = await bytes()
  for (let round = 0; round < 8; round++) {
    await db.rows('update orders set made = made + 1')
    expect(await keepUp(db)).toEqual(['orders'])
  }
  expect(await bytes()).toBeLessThan(before * 2.5)
})

test('a database that nobody counted, as a crash leaves it, is counted before anybody waits for it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cloudpay-upkeep-'))
  const first = await openPglite({ folder })
  await first.rows(`create table orders (no text primary key);
                    insert into orders select 'TEA-' || n from generate_series(1, 20000) n`)
  await first.close()
  const again = await openPglite({ folder })
  const [counted] = await again.rows(`select reltuples::int as count from pg_class where relname = 'orders'`)
  await again.close()
  await rm(folder, { recursive: true })
  expect(counted).toEqual({ count: 20_000 })
})

test('a server’s new table is counted as it grows, and an order is found by its key from then on', async () => {
  const databases = await startPostgres()
  const server = await openPostgres({ url: await databases.freshDatabase() })
  try {
    for (const table of tables) await server.rows(table)
    // This one comes first, and cannot be counted; nor is the name of the next a statement.
    await server.rows(
      `create function found(int) returns int immutable language sql as 'select 1';
       create table a (n int);
       create index a_found on a (found(n));
       insert into a select n from generate_series(1, 1000) n;
       create or replace function found(int) returns int immutable language sql as 'select 1 / ($1 - $1)'`,
    )
    await server.rows('create table "b"";drop table payers;--" as select 1 as n')
    await server.rows(
      'create table others as select 1 as n; create role stranger; alter table others owner to stranger',
    )
    /** What a session changed is known to others a second later. */
    const counted = async () => {
      await server.rows('select pg_stat_force_next_flush()')
      return countYoung(server)
    }
    await orderIn(server, 1, 2_000)
    await expect.poll(counted).toEqual(['a', 'b";drop table payers;--', 'orders'])
    expect(await planIn(server)).toContain('orders_pkey')
    expect(await server.rows('select from payers'), 'still there').toEqual([])
    await server.rows('drop table a')
    expect(await counted(), 'nothing changed since').toEqual([])
    await orderIn(server, 2_001, 3_500)
    expect(await counted(), 'not twice as many').toEqual([])
    await orderIn(server, 3_501, 5_000)
    await expect.poll(counted).toEqual(['orders'])
  } finally {
    await server.close()
    await databases.close()
  }
})

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { DatabaseError, type Db, type Statements } from './db.ts'
import { type Migration, migrate, migrationHash, SchemaRefused } from './migrate.ts'
import { openPglite } from './pglite.ts'

const at = new Date('2026-11-23T00:00:00Z')
const teas: Migration = { id: 1, name: 'teas', note: 'What is sold.', sql: 'create table teas (name text)' }
const prices: Migration = {
  id: 2,
  name: 'prices',
  note: 'What it costs, in fen.',
  sql: 'alter table teas add column price integer; create index teas_price on teas (price)',
}

let db: Db
beforeAll(async () => {
  db = await openPglite({ folder: 'memory' })
})
afterEach(() => db.rows('drop table if exists schema_migrations, teas'))
afterAll(() => db.close())

test('what is missing is applied in order, once, and remembered', async () => {
  expect(await migrate(db, [teas], at)).toEqual([1])
  const later = new Date('2026-12-01T00:00:00Z')
  expect(await migrate(db, [teas, prices], later)).toEqual([2])
  expect(await migrate(db, [teas, prices], later)).toEqual([])
  expect(await db.rows('select id, name, sha256, applied_at from schema_migrations order by id')).toEqual([
    { id: 1, name: 'teas', sha256: migrationHash(teas.sql), applied_at: at },
    { id: 2, name: 'prices', sha256: migrationHash(prices.sql), applied_at: later },
  ])
  expect(await db.rows('select name, price from teas')).toEqual([])
})

test('a migration that fails leaves nothing of itself, and what came before it', async () => {
  const broken = { ...prices, sql: `${prices.sql}; select 1 / 0` }
  await expect(migrate(db, [teas, broken], at)).rejects.toMatchObject({ sqlstate: '22012' })
  expect(await db.rows('select id from schema_migrations')).toEqual([{ id: 1 }])
  await expect(db.rows('select price from teas')).rejects.toMatchObject({ sqlstate: '42703' })
  expect(await migrate(db, [teas, prices], at)).toEqual([2])
})

test('a database made by a newer version is refused, and not touched', async () => {
  await migrate(db, [teas, { ...prices, id: 7 }], at)
  const older = migrate(db, [teas, { ...prices, id: 3, sql: 'drop table teas' }], at)
  await expect(older).rejects.toBeInstanceOf(SchemaRefused)
  await expect(older).rejects.toMatchObject({ reason: 'made-by-newer', id: 7 })
  expect(await db.rows('select name from teas')).toEqual([])
})

test('a released migration that was edited is refused; its note, and its line ends, may change', async () => {
  await migrate(db, [{ ...teas, sql: 'create table teas\n(name text)' }], at)
  await expect(migrate(db, [teas], at)).rejects.toMatchObject({ reason: 'edited', id: 1 })
  const checkedOut = { ...teas, note: 'Better said.', sql: 'create table teas\r\n(name text)' }
  expect(await migrate(db, [checkedOut], at)).toEqual([])
})

test('a migration slipped in before an applied one is refused', async () => {
  await migrate(db, [{ ...teas, id: 2 }], at)
  const late = migrate(
    db,
    [prices, { ...teas, id: 2 }].map((one, i) => ({ ...one, id: i + 1 })),
    at,
  )
  await expect(late).rejects.toMatchObject({ reason: 'out-of-order', id: 1 })
})

test('of two who migrate at once each step is done by one', async () => {
  const both = await Promise.all([migrate(db, [teas, prices], at), migrate(db, [teas, prices], at)])
  expect(both.flat().sort()).toEqual([1, 2])
})

/** The Db, but another process makes the table at the worst moment. */
function losingTheRace(sqlstate: string): Db {
  let lost = false
  return {
    ...db,
    transaction: (body) =>
      db.transaction((tx) => {
        const rows: Statements['rows'] = (sql, params) => {
          if (lost || !sql.includes('create table if not exists schema_migrations'))
            return tx.rows(sql, params)
          lost = true
          return Promise.reject(new DatabaseError(sqlstate, 'played'))
        }
        return body({ rows })
      }),
  }
}

test("a database with somebody else's tables is refused, and nothing is written into it", async () => {
  for (const theirs of ['create table orders (id int)', 'create table schema_migrations (version text)']) {
    await db.rows('create schema theirs')
    await db.rows('set search_path to theirs')
    await db.rows(theirs)
    await expect(migrate(db, [teas], at)).rejects.toMatchObject({ reason: 'not-ours' })
    const tables = await db.rows<{ n: number }>(
      "select count(*)::int as n from pg_tables where schemaname = 'theirs'",
    )
    expect(tables).toEqual([{ n: 1 }])
    await db.rows('drop schema theirs cascade')
    await db.rows('reset search_path')
  }
})

test('who loses the race to make the table uses the one that is there', async () => {
  for (const sqlstate of ['23505', '42P07', '42710']) {
    await db.rows('drop table if exists schema_migrations, teas')
    expect(await migrate(losingTheRace(sqlstate), [teas], at)).toEqual([1])
  }
})

import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PgliteStatements, statementsOf } from './pglite-statements.ts'

let pglite: PGlite
let statements: PgliteStatements
beforeAll(async () => {
  pglite = await PGlite.create('memory://')
  await pglite.exec('create table orders (no text primary key, fee int not null, paid boolean)')
})
afterAll(() => pglite.close())

/** What PostgreSQL keeps prepared, each test's from its beginning. */
const prepared = async () =>
  (await pglite.query<{ count: number }>('select count(*)::int as count from pg_prepared_statements')).rows[0]
    ?.count

const begin = async () => {
  await pglite.exec('deallocate all; delete from orders')
  statements = statementsOf(pglite)
}

test('a statement is prepared once, however often and with whatever it runs', async () => {
  await begin()
  const insert = 'insert into orders (no, fee, paid) values ($1, $2, $3) returning fee, paid'
  expect(await statements.run(insert, ['A1', '100', 'true'])).toEqual({
    command: 'INSERT',
    rows: [{ fee: 100, paid: true }],
  })
  expect((await statements.run(insert, ['A2', '200', null])).rows).toEqual([{ fee: 200, paid: null }])
  expect(await prepared()).toBe(1)
})

test('one that its values make fail says why, and serves the next values', async () => {
  await begin()
  const insert = 'insert into orders (no, fee) values ($1, $2) returning no'
  for (let again = 0; again < 3; again++)
    await expect(statements.run(insert, ['A1', 'much'])).rejects.toMatchObject({ code: '22P02' })
  expect((await statements.run(insert, ['A1', '1'])).rows).toEqual([{ no: 'A1' }])
  await expect(statements.run(insert, ['A1', '1'])).rejects.toMatchObject({ code: '23505' })
  expect(await prepared(), 'kept statements').toBe(1)
})

test('one that PostgreSQL cannot read leaves nothing behind', async () => {
  await begin()
  await expect(statements.run('select fee from no_such_table', [])).rejects.toMatchObject({ code: '42P01' })
  expect(await prepared()).toBe(0)
})

test('when its table changes it fails once and is planned anew', async () => {
  await begin()
  const all = 'select * from orders where no = $1'
  await statements.run(all, ['A1'])
  await pglite.exec('alter table orders add column openid text')
  await expect(statements.run(all, ['A1'])).rejects.toMatchObject({ code: '0A000' })
  expect(await statements.run(all, ['A1'])).toEqual({ command: 'SELECT', rows: [] })
})

test('values written into a thousand texts do not fill the memory with plans', async () => {
  await begin()
  for (let fee = 0; fee < 1000; fee++)
    expect((await statements.run(`select ${fee} as fee`, [])).rows).toEqual([{ fee }])
  expect(await prepared()).toBe(400)
})

test('one that asks for a fresh plan is not kept', async () => {
  await begin()
  const all = 'select no from orders where $1::text is null or no = $1'
  expect((await statements.run(all, [null], { freshPlan: true })).rows).toEqual([])
  expect(await prepared()).toBe(0)
})

/** A database that is not taken at start: which reason, and no word of the password. */

import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { inspect } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type PostgresServer, roleWithPassword, startPostgres } from '../../../test/support/postgres.ts'
import { DatabaseUnusable } from './database-unusable.ts'
import { openPostgres } from './postgres.ts'
import { completeUrl } from './postgres-url.ts'

const secret = 'Sesame-42'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
  const db = await openPostgres({ url: server.url('postgres') })
  await db.rows(`create role ${roleWithPassword} login password '${secret}'`)
  await db.rows('create role nobody_enters login')
  await db.rows('create database closed')
  await db.rows('revoke connect on database closed from public')
  await db.rows(`create database latin encoding 'LATIN1' template template0`)
  await db.close()
})
afterAll(() => server.close())

/** @returns the refusal, after a look at everything that could be printed of it */
async function refusal(url: string, deadlineMs?: number): Promise<DatabaseUnusable> {
  const opened = openPostgres({ url, ...(deadlineMs === undefined ? {} : { deadlineMs }) })
  const error: unknown = await opened.then(
    (db) => db.close(),
    (refused: unknown) => refused,
  )
  if (!(error instanceof DatabaseUnusable)) throw new Error('it was not refused', { cause: error })
  const printed = inspect(error, { depth: 12, showHidden: true }) + JSON.stringify(error) + error.stack
  for (const piece of [secret, 'Sesame', encodeURIComponent('p#s/w?r@d'), 'p#s']) {
    expect(printed).not.toContain(piece)
  }
  return error
}

const as = (user: string, password = '', database = 'postgres') => {
  const url = new URL(server.url(database))
  url.username = user
  url.password = password
  return url.href
}

test('what is no address of a PostgreSQL is refused, without repeating it', async () => {
  const wrong = [
    '',
    'postgres',
    `mysql://user:${secret}@localhost/db`,
    `postgres://user:${secret}@host:port/db`,
    'postgres://user:p#s@host/db',
    'postgres://user:1#Sesame@host/db',
    'postgres://user:1/Sesame@host/db',
    'postgres://user:1?Sesame@host/db',
    `postgres://user:${secret}@host/db?sslmode=verify-ca&sslrootcert=/nowhere/ca.pem`,
  ]
  for (const url of wrong) expect((await refusal(url)).reason, url).toBe('bad-url')
})

test('nobody there, nobody who answers, nobody who speaks the protocol', async () => {
  expect(await refusal(`postgres://user:${secret}@127.0.0.1:1/db`)).toMatchObject({
    reason: 'unreachable',
    where: 'user@127.0.0.1:1/db',
    cause: { code: 'ECONNREFUSED' },
  })
  expect(await refusal(`postgres://user:${secret}@localhost:1/db`)).toMatchObject({
    message: expect.stringContaining('ECONNREFUSED'),
  })
  expect(await refusal(`postgres://user:${secret}@host.invalid/db`)).toMatchObject({ reason: 'unreachable' })

  const silent = await listening((server) => server.on('connection', (socket) => socket.resume()))
  expect(await refusal(`postgres://user:${secret}@127.0.0.1:${silent.port}/db`, 300)).toMatchObject({
    reason: 'unreachable',
  })
  const web = await listening((server) =>
    server.on('connection', (socket) => socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  )
  expect(await refusal(`postgres://user:${secret}@127.0.0.1:${web.port}/db`)).toMatchObject({
    reason: 'unreachable',
  })
  await Promise.all([silent.close(), web.close()])
})

test('a wrong password, none, an unknown user, and one that may not enter are not let in', async () => {
  expect(await refusal(as(roleWithPassword, 'wrong'))).toMatchObject({
    reason: 'not-let-in',
    cause: { code: '28P01' },
  })
  expect(await refusal(as(roleWithPassword))).toMatchObject({ reason: 'not-let-in' })
  expect(await refusal(as('stranger', secret))).toMatchObject({ reason: 'not-let-in' })
  expect(await refusal(as('nobody_enters', secret, 'closed'))).toMatchObject({ reason: 'not-let-in' })
})

test('the right password is let in', async () => {
  const db = await openPostgres({ url: as(roleWithPassword, secret) })
  expect(await db.rows('select current_user as who')).toEqual([{ who: roleWithPassword }])
  await db.close()
})

test('a database that is not there, or cannot hold Chinese, is refused', async () => {
  expect(await refusal(as(roleWithPassword, secret, 'missing'))).toMatchObject({
    reason: 'no-database',
    cause: { code: '3D000' },
  })
  expect(await refusal(server.url('latin'))).toMatchObject({
    reason: 'not-utf8',
    message: expect.stringContaining('LATIN1'),
  })
})

test('a server before version 15 is refused', async () => {
  // No older server comes from npm: this database says that it is on one.
  const url = await server.freshDatabase()
  const db = await openPostgres({ url })
  await db.rows(`
    create schema older;
    create function older.current_setting(name text) returns text language sql as
      $$ select case name when 'server_version_num' then '140012' else pg_catalog.current_setting(name) end $$`)
  await db.rows(`alter database ${new URL(url).pathname.slice(1)} set search_path = older, pg_catalog`)
  await db.close()
  expect(await refusal(url)).toMatchObject({
    reason: 'too-old',
    message: expect.stringContaining('PostgreSQL 14; 15 or newer'),
  })
})

test('a password that changes later makes the ledger unavailable, not the statement refused', async () => {
  const admin = await openPostgres({ url: server.url('postgres'), connections: 1 })
  const db = await openPostgres({ url: as(roleWithPassword, secret), connections: 1 })
  await admin.rows(`alter role ${roleWithPassword} password 'another'`)
  await admin.rows(`select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = $1`, [
    roleWithPassword,
  ])
  await expect
    .poll(() => db.rows('select 1').catch((error: unknown) => error))
    .toMatchObject({
      name: 'LedgerUnavailable',
      cause: { code: '28P01' },
    })
  await admin.rows(`alter role ${roleWithPassword} password '${secret}'`)
  expect(await db.rows('select 1 as n')).toEqual([{ n: 1 }])
  await Promise.all([admin.close(), db.close()])
})

test('what the operator wrote is kept, and what he set wins', () => {
  const options = (url: string) => new URL(completeUrl(url)).searchParams.get('options')
  expect(completeUrl('postgres://u:p%23@h:6432/db?application_name=shop')).toMatch(
    /^postgres:\/\/u:p%23@h:6432\/db\?application_name=shop&options=/,
  )
  expect(options('postgres://h/db?options=-c%20jit%3Don')).toMatch(/-c jit=off -c jit=on$/)
  expect(completeUrl('postgresql:///db?host=/run/postgresql')).toMatch(/^postgresql:\/\/\/db\?host=%2Frun/)
  expect(completeUrl('postgres://u@/db?host=/run/postgresql')).toContain('u@localhost/db')
  expect(completeUrl('postgres://h/db?sslmode=require')).toContain('uselibpqcompat=true')
})

async function listening(prepare: (server: Server) => unknown) {
  const server = createServer()
  prepare(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return {
    port: address.port,
    close: () => new Promise((closed) => server.close(closed)),
  }
}

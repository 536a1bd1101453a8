/** The driver on a real server: what it promises over types, restarts, lost answers and silence. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { countOf, driverSuite, jars } from '../../../test/support/driver-suite.ts'
import { type PostgresServer, startPostgres, testDatabases } from '../../../test/support/postgres.ts'
import { openProxy, type PostgresProxy } from '../../../test/support/postgres-proxy.ts'
import { type Db, LedgerUnavailable, type Statements } from './db.ts'
import { openPostgres } from './postgres.ts'

const insert = (where: Statements, id: number) =>
  where.rows('insert into jars values ($1, $2)', [id, 'keemun'])

/** As it stands on the wire: "read committed" is none. */
const commit = 'commit\0'

/** Asks until it is answered: a server that is coming back says no for a while. */
async function untilBack(db: Db): Promise<void> {
  for (;;) {
    const answer = await db.rows('select 1').catch((error: unknown) => error)
    if (!(answer instanceof LedgerUnavailable)) return
  }
}

describe('what every driver promises', () => {
  const databases = testDatabases()
  let db: Db
  beforeAll(async () => {
    db = await openPostgres({ url: await (await databases).freshDatabase() })
    await db.rows(jars)
  })
  afterAll(async () => {
    await db.close()
    await (await databases).close()
  })
  driverSuite(() => db)

  test('closing waits for what was begun, may be repeated, and is final', async () => {
    const closed = await openPostgres({ url: await (await databases).freshDatabase() })
    await closed.rows(jars)
    const begun = Array.from({ length: 20 }, (_, id) =>
      closed.rows('insert into jars values ($1, $2)', [id, 'tea']),
    )
    await Promise.all([closed.close(), closed.close()])
    await Promise.all(begun)
    await expect(closed.rows('select 1')).rejects.toBeInstanceOf(LedgerUnavailable)
    await expect(closed.transaction((tx) => tx.rows('select 1'))).rejects.toBeInstanceOf(LedgerUnavailable)
  })

  test('of two transactions that lock each other out both are carried out', async () => {
    await db.rows("insert into jars values (300, '0'), (301, '0')")
    const bothHoldOne = gate()
    let holding = 0
    let attempts = 0
    const crosswise = (first: number, second: number) =>
      db.transaction(async (tx) => {
        attempts++
        const add = 'update jars set label = (label::integer + 1)::text where id = $1'
        await tx.rows(add, [first])
        holding++
        if (holding === 2) bothHoldOne.open()
        await bothHoldOne.opened
        await tx.rows(add, [second])
      })
    await Promise.all([crosswise(300, 301), crosswise(301, 300)])
    expect(await db.rows('select label from jars where id in (300, 301)')).toEqual([
      { label: '2' },
      { label: '2' },
    ])
    expect(attempts).toBeGreaterThan(2)
  })

  test('more callers than connections wait for their turn', async () => {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) => db.rows<{ n: number }>('select $1::integer as n', [n])),
    )
    expect(answers.map(([row]) => row?.n)).toEqual(Array.from({ length: 200 }, (_, n) => n))
    const [sessions] = await db.rows<{ n: number }>(
      `select count(*) as n from pg_stat_activity where datname = current_database() and application_name = 'opencloudpay'`,
    )
    expect(sessions?.n).toBeLessThanOrEqual(4)
  })

  test('a session has our settings, and leaves durability to the server', async () => {
    const [row] = await db.rows(
      `select current_setting('timezone') as zone, current_setting('statement_timeout') as statement,
         current_setting('lock_timeout') as lock, current_setting('idle_in_transaction_session_timeout') as idle,
         (select source in ('client', 'session') from pg_settings where name = 'synchronous_commit') as durability`,
    )
    expect(row).toEqual({ zone: 'UTC', statement: '4s', lock: '3s', idle: '6s', durability: false })
  })

  test('a statement is prepared once under a name, unless it is to be planned anew', async () => {
    const url = await (await databases).freshDatabase()
    const one = await openPostgres({ url, connections: 1 })
    const prepared = () =>
      one.rows<{ name: string; statement: string }>(
        'select name, statement from pg_prepared_statements where statement not like $1',
        ['%pg_prepared%'],
      )
    for (let i = 0; i < 3; i++) await one.rows('select $1::integer as kept', [i])
    for (let i = 0; i < 3; i++) await one.rows('select $1::integer as claimed', [i], { freshPlan: true })
    const names = await prepared()
    expect(names.map(({ statement }) => statement)).toEqual(['select $1::integer as kept'])
    expect(Buffer.byteLength(names[0]?.name ?? '')).toBeLessThanOrEqual(63)
    await one.close()
  })

  test('a prepared statement survives a column that is added, and one that changes', async () => {
    await db.rows('create table teas (name text)')
    const ask = () =>
      Promise.all([1, 2, 3, 4].map(() => db.rows('select name from teas where name > $1', [''])))
    await ask()
    await db.rows("alter table teas add column price integer; insert into teas values ('tieguanyin', 990)")
    expect(await ask()).toEqual(Array(4).fill([{ name: 'tieguanyin' }]))
    // A changed type breaks the plan: who meets it is refused once, and a new session prepares it anew.
    await db.rows('alter table teas alter column name type varchar(40)')
    await Promise.allSettled(Array.from({ length: 8 }, ask))
    expect(await ask()).toEqual(Array(4).fill([{ name: 'tieguanyin' }]))
  })

  test('a script that leaves a transaction open does not hand it to the next caller', async () => {
    await db.rows("begin; insert into jars values (302, 'left open')")
    expect(await countOf(db, 302)).toBe(0)
    const open = await db.rows(
      `select 1 from pg_stat_activity where datname = current_database() and state like 'idle in%'`,
    )
    expect(open).toEqual([])
  })
})

describe('a server that fails', () => {
  let server: PostgresServer
  let proxy: PostgresProxy
  let url: string
  let db: Db
  const open: Db[] = []
  const opened = async (options: Parameters<typeof openPostgres>[0]) => {
    const one = await openPostgres(options)
    open.push(one)
    return one
  }
  beforeAll(async () => {
    server = await startPostgres({ settings: { max_connections: '12' } })
  })
  beforeEach(async () => {
    url = await server.freshDatabase()
    proxy = await openProxy(server)
    db = await opened({ url: proxy.through(url) })
    await db.rows(jars)
  })
  afterEach(async () => {
    server.resume()
    await Promise.all(open.splice(0).map((one) => one.close()))
    await proxy.close()
  })
  afterAll(() => server.close())

  test.each(['fast', 'immediate'] as const)(
    'after a restart (%s) the next calls are served',
    async (mode) => {
      await Promise.all([1, 2, 3, 4].map((id) => insert(db, id)))
      await server.restart(mode)
      await untilBack(db)
      expect(await db.rows('select count(*) as n from jars')).toEqual([{ n: 4 }])
      await db.transaction((tx) => insert(tx, 5))
      expect(await countOf(db, 5)).toBe(1)
    },
  )

  test('while it is away calls are told so, and once it is back they are served, with all that was acknowledged', async () => {
    await insert(db, 1)
    await server.kill()
    await expect(db.rows('select 1')).rejects.toBeInstanceOf(LedgerUnavailable)
    await expect(db.transaction((tx) => insert(tx, 2))).rejects.toBeInstanceOf(LedgerUnavailable)
    await server.start()
    await untilBack(db)
    expect([await countOf(db, 1), await countOf(db, 2)]).toEqual([1, 0])
  })

  test('an administrator who ends a session in the middle of a statement leaves its outcome unknown', async () => {
    const other = await opened({ url, connections: 1 })
    const slow = db.rows('select pg_sleep(60)').catch((error: unknown) => error)
    await terminate(other, "query like '%pg_sleep(60)%'")
    expect(await slow).toBeInstanceOf(LedgerUnavailable)
    expect(await slow).toMatchObject({ cause: { code: '57P01' } })
    await insert(db, 1)
  })

  test('a transaction whose session is ended between its statements is gone', async () => {
    const other = await opened({ url, connections: 1 })
    const asked = db.transaction(async (tx) => {
      await insert(tx, 1)
      await terminate(other, "state = 'idle in transaction'")
      await insert(tx, 2)
    })
    await expect(asked).rejects.toBeInstanceOf(LedgerUnavailable)
    expect([await countOf(db, 1), await countOf(db, 2)]).toEqual([0, 0])
  })

  test('a connection that is cut in the middle of a statement leaves its outcome unknown', async () => {
    const cut = proxy.cutBefore('insert into jars')
    await expect(insert(db, 1)).rejects.toBeInstanceOf(LedgerUnavailable)
    await cut
    expect(await countOf(db, 1)).toBe(0)

    const answerLost = proxy.loseAnswerTo('keemun')
    await expect(insert(db, 1)).rejects.toBeInstanceOf(LedgerUnavailable)
    await answerLost
    expect(await countOf(db, 1)).toBe(1)
  })

  test('a COMMIT whose answer is lost was done, and is told as unknown', async () => {
    const lost = proxy.loseAnswerTo(commit)
    const asked = db.transaction((tx) => insert(tx, 1))
    await expect(asked).rejects.toThrow('COMMIT failed: whether it was done is unknown')
    await expect(asked).rejects.toBeInstanceOf(LedgerUnavailable)
    await lost
    expect(await countOf(db, 1)).toBe(1)
  })

  test('a COMMIT that never arrived was not done, and is told the same', async () => {
    const cut = proxy.cutBefore(commit)
    const asked = db.transaction((tx) => insert(tx, 1))
    await expect(asked).rejects.toThrow('COMMIT failed: whether it was done is unknown')
    await cut
    expect(await countOf(db, 1)).toBe(0)
  })

  test('a constraint that waits for COMMIT makes even its refusal an unknown outcome', async () => {
    await db.rows('create table lids (id bigint unique deferrable initially deferred)')
    const asked = db.transaction((tx) => tx.rows('insert into lids values (1), (1)'))
    await expect(asked).rejects.toMatchObject({ name: 'LedgerUnavailable', cause: { sqlstate: '23505' } })
    expect(await db.rows('select id from lids')).toEqual([])
  })

  test('a primary that became read-only is unavailable, until it, or its successor, takes writes', async () => {
    const other = await opened({ url, connections: 1 })
    const name = new URL(url).pathname.slice(1)
    await other.rows(`alter database ${name} set default_transaction_read_only = on`)
    await terminate(other, 'true')
    await untilBack(db)
    await expect(insert(db, 1)).rejects.toMatchObject({ name: 'LedgerUnavailable', cause: { code: '25006' } })
    await expect(db.transaction((tx) => insert(tx, 1))).rejects.toBeInstanceOf(LedgerUnavailable)
    await other.rows(`begin read write; alter database ${name} reset default_transaction_read_only; commit`)
    // Each refusal left its session: the next one reads the setting as it is now.
    await Promise.allSettled([1, 2, 3, 4].map((id) => insert(db, id)))
    await insert(db, 5)
    expect(await countOf(db, 5)).toBe(1)
  })

  test('too many connections leave it unavailable, until there is room', async () => {
    const hogs = await opened({ url, connections: 12 })
    const enough = gate()
    /** Takes a place, as soon as there is one: sessions that ended are not gone at once. */
    const takePlace = () =>
      new Promise<{ held: Promise<unknown> }>((taken) => {
        const attempt = async (): Promise<unknown> =>
          hogs
            .transaction(async () => {
              taken({ held })
              await enough.opened
            })
            .catch((error: unknown) => (error instanceof LedgerUnavailable ? attempt() : error))
        const held = attempt()
      })
    proxy.cut()
    const places = await Promise.all(Array.from({ length: 12 }, takePlace))
    await expect(db.rows('select 1')).rejects.toMatchObject({
      name: 'LedgerUnavailable',
      cause: { code: '53300' },
    })
    enough.open()
    await Promise.all(places.map(({ held }) => held))
    await hogs.close()
    await untilBack(db)
  })

  test('a server that stands still is given up after the deadline, in a statement, a transaction and a queue', async () => {
    const hasty = await opened({ url, connections: 2, deadlineMs: 400 })
    await insert(hasty, 1)
    await server.pause()
    const asked = [
      insert(hasty, 2),
      insert(hasty, 3),
      hasty.transaction((tx) => insert(tx, 4)),
      countOf(hasty, 1),
    ]
    for (const outcome of await Promise.allSettled(asked)) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { name: 'LedgerUnavailable', message: expect.stringMatching(/400 ms|no connection/) },
      })
    }
    // A new connection has no better luck.
    await expect(countOf(hasty, 1)).rejects.toBeInstanceOf(LedgerUnavailable)
    server.resume()
    await untilBack(hasty)
    expect(await countOf(hasty, 1)).toBe(1)
  })

  test('a network that swallows everything is given up, and its late answers reach nobody', async () => {
    const hasty = await opened({ url: proxy.through(url), connections: 1, deadlineMs: 400 })
    await insert(hasty, 1)
    proxy.swallow()
    await expect(hasty.rows('select 1 as late')).rejects.toThrow('400 ms')
    proxy.deliver()
    await untilBack(hasty)
    expect(await hasty.rows('select 2 as n')).toEqual([{ n: 2 }])
  })

  test('a body that never ends loses its transaction and its locks', async () => {
    const hasty = await opened({ url, connections: 1, deadlineMs: 400 })
    let late: Promise<unknown> | undefined
    const asked = hasty.transaction(async (tx) => {
      await insert(tx, 1)
      await new Promise<void>((resolve) => {
        void asked.catch(() => resolve())
      })
      late = insert(tx, 2)
      await late
    })
    await expect(asked).rejects.toThrow('400 ms')
    await insert(hasty, 1)
    await expect(late).rejects.toThrow()
    expect([await countOf(hasty, 1), await countOf(hasty, 2)]).toEqual([1, 0])
  })

  test('a lock that is held too long, and a statement that runs too long, are no refusals', async () => {
    const hasty = await opened({ url, connections: 1, deadlineMs: 1_000 })
    await insert(db, 1)
    const held = await db.transaction(async (tx) => {
      await tx.rows('select 1 from jars where id = 1 for update')
      return hasty.rows("update jars set label = 'x' where id = 1").catch((error: unknown) => error)
    })
    expect(held).toMatchObject({ name: 'LedgerUnavailable', cause: { code: '55P03' } })
    await expect(hasty.rows('select pg_sleep(60)')).rejects.toMatchObject({
      name: 'LedgerUnavailable',
      cause: { code: '57014' },
    })
    expect(await countOf(hasty, 1)).toBe(1)
  })

  test('closing while the server stands still ends, and says unavailable to who waited', async () => {
    const hasty = await opened({ url, connections: 1, deadlineMs: 400 })
    await server.pause()
    const asked = Promise.allSettled([insert(hasty, 1), insert(hasty, 2)])
    await hasty.close()
    for (const outcome of await asked) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'LedgerUnavailable' } })
    }
  })

  test('a connection is kept after a refusal, and replaced after a loss', async () => {
    const one = await opened({ url: proxy.through(url), connections: 1 })
    const pid = async () => (await one.rows<{ pid: number }>('select pg_backend_pid() as pid'))[0]?.pid
    const before = await pid()
    await expect(one.rows('select 1 / 0')).rejects.toMatchObject({ sqlstate: '22012' })
    expect(await pid()).toBe(before)
    proxy.cut()
    await untilBack(one)
    expect(await pid()).not.toBe(before)
  })
})

/** Those who wait for it go on once it is open. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open: () => open(), opened }
}

/** Ends the other sessions of this database that answer to `which`; waits until there is one. */
async function terminate(by: Db, which: string): Promise<void> {
  for (;;) {
    const ended = await by.rows(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity
       where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid() and ${which}`,
    )
    if (ended.length > 0 || which === 'true') return
  }
}

/** Failures that no real instance produces on demand, played by one that does as it is told. */
import { expect, test } from 'vitest'
import { DatabaseError, type Db, LedgerUnavailable } from './db.ts'
import { dbOverOneConnection, type Home } from './one-connection.ts'
import type { Ran } from './one-transaction.ts'
import { type Instance, InstanceDied } from './pglite-instance.ts'

const refused = (code: string) => Object.assign(new Error('refused'), { code, severity: 'ERROR' })

/** Notes what it is told; `answer` may fail a statement. */
function played(answer: (sql: string) => Ran | Promise<Ran> | undefined = () => undefined) {
  const told: string[] = []
  const run = async (sql: string): Promise<Ran> => {
    told.push(sql)
    return (await answer(sql)) ?? { command: sql.toUpperCase(), rows: [{ told: told.length }] }
  }
  const instance: Instance = {
    query: run,
    script: run,
    dump: async () => new Uint8Array(),
    stop: async () => void told.push('(stopped)'),
    abandon: async () => void told.push('(abandoned)'),
  }
  return { instance, told }
}

const home = (changes: Partial<Home> = {}): Home => ({
  lasting: true,
  intact: () => true,
  reopen: () => Promise.reject(new LedgerUnavailable('not back yet')),
  release: () => Promise.resolve(),
  ...changes,
})

const write = (db: Db) => db.transaction((tx) => tx.rows('write'))
const begin = 'begin isolation level read committed'

test('statements and transactions take turns in the order asked', async () => {
  const { instance, told } = played()
  const db = dbOverOneConnection(instance, home())
  await Promise.all([write(db), db.rows('read'), write(db)])
  expect(told).toEqual([begin, 'write', 'commit', 'read', begin, 'write', 'commit'])
})

test('a loop of statements leaves room for the rest of the process', async () => {
  const db = dbOverOneConnection(played().instance, home())
  let others = 0
  const other = () => {
    others++
    if (others < 1000) setImmediate(other)
  }
  setImmediate(other)
  for (let i = 0; i < 50; i++) await db.rows('read')
  expect(others).toBeGreaterThan(40)
})

test('a body that throws is rolled back, and its error passed on', async () => {
  const { instance, told } = played()
  const db = dbOverOneConnection(instance, home())
  const changedMyMind = new Error('no tea today')
  const asked = db.transaction(async (tx) => {
    await tx.rows('write')
    throw changedMyMind
  })
  await expect(asked).rejects.toBe(changedMyMind)
  expect(told).toEqual([begin, 'write', 'rollback'])
})

test('a failure that the body swallows still fails the transaction', async () => {
  const { instance, told } = played((sql) => {
    if (sql === 'write') throw refused('23505')
    return undefined
  })
  const db = dbOverOneConnection(instance, home())
  const asked = db.transaction((tx) => tx.rows('write').catch(() => 'never mind'))
  await expect(asked).rejects.toMatchObject({ sqlstate: '23505' })
  expect(told).toEqual([begin, 'write', 'rollback'])
})

test('a body may make an error of its own of a refusal', async () => {
  const { instance } = played((sql) => {
    if (sql === 'write') throw refused('23505')
    return undefined
  })
  const db = dbOverOneConnection(instance, home())
  const asked = db.transaction((tx) =>
    tx.rows('write').catch(() => {
      throw new Error('this order exists')
    }),
  )
  await expect(asked).rejects.toThrow('this order exists')
})

test('a deadlock runs the whole body again, whatever the body made of it', async () => {
  let deadlocks = 2
  const { instance, told } = played((sql) => {
    if (sql === 'write' && deadlocks-- > 0) throw refused('40P01')
    return undefined
  })
  const db = dbOverOneConnection(instance, home())
  await db.transaction((tx) =>
    tx.rows('write').catch((cause: unknown) => {
      throw new Error('wrapped', { cause })
    }),
  )
  const lost = [begin, 'write', 'rollback']
  expect(told).toEqual([...lost, ...lost, begin, 'write', 'commit'])
})

test('a failure of COMMIT is an unknown outcome, whatever its SQLSTATE', async () => {
  for (const error of [refused('23505'), refused('40001'), new InstanceDied('gone')]) {
    const { instance, told } = played((sql) => {
      if (sql === 'commit') throw error
      return undefined
    })
    const asked = write(dbOverOneConnection(instance, home()))
    await expect(asked).rejects.toBeInstanceOf(LedgerUnavailable)
    expect(told.filter((sql) => sql === 'write')).toHaveLength(1)
  }
})

test('a transaction is over when its body is', async () => {
  const { instance, told } = played()
  const db = dbOverOneConnection(instance, home())
  const tx = await db.transaction(async (tx) => tx)
  await expect(tx.rows('late')).rejects.toThrow('over')
  expect(told).not.toContain('late')
})

test('a body that uses the Db is told so, instead of waiting for itself for ever', async () => {
  const { instance } = played()
  const db = dbOverOneConnection(instance, home())
  await expect(db.transaction(() => db.rows('read'))).rejects.toThrow('wait for itself')
  await expect(db.rows('read')).resolves.toHaveLength(1)
})

test('what waited behind the death of the instance was not begun, and hears so', async () => {
  const { instance, told } = played((sql) => {
    if (sql === 'last') throw new InstanceDied('gone')
    return undefined
  })
  const db = dbOverOneConnection(instance, home())
  const outcomes = await Promise.allSettled([db.rows('last'), db.rows('next'), write(db)])
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'LedgerUnavailable' } })
  }
  expect(told).toEqual(['last', '(abandoned)'])
})

test('calls after a death share one attempt to start again', async () => {
  const dead = played(() => {
    throw new InstanceDied('gone')
  })
  const next = played()
  let attempts = 0
  const reopen = async () => {
    attempts++
    return next.instance
  }
  const db = dbOverOneConnection(dead.instance, home({ reopen }))
  await expect(db.rows('last')).rejects.toBeInstanceOf(LedgerUnavailable)
  await Promise.all([db.rows('a'), db.rows('b'), write(db)])
  expect(attempts).toBe(1)
  expect(next.told).toEqual(['a', 'b', begin, 'write', 'commit'])
})

test('an attempt that failed is made again by the next call', async () => {
  const dead = played(() => {
    throw new InstanceDied('gone')
  })
  let back = false
  const reopen = async () => {
    if (!back) throw new LedgerUnavailable('not back yet')
    return played().instance
  }
  const db = dbOverOneConnection(dead.instance, home({ reopen }))
  await expect(db.rows('last')).rejects.toBeInstanceOf(LedgerUnavailable)
  await expect(db.rows('too early')).rejects.toThrow('not back yet')
  back = true
  await expect(db.rows('now')).resolves.toHaveLength(1)
})

test('nothing is asked of, or committed to, a database whose folder was taken away', async () => {
  const { instance, told } = played()
  let intact = true
  const db = dbOverOneConnection(instance, home({ intact: () => intact }))
  const asked = db.transaction(async (tx) => {
    await tx.rows('write')
    intact = false
  })
  await expect(asked).rejects.toBeInstanceOf(LedgerUnavailable)
  await expect(db.rows('read')).rejects.toThrow('not back yet')
  expect(told).toEqual([begin, 'write', '(abandoned)'])
})

test('errors of files give up an instance that another can replace, and no other', async () => {
  for (const lasting of [true, false]) {
    const { instance, told } = played((sql) => {
      if (sql === 'read') throw refused('58P01')
      return undefined
    })
    const db = dbOverOneConnection(instance, home({ lasting }))
    await expect(db.rows('read')).rejects.toBeInstanceOf(LedgerUnavailable)
    expect(told.includes('(abandoned)')).toBe(lasting)
  }
})

test('closing waits for what was begun, frees the place once, and is final', async () => {
  const { instance, told } = played()
  let releases = 0
  const release = async () => void releases++
  const db = dbOverOneConnection(instance, home({ release }))
  const begun = write(db)
  await Promise.all([db.close(), db.close()])
  await begun
  expect(told).toEqual([begin, 'write', 'commit', '(stopped)'])
  expect(releases).toBe(1)
  await expect(db.rows('read')).rejects.toBeInstanceOf(LedgerUnavailable)
})

test('a wrong parameter is the caller’s mistake: nothing is sent, nothing is lost', async () => {
  const { instance, told } = played()
  const db = dbOverOneConnection(instance, home())
  const wrong = db.rows('read', [undefined])
  await expect(wrong).rejects.toBeInstanceOf(TypeError)
  await expect(wrong).rejects.not.toBeInstanceOf(DatabaseError)
  expect(told).toEqual([])
})

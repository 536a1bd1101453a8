import { expect, test } from 'vitest'
import { type BatchKind, openBatcher, type SentBatch } from './batcher.ts'
import { DatabaseError, LedgerUnavailable, type Statements } from './db.ts'

interface Close {
  readonly order: string
  readonly part?: number
}

const db: Statements = { rows: () => Promise.reject(new Error('played: no statement is run')) }

/** A database whose statements end when the test says so. */
function played() {
  const statements: { batch: string[]; end: (failed?: unknown) => void }[] = []
  const sent: SentBatch[] = []
  const kind = (more: Partial<BatchKind<Close, string>> = {}): BatchKind<Close, string> => ({
    name: 'close',
    partOf: ({ part = 0 }) => part,
    keyOf: ({ order }) => order,
    run: (_db, part, batch) =>
      new Promise((resolve, reject) => {
        const orders = batch.map(({ order }) => order)
        statements.push({
          batch: orders,
          end: (failed) =>
            failed === undefined
              ? resolve(orders.map((order) => `${order} closed in ${part}`))
              : reject(failed),
        })
      }),
    ...more,
  })
  return { statements, sent, kind, onBatch: (batch: SentBatch) => void sent.push(batch) }
}

/** Lets everything that can go on go on. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('a command is sent at once when a lane is idle, and gathered with others while all are busy', async () => {
  const { statements, kind, onBatch } = played()
  const batcher = openBatcher(db, 1, onBatch)
  const closes = kind()
  const all = ['a', 'd', 'c', 'b'].map((order) => batcher.send(closes, { order }))
  expect(statements.map(({ batch }) => batch)).toEqual([['a']])
  statements[0]?.end()
  await settled()
  expect(statements[1]?.batch, 'sorted by key').toEqual(['b', 'c', 'd'])
  statements[1]?.end()
  expect(await Promise.all(all)).toEqual(['a', 'd', 'c', 'b'].map((order) => `${order} closed in 0`))
})

test('with several lanes half of those waiting is left to the next one', async () => {
  const { statements, kind } = played()
  const batcher = openBatcher(db, 2)
  const closes = kind()
  for (const order of 'abcdefgh') void batcher.send(closes, { order })
  expect(statements.map(({ batch }) => batch)).toEqual([['a'], ['b']])
  statements[0]?.end()
  await settled()
  expect(statements[2]?.batch).toEqual(['c', 'd', 'e'])
})

test('two commands on one order never share a statement; the second follows', async () => {
  const { statements, kind } = played()
  const batcher = openBatcher(db, 1)
  const closes = kind()
  const all = ['x', 'a', 'a', 'b'].map((order) => batcher.send(closes, { order }))
  statements[0]?.end()
  await settled()
  expect(statements[1]?.batch).toEqual(['a', 'b'])
  statements[1]?.end()
  await settled()
  expect(statements[2]?.batch).toEqual(['a'])
  statements[2]?.end()
  await Promise.all(all)
})

test('readers of one key ride together', async () => {
  const { statements, kind } = played()
  const batcher = openBatcher(db, 1)
  const finds = kind({ name: 'find', reads: true })
  const all = ['x', 'a', 'a', 'a'].map((order) => batcher.send(finds, { order }))
  statements[0]?.end()
  await settled()
  expect(statements[1]?.batch).toEqual(['a'])
  statements[1]?.end()
  expect(await Promise.all(all)).toEqual(['x closed in 0', ...Array(3).fill('a closed in 0')])
})

test('a statement is of one part', async () => {
  const { statements, kind } = played()
  const batcher = openBatcher(db, 1)
  const closes = kind()
  const all = [7, 1, 2, 1].map((part, index) => batcher.send(closes, { order: `${index}`, part }))
  for (const batch of [['0'], ['1', '3'], ['2']]) {
    expect(statements.at(-1)?.batch).toEqual(batch)
    statements.at(-1)?.end()
    await settled()
  }
  expect(await Promise.all(all)).toEqual(['0 closed in 7', '1 closed in 1', '2 closed in 2', '3 closed in 1'])
})

test('kinds take turns by who has waited longest', async () => {
  const { statements, kind, sent, onBatch } = played()
  const batcher = openBatcher(db, 1, onBatch)
  const [closes, pays] = [kind(), kind({ name: 'pay' })]
  void batcher.send(closes, { order: 'a' })
  void batcher.send(pays, { order: 'b' })
  void batcher.send(closes, { order: 'c' })
  for (let index = 0; index < 3; index++) {
    statements[index]?.end()
    await settled()
  }
  expect(sent.map(({ name, rows }) => [name, rows])).toEqual([
    ['close', 1],
    ['pay', 1],
    ['close', 1],
  ])
})

test('one poisoned row is refused alone; its neighbours are carried out', async () => {
  const poison = new DatabaseError('22P05', 'a character that the database does not hold')
  const closes: BatchKind<Close, string> = {
    name: 'close',
    partOf: () => 0,
    keyOf: ({ order }) => order,
    run: async (_db, _part, batch) => {
      if (batch.some(({ order }) => order === 'poison')) throw poison
      return batch.map(({ order }) => `${order} closed`)
    },
  }
  const batcher = openBatcher(db, 1)
  const orders = ['first', 'a', 'poison', 'b', 'c', 'd']
  const all = await Promise.allSettled(orders.map((order) => batcher.send(closes, { order })))
  for (const [index, one] of all.entries()) {
    if (orders[index] === 'poison') expect(one).toEqual({ status: 'rejected', reason: poison })
    else expect(one).toEqual({ status: 'fulfilled', value: `${orders[index]} closed` })
  }
})

test('a row that cannot even be sent does not take its neighbours along', async () => {
  const closes: BatchKind<Close, string> = {
    name: 'close',
    partOf: () => 0,
    keyOf: ({ order }) => order,
    run: async (_db, _part, batch) => {
      if (batch.some(({ order }) => order === 'unsendable'))
        throw new TypeError('no parameter of a statement')
      return batch.map(({ order }) => `${order} closed`)
    },
  }
  const batcher = openBatcher(db, 1)
  const all = await Promise.allSettled(
    ['first', 'a', 'unsendable', 'b'].map((order) => batcher.send(closes, { order })),
  )
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
})

test('when nothing is known of a statement, nothing is known of any of its rows, and none is sent again', async () => {
  const { statements, kind } = played()
  const batcher = openBatcher(db, 1)
  const closes = kind()
  const all = Promise.allSettled(['x', 'a', 'b'].map((order) => batcher.send(closes, { order })))
  statements[0]?.end()
  await settled()
  statements[1]?.end(new LedgerUnavailable('the connection was lost'))
  const [, ...rest] = await all
  expect(rest.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  expect(statements).toHaveLength(2)
})

test('a lane that failed goes on with the next', async () => {
  const { statements, kind } = played()
  const batcher = openBatcher(db, 1)
  const closes = kind()
  const lost = batcher.send(closes, { order: 'a' })
  const next = batcher.send(closes, { order: 'b' })
  statements[0]?.end(new LedgerUnavailable('the connection was lost'))
  await expect(lost).rejects.toBeInstanceOf(LedgerUnavailable)
  statements[1]?.end()
  expect(await next).toBe('b closed in 0')
})

test('a database that does not keep up is said to be unavailable before memory runs out', async () => {
  const { kind } = played()
  const batcher = openBatcher(db, 1)
  const closes = kind()
  for (let index = 0; index < 20_000; index++) void batcher.send(closes, { order: `${index}` })
  await expect(batcher.send(closes, { order: 'one more' })).rejects.toBeInstanceOf(LedgerUnavailable)
})

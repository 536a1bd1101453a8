import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { freshStore } from '../../test/support/databases.ts'
import { changeClock, createClock, environmentTime, readClock, stepClock } from './clocks.ts'
import type { Db } from './db/db.ts'
import { migrateLedger, openLedger } from './ledger.ts'

let db: Db
beforeAll(async () => {
  db = (await freshStore()).db
  await migrateLedger(db, new Date(0))
})
afterAll(() => db.close())

const wall = new Date('2026-11-23T08:00:00Z')
const after = (ms: number) => new Date(wall.getTime() + ms)
const endOfTime = new Date('2100-01-01T00:00:00Z')
const change = (asked: Parameters<typeof changeClock>[2], at = wall) =>
  changeClock(db, 'tea', asked, { wallClock: () => at, startOfTime: new Date(0), endOfTime })

/** One step of an advance, when `next` is due on the way. */
const step = (next?: Date, at = wall) => stepClock(db, 'tea', next, at)
/** All the way. */
const advance = async (ms: number, at = wall) => {
  await change({ advanceMs: ms }, at)
  await step(undefined, at)
}

beforeEach(async () => {
  await db.rows('delete from clocks')
  await createClock(db, 'tea', wall)
})

test('a new test clock runs with real time', async () => {
  expect(await readClock(db, 'tea', after(1500))).toEqual({ now: after(1500), mode: 'running' })
})

test('an advance moves it on, and it goes on running', async () => {
  await advance(300_000)
  expect(await readClock(db, 'tea', after(1000))).toEqual({ now: after(301_000), mode: 'running' })
})

test('an advance goes by what is due on the way, and is never taken back', async () => {
  await change({ mode: 'standing' })
  await change({ advanceMs: 300_000 })
  expect(await readClock(db, 'tea', wall), 'it only says where to').toMatchObject({
    now: wall,
    target: after(300_000),
  })
  expect(await step(after(120_000))).toMatchObject({ now: after(120_000), target: after(300_000) })
  expect(await step(after(60_000)), 'somebody was further').toMatchObject({ now: after(120_000) })
  expect(await step(after(400_000))).toEqual({ now: after(300_000), mode: 'standing', target: undefined })
  expect(await step(), 'it is there').toMatchObject({ now: after(300_000) })
})

test('a frozen clock stands until it runs again, from where it stood', async () => {
  await change({ mode: 'standing' }, after(1000))
  expect((await readClock(db, 'tea', after(9000))).now).toEqual(after(1000))
  await change({ mode: 'running' }, after(9000))
  expect((await readClock(db, 'tea', after(9500))).now).toEqual(after(1500))
})

test('of many advances at once none is lost', async () => {
  await Promise.all(Array.from({ length: 20 }, () => change({ advanceMs: 60_000 })))
  await step()
  expect((await readClock(db, 'tea', wall)).now).toEqual(after(20 * 60_000))
})

test('a wall clock that is set back does not take the environment back below what it was set to', async () => {
  await advance(1000, after(5000))
  expect((await readClock(db, 'tea', wall)).now).toEqual(after(6000))
})

test('the end of time is refused, and nothing moves', async () => {
  expect(await change({ set: endOfTime })).toBe('too-far')
  expect(await change({ advanceMs: 100 * 366 * 86_400_000 })).toBe('too-far')
  expect((await readClock(db, 'tea', wall)).now).toEqual(wall)
})

test('a real clock is the wall clock', async () => {
  expect(
    await environmentTime(await openLedger(db, { lanes: 1 }), { envId: 'none', clock: 'real' }, wall),
  ).toBe(wall)
})

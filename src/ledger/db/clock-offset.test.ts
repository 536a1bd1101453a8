import { expect, test } from 'vitest'
import { measureClockOffset } from './clock-offset.ts'
import { LedgerUnavailable, type Statements } from './db.ts'

const start = Date.parse('2026-11-23T00:00:00Z')

/**
 * A wall clock, and a database that is `aheadMs` ahead of it and takes so long to hear and to answer.
 * @param trips milliseconds there and back, one pair a question
 */
function played(aheadMs: number, trips: readonly (readonly [there: number, back: number])[]) {
  let now = start
  let asked = 0
  const db: Statements = {
    async rows<Row>() {
      const [there, back] = trips[asked] ?? [0, 0]
      asked++
      now += there
      const answer = new Date(now + aheadMs)
      now += back
      return [{ now: answer }] as Row[]
    },
  }
  return { db, wallClock: () => new Date(now) }
}

const measured = ({ db, wallClock }: ReturnType<typeof played>) => measureClockOffset(db, wallClock)

test('the fastest answer counts, and its middle', async () => {
  const slow = [900, 20] as const
  expect(await measured(played(5_000, [slow, [300, 0], [4, 4], [0, 50], slow]))).toBe(5_000)
  expect(await measured(played(-5_000, [slow, slow, slow, [3, 3], slow]))).toBe(-5_000)
})

test('it is off by half of the fastest round trip at most', async () => {
  const offset = await measured(played(1_000, Array(5).fill([0, 40])))
  expect(Math.abs(offset - 1_000)).toBeLessThanOrEqual(20)
})

test('a wall clock that is set while it is asked does not count', async () => {
  expect(
    await measured(
      played(700, [
        [-60_000, 0],
        [1, 1],
        [0, -3_600_000],
        [30, 0],
        [30, 0],
      ]),
    ),
  ).toBe(700)
})

test('a database that is away is no offset of nothing', async () => {
  const db = { rows: () => Promise.reject(new LedgerUnavailable('away')) }
  await expect(measureClockOffset(db, () => new Date(start))).rejects.toBeInstanceOf(LedgerUnavailable)
})

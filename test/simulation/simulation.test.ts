/** Histories from seeds: `npm run simulate -- --seeds N` runs more of them, `--seed S` one alone. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Db } from '../../src/ledger/db/db.ts'
import { migrateLedger, openLedger } from '../../src/ledger/ledger.ts'
import { freshStore } from '../support/databases.ts'
import { checkAsked } from './check-asked.ts'
import { check } from './checker.ts'
import { plant, plantedBugs } from './planted-bugs.ts'
import { type History, simulate } from './simulate.ts'

const { CLOUDPAY_SIMULATE_SEEDS: seedsAsked = '200', CLOUDPAY_SIMULATE_FROM: from = '1' } = process.env
const seeds = Array.from({ length: Number(seedsAsked) }, (_, index) => Number(from) + index)

let db: Db
beforeAll(async () => {
  db = (await freshStore()).db
  await migrateLedger(db, new Date(0))
  await openLedger(db, { lanes: 1 })
})
afterAll(() => db.close())

const clear = async () => {
  for (const table of ['orders', 'refunds', 'purchases']) await db.rows(`delete from ${table}`)
}

const channels = {
  sandbox: ['its own word decides', check],
  asked: ['it loses, delays, repeats and garbles what it is asked', checkAsked],
} as const

test.each(
  Object.entries(channels).map(
    ([channel, [title, checks]]) => [title, channel as keyof typeof channels, checks] as const,
  ),
)(
  `${seeds.length} histories keep every promise, of a channel where %s`,
  { timeout: 3_600_000 },
  async (_, channel, checks) => {
    const heard = new Map<string, number>()
    for (const seed of seeds) {
      await clear()
      const history: History = await simulate(seed, db, { channel })
      for (const { what, heard: word } of history.asked)
        heard.set(`${what} ${word}`, (heard.get(`${what} ${word}`) ?? 0) + 1)
      const wrong = await checks(db, history)
      expect(wrong, `again: npm run simulate -- --seed ${seed}`).toEqual([])
    }
    if (process.env.CLOUDPAY_SIMULATE_SEEDS !== undefined)
      process.stdout.write(
        `${[...heard]
          .sort()
          .map(([word, count]) => `${count}\t${word}`)
          .join('\n')}\n`,
      )
  },
)

/** Each is found within so many histories. */
const mostSeeds = 100

test.each(plantedBugs.map((bug) => [bug.name, bug] as const))('found: %s', async (_name, bug) => {
  const { rewrite, met } = plant(bug)
  for (let seed = 1; seed <= mostSeeds; seed++) {
    await clear()
    // A bug may also break what the ledger asserts of itself.
    const wrong = await simulate(seed, db, { channel: 'sandbox', rewrite }).then(
      (history) => check(db, history),
      (error: unknown) => [String(error)],
    )
    if (wrong.length > 0) {
      expect(met(), `planted, and not met: ${wrong}`).toBe(true)
      return
    }
  }
  expect.fail(
    met() ? `not found within ${mostSeeds} histories` : 'the statement it is planted in was not met',
  )
})

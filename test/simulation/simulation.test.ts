/** Histories from seeds: `npm run simulate -- --seeds N` runs more of them, `--seed S` one alone. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Db } from '../../src/ledger/db/db.ts'
import { migrateLedger, openLedger } from '../../src/ledger/ledger.ts'
import { freshStore } from '../support/databases.ts'
import { checkAsked } from './check-asked.ts'
import { check } from './checker.ts'
import { plant, plantedBugs, plantedInAsking, tamperedChannels } from './planted-bugs.ts'
import { type History, type How, simulate } from './simulate.ts'

const { CLOUDPAY_SIMULATE_SEEDS: seedsAsked, CLOUDPAY_SIMULATE_FROM: from = '1' } = process.env
/** Unless more are asked for. */
const usual = { sandbox: 150, asked: 40 }

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
  'histories keep every promise, of a channel where %s',
  { timeout: 3_600_000 },
  async (_, channel, checks) => {
    const heard = new Map<string, number>()
    let paidLate = 0
    const count = Number(seedsAsked ?? usual[channel])
    for (let seed = Number(from); seed < Number(from) + count; seed++) {
      await clear()
      const history: History = await simulate(seed, db, { channel })
      for (const { what, heard: word } of history.asked)
        heard.set(`${what} ${word}`, (heard.get(`${what} ${word}`) ?? 0) + 1)
      const [late] = await db.rows<{ count: number }>(
        'select count(*)::int as count from orders where late is not null',
      )
      paidLate += late?.count ?? 0
      const wrong = await checks(db, history)
      expect(wrong, `again: npm run simulate -- --seed ${seed}`).toEqual([])
    }
    if (seedsAsked === undefined && channel === 'asked')
      expect(
        paidLate,
        'payments that came too late: without any these histories prove little',
      ).toBeGreaterThan(0)
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
const mostSeeds = { sandbox: 100, asked: 60 }

/** Whether one history is found to be wrong. A bug may also break what the ledger asserts of itself. */
const isWrong = async (seed: number, how: How): Promise<boolean> => {
  await clear()
  const [, checks] = channels[how.channel]
  const wrong = await simulate(seed, db, how).then(
    (history) => checks(db, history),
    (error: unknown) => [String(error)],
  )
  return wrong.length > 0
}

async function found(how: How): Promise<boolean> {
  for (let seed = 1; seed <= mostSeeds[how.channel]; seed++) if (await isWrong(seed, how)) return true
  return false
}

const bugs = [
  ...plantedBugs.map((bug) => [bug.name, 'sandbox', bug] as const),
  ...plantedInAsking.map((bug) => [bug.name, 'asked', bug] as const),
]
test.each(bugs)('found: %s (%s)', { timeout: 600_000 }, async (_name, channel, bug) => {
  const { rewrite, met } = plant(bug)
  const isFound = await found({ channel, rewrite })
  expect(met(), 'the statement it is planted in was not met').toBe(true)
  expect(isFound, `not found within ${mostSeeds[channel]} histories`).toBe(true)
})

test.each(tamperedChannels.map((bug) => [bug.name, bug] as const))(
  'found: %s',
  { timeout: 600_000 },
  async (_name, { tamper }) => {
    expect(await found({ channel: 'asked', tamper }), `not found within ${mostSeeds.asked} histories`).toBe(
      true,
    )
  },
)

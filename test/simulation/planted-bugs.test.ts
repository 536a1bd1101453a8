/** Bugs that are planted one at a time, in statements or in the channel: the histories have to find each. */
import { expect, test } from 'vitest'
import { channels, historyDb } from './histories.ts'
import { plant, plantedBugs, plantedInAsking, tamperedChannels } from './planted-bugs.ts'
import type { How } from './simulate.ts'

const { db, run } = historyDb()

/** Each is found within so many histories. */
const mostSeeds = { sandbox: 100, asked: 60 }

/** Whether one history is found to be wrong. A bug may also break what the ledger asserts of itself. */
const isWrong = async (seed: number, how: How): Promise<boolean> => {
  const [, checks] = channels[how.channel]
  const wrong = await run(seed, how).then(
    (history) => checks(db(), history),
    (error: unknown) => [String(error)],
  )
  return wrong.length > 0
}

async function found(how: How, first = 1): Promise<boolean> {
  if (await isWrong(first, how)) return true
  for (let seed = 1; seed <= mostSeeds[how.channel]; seed++) if (await isWrong(seed, how)) return true
  return false
}

const bugs = [
  ...plantedBugs.map((bug) => [bug.name, 'sandbox', bug] as const),
  ...plantedInAsking.map((bug) => [bug.name, 'asked', bug] as const),
]
test.each(bugs)('found: %s (%s)', { timeout: 600_000 }, async (_name, channel, bug) => {
  const { rewrite, met } = plant(bug)
  const isFound = await found({ channel, rewrite }, bug.seed)
  expect(met(), 'the statement it is planted in was not met').toBe(true)
  expect(isFound, `not found within ${mostSeeds[channel]} histories`).toBe(true)
})

test.each(tamperedChannels.map((bug) => [bug.name, bug] as const))(
  'found: %s',
  { timeout: 600_000 },
  async (_name, { tamper, seed }) => {
    expect(
      await found({ channel: 'asked', tamper }, seed),
      `not found within ${mostSeeds.asked} histories`,
    ).toBe(true)
  },
)

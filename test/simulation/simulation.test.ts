/** Histories from seeds: `npm run simulate -- --seeds N` runs more of them, `--seed S` one alone. */
import { expect, test } from 'vitest'
import { channels, historyDb } from './histories.ts'

const { CLOUDPAY_SIMULATE_SEEDS: seedsAsked, CLOUDPAY_SIMULATE_FROM: from = '1' } = process.env
/** Unless more are asked for. */
const usual = { sandbox: 150, asked: 40 }

const { db, run } = historyDb()

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
      const history = await run(seed, { channel })
      for (const { what, heard: word } of history.asked)
        heard.set(`${what} ${word}`, (heard.get(`${what} ${word}`) ?? 0) + 1)
      const [late] = await db().rows<{ count: number }>(
        'select count(*)::int as count from orders where late is not null',
      )
      paidLate += late?.count ?? 0
      const wrong = await checks(db(), history)
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

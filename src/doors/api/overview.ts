/** `GET /api/overview`: what happened lately, and what needs somebody. */
import type { z } from 'zod'
import { environmentTime } from '../../ledger/clocks.ts'
import { readStanding } from '../../ledger/standing.ts'
import { minuteMs, readTallies, type Tally } from '../../ledger/tallies.ts'
import { overviewAnswer, overviewQuery } from '../../protocol/api/overview.ts'
import { problem } from '../../protocol/api/problem.ts'
import { lateOrderView } from './order-view.ts'
import { route, shown } from './route.ts'

type Bucket = z.output<typeof overviewAnswer>['buckets'][number]

/** As many as a chart shows. */
const mostBuckets = 96

const bucketMsOf = (hours: number) => Math.max(1, Math.ceil((hours * 60) / mostBuckets)) * minuteMs

function bucketOf(at: Date, tallies: readonly Tally[]): Bucket {
  const named = (name: string) => tallies.find((tally) => tally.name === name)
  const n = (name: string) => named(name)?.n ?? 0
  const late = named('lateness')
  const closed = tallies.filter(({ name }) => name.startsWith('closed:'))
  return {
    at,
    ordered: n('ordered'),
    paid: n('paid'),
    paid_fee: named('paid')?.total ?? 0,
    paid_late: n('paid-late'),
    refunded: n('refunded'),
    closed: Object.fromEntries(closed.map((tally) => [tally.name.slice('closed:'.length), tally.n])),
    late_ms_avg: late === undefined ? undefined : late.total / late.n,
    late_ms_max: late?.most,
    callbacks_ok: n('told'),
    callbacks_failed: n('not-told'),
    notices: n('notices'),
    notices_told: n('notices-told'),
  }
}

export const showTheOverview = route({
  method: 'GET',
  path: '/api/overview',
  name: 'overview',
  about: 'What happened lately, counted over time, and what needs somebody.',
  schema: overviewQuery,
  answers: { 200: overviewAnswer, 400: problem },
  async carryOut({ ledger, world }, environment, { hours }) {
    const { envId } = environment
    const bucketMs = bucketMsOf(hours)
    const began = world.wallClock().getTime() - hours * 3_600_000
    const from = new Date(Math.floor(began / bucketMs) * bucketMs)
    const [now, tallies, standing] = await Promise.all([
      environmentTime(ledger, environment, world.wallClock()),
      readTallies(ledger, envId, from, bucketMs),
      readStanding(ledger, envId),
    ])
    const times = [...new Set(tallies.map(({ at }) => at.getTime()))]
    return {
      status: 200,
      body: shown(overviewAnswer, {
        env_id: envId,
        now,
        from,
        bucket_ms: bucketMs,
        buckets: times.map((time) =>
          bucketOf(
            new Date(time),
            tallies.filter(({ at }) => at.getTime() === time),
          ),
        ),
        unpaid: standing.unpaid,
        untold: standing.untold,
        late: standing.late.flatMap(lateOrderView),
      }),
    }
  },
})

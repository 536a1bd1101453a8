/** `/api/overview`: what happened lately, and what needs somebody. */
import { z } from 'zod'
import { numeral } from '../fields.ts'
import type { DeepCamel } from './deep-keys.ts'
import { amount, env_id, envIdAsked, moment } from './fields.ts'
import { late } from './order-detail.ts'
import { order } from './orders.ts'

export const overviewQuery = z.strictObject({
  env_id: envIdAsked,
  hours: numeral(1, 24 * 7)
    .default(24)
    .meta({ description: 'How far back.' }),
})

const count = z.number().int().nonnegative()

const bucket = z.object({
  at: moment.meta({ description: 'Its beginning; real time.' }),
  ordered: count,
  paid: count,
  paid_fee: amount,
  paid_late: count,
  refunded: count.meta({ description: 'Refunds that were accepted, each once.' }),
  closed: z.record(z.string(), count).meta({
    description: 'By why: `caller`, `time_expire`, `close_after`, `seven_days`, `replaced`.',
  }),
  late_ms_avg: z.number().optional().meta({ description: 'From due to closed, on the order’s own clock.' }),
  late_ms_max: z.number().optional(),
  callbacks_ok: count.meta({ description: 'Attempts that were acknowledged.' }),
  callbacks_failed: count.meta({ description: 'Attempts that were not.' }),
  notices: count.meta({ description: 'What was to be told, counted at its first attempt.' }),
  notices_told: count.meta({ description: 'What was acknowledged, each notice once.' }),
})

export const overviewAnswer = z
  .object({
    env_id,
    now: moment.meta({ description: 'The present time of the environment.' }),
    from: moment,
    bucket_ms: z.number().int(),
    buckets: z.array(bucket).meta({
      description:
        'The oldest first; those in which nothing happened are left out. Counted best effort: the ledger is the truth.',
    }),
    unpaid: count.meta({
      description: 'Orders that are neither paid nor closed; at most 10,000 are counted.',
    }),
    untold: z.object({ exhausted: count, undeliverable: count, failing: count, pending: count }).meta({
      description: 'Orders and refunds whose notices stand so; at most 10,000 of each are counted.',
    }),
    late: z
      .array(order.extend({ late }))
      .meta({ description: 'Late payments that wait for a decision, or whose return failed.' }),
  })
  .meta({ id: 'Overview' })
export type ApiOverview = DeepCamel<z.output<typeof overviewAnswer>>

/** `/api/events`: what changed, as it does (server-sent events). One event a second at most, whoever watches. */
import { z } from 'zod'
import type { DeepCamel } from './deep-keys.ts'
import { env_id, envIdAsked, moment } from './fields.ts'
import { order } from './orders.ts'
import { clockAnswer } from './sandbox.ts'

export const eventsQuery = z.strictObject({ env_id: envIdAsked })

/** How many of the newest orders are watched. */
export const mostWatched = 50

/** The data of an event named `changed`. The first one comes at once, and says how things stand. */
export const change = z
  .object({
    env_id,
    now: moment,
    clock: clockAnswer.shape.mode,
    next_due: clockAnswer.shape.next_due,
    next: clockAnswer.shape.next,
    orders: z.array(order).meta({
      description: `Of the ${mostWatched} newest orders, those that are new or changed since the event before; in the first event, all.`,
    }),
    callbacks: z.boolean().meta({ description: 'Something was told, or is to be.' }),
    requests: z.boolean().meta({ description: 'Calls came in.' }),
    faults: z.number().int().meta({ description: 'How many faults are switched on.' }),
    spread_ms: z.number().int().nonnegative().meta({
      description:
        'Who asks for more because of this does so at any moment within so many milliseconds: the more pages watch, the more. Otherwise hundreds would ask at once.',
    }),
  })
  .meta({ id: 'Change' })
export type ApiChange = DeepCamel<z.output<typeof change>>

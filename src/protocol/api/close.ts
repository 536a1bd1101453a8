/** `POST /api/orders/close`: what can come of it. As closeOrder means it, in typed words. */
import { z } from 'zod'
import type { DeepCamel } from './deep-keys.ts'
import { moment } from './fields.ts'
import { order } from './orders.ts'
import { problem } from './problem.ts'

const outcome = <Word extends string>(word: Word) => z.literal(word)

/** The order is unpayable for good. */
export const closedAnswer = z
  .object({
    outcome: z.enum(['closed', 'already-closed', 'remembered']).meta({
      description:
        '`closed`: by this call. `already-closed`: before it, or by it, if it was repeated. `remembered`: never ordered; the number is closed now, so that nobody can order it.',
    }),
    order,
  })
  .meta({ id: 'Closed' })

export const notClosedAnswer = z
  .discriminatedUnion('outcome', [
    problem.extend({ outcome: outcome('paid'), order }),
    problem.extend({
      outcome: outcome('too-early'),
      order,
      closable_from: moment.meta({ description: 'From then on the same call closes it.' }),
    }),
  ])
  .meta({ id: 'NotClosed' })

export const notFoundAnswer = problem.extend({ outcome: outcome('not-found') }).meta({ id: 'NotFound' })

type Closed = DeepCamel<z.output<typeof closedAnswer>>
type NotClosed = DeepCamel<z.output<typeof notClosedAnswer>>

/** What came of closing one order. */
export type CloseResult =
  | {
      [Word in Closed['outcome']]: { readonly outcome: Word; readonly order: Closed['order'] }
    }[Closed['outcome']]
  | (NotClosed extends infer One ? (One extends { error: unknown } ? Omit<One, 'error'> : never) : never)
  | { readonly outcome: 'not-found' }

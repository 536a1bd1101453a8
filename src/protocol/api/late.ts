/** `POST /api/orders/late`: a person decides what becomes of a payment that came too late. */
import { z } from 'zod'
import type { DeepCamel } from './deep-keys.ts'
import { oneOrder } from './fields.ts'
import { orderDetail } from './order-detail.ts'
import { problem } from './problem.ts'

export const lateDecision = z.enum(['refund', 'adopt']).meta({
  description: '`refund`: the money goes back. `adopt`: it stays, and the order is paid.',
})

export const decideLate = oneOrder.extend({ decision: lateDecision })

export const decidedAnswer = z
  .object({ outcome: z.literal('decided'), order: orderDetail })
  .meta({ id: 'LateDecided' })

export const notDecidedAnswer = z
  .discriminatedUnion('outcome', [
    problem.extend({ outcome: z.literal('not-late') }),
    problem.extend({ outcome: z.literal('decided-otherwise') }),
    problem.extend({ outcome: z.literal('purchase-paid'), paid: z.string() }),
  ])
  .meta({ id: 'LateNotDecided' })

type Decided = DeepCamel<z.output<typeof decidedAnswer>>

/** What came of deciding. */
export type DecideLateResult =
  | { readonly outcome: 'decided'; readonly order: Decided['order'] }
  | { readonly outcome: 'not-late' | 'decided-otherwise' | 'not-found' }
  /** Another attempt was paid, by that number: this payment can only go back. */
  | { readonly outcome: 'purchase-paid'; readonly paid: string }

/** `/api/callbacks`: what is told, what was, and why not; and sending again. */
import { z } from 'zod'
import { out_refund_no } from '../fields.ts'
import { brokenRule } from '../format-problem.ts'
import type { DeepCamel } from './deep-keys.ts'
import { env_id, moment, out_trade_no, subMchIdOrAll, whose } from './fields.ts'
import { listed, next_cursor, someOf } from './lists.ts'
import { noticeState, noticeStates, told } from './notices.ts'

export const listCallbacksQuery = z.strictObject({
  env_id: whose.shape.env_id,
  state: someOf(noticeStates).optional(),
  ...listed,
})

export const callbacksPage = z
  .object({
    env_id,
    now: moment.meta({ description: 'The present time of the environment, when the page was made.' }),
    callbacks: z.array(told).meta({ description: 'By when they fell due, the newest first.' }),
    next_cursor,
  })
  .meta({ id: 'CallbacksPage' })
export type ApiTold = DeepCamel<z.output<typeof told>>
export type ApiCallbacksPage = DeepCamel<z.output<typeof callbacksPage>>

const exactlyOne = (...given: readonly unknown[]) => given.filter((one) => one !== undefined).length === 1

/** Of one call: as many as a person would want to see arrive. */
export const mostResent = 1_000

export const resendCallbacks = z
  .strictObject({
    env_id: whose.shape.env_id,
    sub_mch_id: subMchIdOrAll,
    out_trade_no: out_trade_no.optional(),
    out_refund_no: out_refund_no
      .meta({ maxLength: 64, pattern: '^[0-9A-Za-z_\\-|*@]+$', description: "The refund's number." })
      .optional(),
    state: noticeState.optional().meta({ description: `All that stand so, ${mostResent} a call.` }),
  })
  .refine(
    (asked) => exactlyOne(asked.out_trade_no, asked.out_refund_no, asked.state),
    brokenRule(
      'out_trade_no、out_refund_no、state 须恰好给出一个',
      'exactly one of out_trade_no, out_refund_no and state is needed',
    ),
  )

export const resentAnswer = z
  .object({
    outcome: z.literal('resent'),
    count: z.number().int().meta({ description: 'Orders and refunds whose notices are sent again.' }),
  })
  .meta({ id: 'Resent' })

/** What came of sending again. */
export type ResendResult =
  | { readonly outcome: 'resent'; readonly count: number }
  | { readonly outcome: 'not-found' }

/** What the sandbox's controls answer, for programs: the payer, the clock, faults. What they take stands with each (doors/sandbox). */
import { z } from 'zod'
import type { DeepCamel } from './deep-keys.ts'
import { env_id, moment, text } from './fields.ts'

const nextDue = z
  .object({
    at: moment,
    what: z.enum(['close', 'tell', 'settle', 'ask', 'return']).meta({
      description:
        '`close`: the order is closed. `tell`: its callback, or that of its refund, is sent. `settle`: what comes of the refund is known. `ask`: the channel is asked about it. `return`: its late payment goes back.',
    }),
    sub_mch_id: z.string(),
    out_trade_no: z.string(),
    out_refund_no: z.string().optional().meta({ description: 'Where it is about a refund.' }),
  })
  .meta({ id: 'NextDue' })
export type ApiNextDue = DeepCamel<z.output<typeof nextDue>>

export const clockAnswer = z
  .object({
    env_id,
    now: moment,
    mode: z.enum(['running', 'frozen', 'real']),
    next_due: moment.optional().meta({
      description: 'When the engine has something to do next, on this clock; absent: nothing waits.',
    }),
    next: nextDue.optional().meta({ description: 'What that is; the first, where there are several.' }),
  })
  .meta({ id: 'Clock' })
export type ApiClock = DeepCamel<z.output<typeof clockAnswer>>

const paid = {
  out_trade_no: z.string(),
  transaction_id: z.string(),
  openid: z.string(),
  paid_at: moment,
}

export const payAnswer = z
  .discriminatedUnion('result', [
    z.object({ result: z.literal('paid'), ...paid }),
    z.object({
      result: z.literal('paid_too_late'),
      ...paid,
      decision: z.string().optional(),
      note: z.string(),
    }),
    z.object({ result: z.enum(['cancelled', 'failed', 'waiting']), out_trade_no: z.string() }),
    z.object({
      result: z.literal('refused'),
      out_trade_no: z.string(),
      error: z.object({ code: z.string(), message: z.string() }),
    }),
  ])
  .meta({ id: 'PayAnswer' })

interface Payment {
  readonly transactionId: string
  readonly openid: string
  readonly paidAt: Date
}

/** What came of a payer at an order. */
export type PayResult =
  | ({ readonly outcome: 'paid' } & Payment)
  /** The order was closed: the money goes back, stays, or waits for a person; `note` says which. */
  | ({ readonly outcome: 'paid-late'; readonly note: string } & Payment)
  /** `waiting`: on the password page. */
  | { readonly outcome: 'cancelled' | 'failed' | 'waiting' | 'not-found' }
  | { readonly outcome: 'refused'; readonly code: string; readonly message: string }

const faultRule = z.object({
  id: z.string(),
  fault: z.string(),
  span_ms: z.number().optional(),
  method: z.string().optional(),
  sub_mch_id: z.string().optional(),
  out_trade_no: z.string().optional(),
  total_fee: z.number().optional(),
  times_left: z.number().optional().meta({ description: 'Absent: until it is switched off.' }),
})

export const faultsAnswer = z
  .object({
    env_id,
    on: z.array(faultRule),
    menu: z.array(
      z.object({
        fault: z.string(),
        strikes: z
          .string()
          .meta({ description: 'What it strikes: `call`, `callback`, `payment` or `refund`.' }),
        does: z.string(),
        report: z.string().meta({ description: 'The real report that it comes from.' }),
        texts: z.object({ does: text, report: text }),
        span_ms: z.number().optional().meta({ description: 'Of a fault that takes a span: the usual one.' }),
        method: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'Faults' })
export type ApiFaults = DeepCamel<z.output<typeof faultsAnswer>>

export const faultSwitched = z.union([
  z.object({ switched_on: faultRule }),
  z.object({ switched_off: z.number().int() }),
])

const payer = z.object({ openid: z.string(), name: z.string() })
export type ApiPayer = z.output<typeof payer>

export const payersAnswer = z
  .object({ env_id, default_openid: z.string(), payers: z.array(payer) })
  .meta({ id: 'Payers' })
export type ApiPayers = DeepCamel<z.output<typeof payersAnswer>>
export const payerAdded = payer

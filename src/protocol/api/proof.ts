/** Why an order is safe to replace or not, as the API says it. What is decided stands in engine/prove-order.ts. */
import { z } from 'zod'
import type { DeepCamel } from './deep-keys.ts'
import { amount, env_id, moment, out_trade_no, sub_mch_id, text } from './fields.ts'
import { orderState } from './orders.ts'

const said = text.shape

const evidence = z
  .object({
    holds: z.enum(['unpayable', 'payable', 'reopenable', 'paid']).meta({
      description:
        '`unpayable`: nobody can ever pay it. `payable`: now. `reopenable`: not by a payment that begins now, but nothing has closed it. `paid`: it was.',
    }),
    since: moment.optional().meta({ description: 'Since when that holds.' }),
    until: moment.optional().meta({ description: 'Until when that holds by itself.' }),
    ...said,
  })
  .meta({ id: 'Evidence' })

const attempt = z.object({
  out_trade_no,
  state: orderState,
  holds: evidence.shape.holds,
  created_at: moment,
  paid_at: moment.optional(),
  closed_at: moment.optional(),
})

const next = z.object({
  what: z.enum(['close', 'tell', 'ask', 'return']),
  at: moment,
  due: z.boolean().meta({ description: 'That time has come: it is done by the next look.' }),
  ...said,
})

export const proof = z
  .object({
    env_id,
    sub_mch_id,
    out_trade_no,
    state: orderState,
    total_fee: amount.optional(),
    taken_at: moment.meta({ description: 'On the clock of the environment: when the order was looked at.' }),
    safe: z.boolean().meta({
      description: 'Whether a new number can be ordered for the same purchase without anybody paying twice.',
    }),
    reason: z.object({ code: z.string(), ...said }),
    advice: text,
    evidence,
    purchase: z
      .object({
        purchase: out_trade_no,
        live: out_trade_no.meta({ description: 'The last attempt: no other can be paid.' }),
        paid: out_trade_no.optional(),
        count: z.number().int(),
        attempts: z.array(attempt).meta({ description: 'In their order.' }),
      })
      .optional()
      .meta({ description: 'Absent: the order stands alone.' }),
    close: z.object({
      allowed: z.boolean(),
      from: moment.optional(),
      why_not: z.enum(['too-early', 'already-paid', 'closed', 'unsure']).optional(),
    }),
    next: z.array(next).meta({ description: 'What the engine will do by itself, the soonest first.' }),
  })
  .meta({ id: 'Proof' })
export type Proof = DeepCamel<z.output<typeof proof>>

/** Orders as the API shows them: to operators, so with states that callers of the contract never hear of. */
import { z } from 'zod'
import { text } from '../fields.ts'
import { brokenRule } from '../format-problem.ts'
import type { DeepCamel } from './deep-keys.ts'
import { amount, env_id, envIdAsked, moment, out_trade_no, sub_mch_id, when } from './fields.ts'
import { listed, next_cursor, someOf } from './lists.ts'

/** As the ledger names them; what shows an order is checked against it. */
export const orderStates = [
  'WAITING',
  'CREATING',
  'NOTPAY',
  'CLOSING',
  'SUCCESS',
  'REFUND',
  'CLOSED',
] as const

export const orderState = z.enum(orderStates).meta({
  id: 'OrderState',
  description:
    'WAITING, CREATING: where a channel has to be asked, not sent yet, not known to be made. NOTPAY: unpaid. CLOSING: to be closed, or another attempt took its place. SUCCESS: paid. REFUND: paid, and a refund was accepted. CLOSED: unpaid for good, or paid too late.',
})

export const order = z
  .object({
    env_id,
    sub_mch_id,
    out_trade_no,
    state: orderState,
    total_fee: amount
      .optional()
      .meta({ description: 'In fen. Absent: the number was only remembered as closed.' }),
    body: z.string().optional(),
    created_at: moment,
    closable_from: moment.optional(),
    payable_until: moment.optional().meta({
      description: 'By its time alone; one that is closed or replaced cannot be paid, whatever this says.',
    }),
    expires_at: moment.optional(),
    paid_at: moment.optional(),
    transaction_id: z.string().optional(),
    openid: z.string().optional().meta({ description: 'Who paid.' }),
    closed_at: moment.optional(),
    refunded_fee: amount,
    refund_count: z.number().int(),
    purchase: out_trade_no.optional().meta({ description: 'Number of the first attempt at the purchase.' }),
    replaced_by: out_trade_no.optional().meta({ description: 'Number of the attempt that took its place.' }),
  })
  .meta({ id: 'Order' })
export type ApiOrder = DeepCamel<z.output<typeof order>>

export const listOrdersQuery = z.strictObject({
  env_id: envIdAsked,
  sub_mch_id: sub_mch_id.optional().meta({ description: 'Left out: all merchants.' }),
  state: someOf(orderStates).optional(),
  search: text(128)
    .refine((value) => value !== '', brokenRule('不能为空', 'must not be empty'))
    .optional()
    .meta({
      description:
        'An exact number: out_trade_no, transaction_id, prepay_id, out_refund_no or refund_id; or the openid of who pays.',
    }),
  unpaid: z
    .enum(['true'])
    .optional()
    .meta({ description: 'Only orders that are neither paid nor closed, whatever their state.' }),
  created_after: when.optional(),
  created_before: when.optional(),
  ...listed,
})

export const ordersPage = z
  .object({
    env_id,
    now: moment.meta({ description: 'The present time of the environment, when the page was made.' }),
    created_after: moment.optional(),
    created_before: moment.optional(),
    orders: z.array(order).meta({ description: 'Newest first.' }),
    next_cursor,
  })
  .meta({ id: 'OrdersPage' })
export type ApiOrdersPage = DeepCamel<z.output<typeof ordersPage>>

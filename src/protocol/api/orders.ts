/** Orders as the API shows them: to operators, so with states that callers of the contract never hear of. */
import { z } from 'zod'
import { brokenRule } from '../format-problem.ts'
import type { DeepCamel } from './deep-keys.ts'
import {
  amount,
  env_id,
  envIdAsked,
  moment,
  out_trade_no,
  sub_mch_id,
  subMchIdAsked,
  text,
  when,
} from './fields.ts'

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
    payable_until: moment.optional(),
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

const historyEvent = z.object({
  event: z.string(),
  at: moment,
  by: z.string().optional(),
  why: z.string().optional(),
  due: moment.optional(),
  successor: out_trade_no.optional(),
  out_refund_no: z.string().optional(),
  refund_fee: amount.optional(),
})

const notice = z.object({
  kind: z.string(),
  state: z.string(),
  since: moment,
  attempts: z.number().int(),
  next_attempt: moment.optional(),
  why: text.optional(),
  why_code: z.string().optional(),
})

/** A payment that came after the order was closed, or beside another attempt's. */
const late = z.object({
  transaction_id: z.string(),
  openid: z.string(),
  paid_at: moment,
  found_at: moment,
  fee: amount,
  decision: z
    .enum(['refund', 'adopt'])
    .optional()
    .meta({ description: 'Absent: a person has to decide; a refund of it does.' }),
  by: z.enum(['policy', 'caller', 'operator']).optional(),
  alarm: z
    .enum(['failed', 'account'])
    .optional()
    .meta({ description: 'Its return failed: somebody should look.' }),
  returned_at: moment.optional().meta({ description: 'All of it went back.' }),
})

/** One order, with what became of it. */
export const orderDetail = order
  .extend({ history: z.array(historyEvent), notices: z.array(notice), late: late.optional() })
  .meta({ id: 'OrderDetail' })
export type ApiOrderDetail = DeepCamel<z.output<typeof orderDetail>>

/** Whose order is meant, beside its number. */
export const whose = z.strictObject({ env_id: envIdAsked, sub_mch_id: subMchIdAsked })

export const oneOrder = whose.extend({ out_trade_no })

const known: ReadonlySet<string> = new Set(orderStates)
const isState = (word: string): word is (typeof orderStates)[number] => known.has(word)

const states = z
  .string()
  .refine(
    (given) => given.split(',').every(isState),
    brokenRule(
      `应为 ${orderStates.join(' / ')}，多个用逗号分隔`,
      `must be ${orderStates.join(' / ')}, several separated by commas`,
    ),
  )
  .transform((given) => given.split(',').filter(isState))
  .meta({ description: `One or more of ${orderStates.join(', ')}, separated by commas.` })

export const mostListed = 500

export const listOrdersQuery = z.strictObject({
  env_id: envIdAsked,
  sub_mch_id: sub_mch_id.optional().meta({ description: 'Left out: all merchants.' }),
  state: states.optional(),
  unpaid: z
    .enum(['true'])
    .optional()
    .meta({ description: 'Only orders that are neither paid nor closed, whatever their state.' }),
  created_after: when.optional(),
  created_before: when.optional(),
  cursor: z.string().max(512).optional().meta({ description: '`next_cursor` of the page before.' }),
  limit: z.coerce.number().int().min(1).max(mostListed).default(50),
})

export const ordersPage = z
  .object({
    env_id,
    now: moment.meta({ description: 'The present time of the environment, when the page was made.' }),
    created_after: moment.optional(),
    created_before: moment.optional(),
    orders: z.array(order).meta({ description: 'Newest first.' }),
    next_cursor: z.string().optional().meta({ description: 'Absent: there are no more.' }),
  })
  .meta({ id: 'OrdersPage' })
export type ApiOrdersPage = DeepCamel<z.output<typeof ordersPage>>

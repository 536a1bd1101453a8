/** `POST /api/orders/refund`: gives the money of a paid order back, all or part of it. */
import { z } from 'zod'
import { fenSchema } from '../fen.ts'
import { out_refund_no as outRefundNo, text as wireText } from '../fields.ts'
import type { DeepCamel } from './deep-keys.ts'
import { amount, moment, oneOrder } from './fields.ts'
import { notice } from './notices.ts'

import { problem } from './problem.ts'

export const out_refund_no = outRefundNo.meta({
  maxLength: 64,
  pattern: '^[0-9A-Za-z_\\-|*@]+$',
  description: "The refund's number.",
})

export const refundOrder = oneOrder.extend({
  out_refund_no: out_refund_no.meta({
    description: 'Chosen by the caller: the same number again never returns anything twice.',
  }),
  refund_fee: fenSchema.optional().meta({ description: 'In fen; left out: all that was not refunded yet.' }),
  refund_desc: wireText(80).optional().meta({ maxLength: 80, description: 'Told to the payer.' }),
})

export const refundShown = z
  .object({
    out_refund_no: z.string(),
    refund_id: z.string(),
    out_trade_no: z.string(),
    state: z.enum(['PROCESSING', 'SUCCESS', 'CHANGE', 'REFUNDCLOSE']),
    refund_fee: amount,
    created_at: moment,
    succeeded_at: moment.optional(),
    desc: z.string().optional(),
    notices: z.array(notice),
  })
  .meta({ id: 'Refund' })
export type ApiRefund = DeepCamel<z.output<typeof refundShown>>

export const refundedAnswer = z
  .object({ outcome: z.literal('accepted'), refund: refundShown })
  .meta({ id: 'RefundAccepted' })

export const notRefundedAnswer = problem
  .extend({ outcome: z.literal('refused') })
  .meta({ id: 'RefundRefused' })

/** What came of asking for a refund: accepted means that it is on its way, and certain unless `state` becomes REFUNDCLOSE. */
export type RefundResult =
  | { readonly outcome: 'accepted'; readonly refund: ApiRefund }
  /** `code` as refund answers it, such as `NOTENOUGH`. */
  | { readonly outcome: 'refused'; readonly code: string; readonly message: string }
  | { readonly outcome: 'not-found' }

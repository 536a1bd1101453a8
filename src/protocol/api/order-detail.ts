/** One order with all that became of it, as the API shows it. */
import { z } from 'zod'
import type { DeepCamel } from './deep-keys.ts'
import { amount, moment, out_trade_no } from './fields.ts'
import { attempt, notice } from './notices.ts'
import { order } from './orders.ts'
import { refundShown } from './refund.ts'
import { request } from './requests.ts'

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

/** A payment that came after the order was closed, or beside another attempt's. */
export const late = z.object({
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
  .extend({
    history: z.array(historyEvent),
    notices: z.array(notice),
    late: late.optional(),
    trade_type: z.string().optional(),
    code_url: z.string().optional().meta({ description: 'NATIVE: the text of the QR code.' }),
    mweb_url: z.string().optional().meta({ description: 'MWEB: where the browser goes.' }),
    target: z.string().optional().meta({ description: 'Where its callback goes.' }),
    request: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({ description: 'What made it, by the names of unifiedOrder.' }),
    refunds: z.array(refundShown).meta({ description: 'The newest first.' }),
    attempts: z.array(attempt).meta({ description: 'To tell of it and of its refunds, the newest first.' }),
    calls: z.array(request).meta({ description: 'That named its number, the newest first.' }),
  })
  .meta({ id: 'OrderDetail' })
export type ApiOrderDetail = DeepCamel<z.output<typeof orderDetail>>

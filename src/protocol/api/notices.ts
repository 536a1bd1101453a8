/** What is told of orders and refunds, as the API shows it: notices, and the attempts to deliver them. */
import { z } from 'zod'
import { moment, out_trade_no, text } from './fields.ts'

/** As the ledger names them; what shows a notice is checked against it. The one that needs most attention first. */
export const noticeStates = ['exhausted', 'undeliverable', 'failing', 'pending', 'delivered'] as const

export const noticeState = z.enum(noticeStates).meta({
  id: 'NoticeState',
  description:
    '`pending`: not tried yet. `failing`: tried, and will be again. `undeliverable`: the same, and nobody hosts its target. `exhausted`: never again by itself. `delivered`: acknowledged.',
})

export const notice = z
  .object({
    kind: z.string(),
    refund_status: z.string().optional(),
    state: noticeState,
    since: moment,
    attempts: z.number().int(),
    next_attempt: moment.optional(),
    why: text.optional().meta({ description: 'Why the last attempt failed.' }),
    why_code: z.string().optional(),
  })
  .meta({ id: 'Notice' })

/** One attempt to tell; kept for a week. */
export const attempt = z
  .object({
    id: z.string(),
    subject: z.enum(['order', 'refund']),
    number: z.string().meta({ description: 'Of the order or the refund.' }),
    kind: z.string(),
    attempt: z.number().int().meta({ description: 'Which of its notice, from 1.' }),
    at: moment,
    target: z.string(),
    outcome: z.string().meta({ description: '`acknowledged`, or the code of what went wrong.' }),
    why: text.optional(),
    status: z.number().int().optional().meta({ description: 'Of HTTP; absent: no answer came.' }),
    ms: z.number(),
    answer: z.string().optional().meta({ description: 'The first part of it.' }),
    sent: z.string().meta({ description: 'As it was sent, without its signature.' }),
  })
  .meta({ id: 'Attempt' })

/** What is told of one order or refund, in a list. */
export const told = z
  .object({
    subject: z.enum(['order', 'refund']),
    sub_mch_id: z.string(),
    out_trade_no,
    out_refund_no: z.string().optional(),
    target: z.string().optional(),
    state: noticeState.meta({ description: 'Of the notice that needs most attention.' }),
    noticed_at: moment,
    notices: z.array(notice),
  })
  .meta({ id: 'Told' })

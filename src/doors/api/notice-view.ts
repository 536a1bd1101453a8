/** Notices and attempts of the ledger as the API shows them. */
import type { z } from 'zod'
import type { Delivery } from '../../ledger/deliveries.ts'
import type { ListedNotices } from '../../ledger/list-notices.ts'
import type { Notice } from '../../ledger/notices.ts'
import type { attempt, notice, told } from '../../protocol/api/notices.ts'
import { targetIn } from '../sandbox/callback-view.ts'

const timeOf = (text: string | undefined) => (text === undefined ? undefined : new Date(text))

export const noticeView = ({
  kind,
  status,
  state,
  since,
  attempts,
  next,
  fault,
}: Notice): z.output<typeof notice> => ({
  kind,
  refund_status: status,
  state,
  since: new Date(since),
  attempts,
  next_attempt: timeOf(next),
  why: fault === undefined ? undefined : { zh: fault.zh, en: fault.en },
  why_code: fault?.code,
})

export const attemptView = ({
  id,
  subject,
  number,
  kind,
  attempt: count,
  at,
  target,
  outcome,
  why,
  status,
  ms,
  answer,
  sent,
}: Delivery): z.output<typeof attempt> => ({
  id,
  subject,
  number,
  kind,
  attempt: count,
  at,
  target,
  outcome,
  why,
  status,
  ms,
  answer,
  sent,
})

export const toldView = (listed: ListedNotices): z.output<typeof told> => ({
  subject: listed.subject,
  sub_mch_id: listed.subMchId,
  out_trade_no: listed.outTradeNo,
  out_refund_no: listed.subject === 'refund' ? listed.number : undefined,
  target: targetIn(listed.request),
  state: listed.told,
  noticed_at: listed.noticedAt,
  notices: listed.notices.map(noticeView),
})

/** How notices and their attempts are shown to people and programs. */
import type { Delivery } from '../../ledger/deliveries.ts'
import type { ListedNotices } from '../../ledger/list-notices.ts'
import type { Notice } from '../../ledger/notices.ts'
import { isoTime } from '../../protocol/beijing-time.ts'
import { type CallbackTarget, targetOf, targetText } from '../../protocol/callback-target.ts'
import { camelKeys } from '../../protocol/camel-keys.ts'
import type { Language } from '../../protocol/text.ts'

const iso = (text: string | undefined) => (text === undefined ? undefined : isoTime(new Date(text)))

export const noticeView = (notice: Notice, language: Language) => ({
  kind: notice.kind,
  refund_status: notice.status,
  state: notice.state,
  since: iso(notice.since),
  attempts: notice.attempts,
  next_attempt: iso(notice.next),
  why: notice.fault?.[language],
  why_code: notice.fault?.code,
})

/** The request was checked by its schema before it was stored: it is believed here. */
export const targetIn = (request: Readonly<Record<string, unknown>>): string | undefined => {
  const target = targetOf(camelKeys(request as CallbackTarget))
  return target === undefined ? undefined : targetText(target)
}

export const listedView = (listed: ListedNotices, language: Language) => ({
  ...(listed.subject === 'refund' ? { out_refund_no: listed.number } : {}),
  out_trade_no: listed.outTradeNo,
  sub_mch_id: listed.subMchId,
  target: targetIn(listed.request),
  state: listed.told,
  notices: listed.notices.map((notice) => noticeView(notice, language)),
})

/** `payload`: as it was sent; JSON as JSON, XML as text. */
export const deliveryView = (delivery: Delivery, language: Language) => ({
  kind: delivery.kind,
  attempt: delivery.attempt,
  at: isoTime(delivery.at),
  target: delivery.target,
  outcome: delivery.outcome,
  why: delivery.why?.[language],
  status: delivery.status,
  ms: delivery.ms,
  answer: delivery.answer,
  sent: delivery.sent,
})

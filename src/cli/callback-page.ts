/** What is printed of callbacks: each notice with where it stands, why, and every attempt. Owns the layout. */
import type { ApiTold } from '../protocol/api/callbacks.ts'
import type { ApiOrderDetail } from '../protocol/api/order-detail.ts'
import { readableTime } from '../protocol/beijing-time.ts'
import { printable } from '../protocol/printable.ts'
import type { Language } from '../protocol/text.ts'
import type { Hints } from './hints.ts'
import { kindText, noticeCell } from './order-words.ts'
import { type Column, tableLines } from './table.ts'
import type { Paint } from './terminal.ts'

type Say = (zh: string, en: string) => string
const sayer =
  (language: Language): Say =>
  (zh, en) =>
    language === 'zh' ? zh : en

type Notice = ApiTold['notices'][number]

const noticeHeads = (say: Say): Column[] => [
  { head: say('号码', 'number') },
  { head: say('通知', 'of what') },
  { head: say('状态', 'state') },
  { head: say('次数', 'tried'), side: 'right' },
  { head: say('下一次（北京时间）', 'next (Beijing)') },
  { head: say('原因', 'why') },
]

/** A stack, in a table. */
const oneLine = (text: string) => text.replaceAll(/\r?\n\s*/g, ' ↵ ')

const noticeRow = (number: string, notice: Notice, language: Language, { told }: Hints) => [
  number,
  kindText(notice.kind, language),
  noticeCell(notice.state, language),
  `${notice.attempts}`,
  notice.nextAttempt === undefined ? '' : readableTime(notice.nextAttempt),
  oneLine(told(notice.why?.[language] ?? '')),
]

/** Of an order and its refunds. @returns lines of a table */
export function noticeLines(
  {
    outTradeNo,
    notices,
    refunds,
  }: Pick<ApiOrderDetail, 'outTradeNo' | 'notices'> & {
    readonly refunds: readonly Pick<ApiOrderDetail['refunds'][number], 'outRefundNo' | 'notices'>[]
  },
  language: Language,
  paint: Paint,
  hints: Hints,
): string[] {
  const rows = [
    ...notices.map((notice) => noticeRow(outTradeNo, notice, language, hints)),
    ...refunds.flatMap((refund) =>
      refund.notices.map((notice) => noticeRow(refund.outRefundNo, notice, language, hints)),
    ),
  ]
  return tableLines(noticeHeads(sayer(language)), rows, paint)
}

/** Of many. @returns lines of a table */
export function toldLines(all: readonly ApiTold[], language: Language, paint: Paint, hints: Hints): string[] {
  const rows = all.flatMap(({ outTradeNo, outRefundNo, notices, state }) =>
    notices
      // The one that needs most attention is why it is listed.
      .filter((notice) => notice.state === state)
      .map((notice) => noticeRow(outRefundNo ?? outTradeNo, notice, language, hints)),
  )
  return tableLines(noticeHeads(sayer(language)), rows, paint)
}

type Attempt = ApiOrderDetail['attempts'][number]

/** As much as one looks at on a terminal; `--json` has all that is kept. */
const mostShown = 400

const clipped = (text: string) => (text.length > mostShown ? `${text.slice(0, mostShown)}…` : text)

/** What has several lines keeps them, further in. */
const textLines = (label: string, text: string, shown: (line: string) => string = printable): string[] =>
  text.split(/\r?\n/).map((line, at) => (at === 0 ? `  ${label}  ${shown(line)}` : `      ${shown(line)}`))

/** @returns lines */
export function attemptLines(attempt: Attempt, language: Language, paint: Paint, { told }: Hints): string[] {
  const say = sayer(language)
  const { number, kind, attempt: count, at, target, status, ms, answer, sent, why, outcome } = attempt
  const came =
    outcome === 'acknowledged' ? paint('green', say('已确认', 'acknowledged')) : paint('red', outcome)
  const http = status === undefined ? say('没有应答', 'no answer') : `HTTP ${status}`
  return [
    `${paint('bold', readableTime(at))}  ${printable(number)}  ${kindText(kind, language)}  ${say(`第 ${count} 次`, `attempt ${count}`)}  ${came}  ${http}  ${Math.round(ms)} ms`,
    `  → ${printable(target)}`,
    ...textLines(say('发送', 'sent'), clipped(sent)),
    ...(answer === undefined ? [] : textLines(say('应答', 'answer'), clipped(answer))),
    ...(why === undefined
      ? []
      : textLines(say('原因', 'why'), told(why[language]), (line) => paint('red', printable(line)))),
  ]
}

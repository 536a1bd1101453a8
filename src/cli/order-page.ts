/** What `cloudpay orders show` prints: the order, what happened to it, refunds, callbacks, and what may be done now. */
import type { ApiOrderDetail } from '../protocol/api/order-detail.ts'
import { readableTime, wholeSecondFrom } from '../protocol/beijing-time.ts'
import { printable } from '../protocol/printable.ts'
import { shellQuoted } from '../protocol/shell-quoted.ts'
import type { Language } from '../protocol/text.ts'
import { noticeLines } from './callback-page.ts'
import type { Hints } from './hints.ts'
import { money, yuan } from './money.ts'
import { beijing } from './order-text.ts'
import { eventText, refundCell, stateCell } from './order-words.ts'
import { factLines, tableLines } from './table.ts'
import type { Paint } from './terminal.ts'

type Say = (zh: string, en: string) => string

function lateText({ late }: ApiOrderDetail, say: Say, language: Language): string | undefined {
  if (late === undefined) return undefined
  const what = say(
    `${money(late.fee)}，${beijing(late.paidAt, language)}，交易号 ${late.transactionId}`,
    `${money(late.fee)}, ${beijing(late.paidAt, language)}, transaction ${late.transactionId}`,
  )
  if (late.returnedAt !== undefined)
    return say(
      `${what}；已于 ${readableTime(late.returnedAt)} 全部退回`,
      `${what}; all of it went back at ${readableTime(late.returnedAt)}`,
    )
  if (late.alarm !== undefined)
    return say(`${what}；退回失败，请处理`, `${what}; its return failed, look at it`)
  if (late.decision === undefined)
    return say(
      `${what}；等待人来决定（POST /api/orders/late）`,
      `${what}; somebody has to decide (POST /api/orders/late)`,
    )
  return late.decision === 'refund'
    ? say(`${what}；正在退回`, `${what}; it goes back`)
    : say(`${what}；收下，订单算已支付`, `${what}; it stays, and the order is paid`)
}

const facts = (order: ApiOrderDetail, say: Say, language: Language) => {
  const time = (at: Date | undefined) => (at === undefined ? undefined : beijing(at, language))
  const { state, totalFee, refundedFee, purchase, closableFrom } = order
  const isPaid = state === 'SUCCESS' || state === 'REFUND'
  const refunded =
    refundedFee === totalFee
      ? say('，全额', ', all of it')
      : say(`，共 ${yuan(totalFee ?? 0)}`, ` of ${yuan(totalFee ?? 0)}`)
  return [
    [say('金额', 'amount'), totalFee === undefined ? undefined : money(totalFee)],
    [say('已退', 'refunded'), refundedFee === 0 ? undefined : `${yuan(refundedFee)}${refunded}`],
    [say('内容', 'what'), order.body],
    [say('商户', 'merchant'), order.subMchId],
    [say('环境', 'environment'), order.envId],
    [say('方式', 'trade type'), order.tradeType],
    [say('下单', 'ordered'), time(order.createdAt)],
    // Of others they say nothing any more.
    [say('过期', 'expires'), isPaid ? undefined : time(order.expiresAt)],
    [say('可支付至', 'payable until'), state === 'NOTPAY' ? time(order.payableUntil) : undefined],
    [
      say('最早可关单', 'closable from'),
      state === 'NOTPAY' ? time(closableFrom && wholeSecondFrom(closableFrom)) : undefined,
    ],
    [say('支付', 'paid'), time(order.paidAt)],
    [say('付款人', 'payer'), order.openid],
    [say('交易号', 'transaction'), order.transactionId],
    [say('关闭', 'closed'), time(order.closedAt)],
    [say('迟到的付款', 'late payment'), lateText(order, say, language)],
    [say('同一购买', 'purchase'), purchase === order.outTradeNo ? undefined : purchase],
    [say('已换成', 'replaced by'), order.replacedBy],
    ['code_url', order.codeUrl],
    ['mweb_url', order.mwebUrl],
    [say('回调', 'callback'), order.target],
  ] as const
}

/** The first has a number that goes without saying. */
const nextRefund = (count: number, number: string) =>
  count === 0 ? '' : ` --refund-no ${shellQuoted(`${number}-R${count + 1}`)}`

/** How commands about it are printed, and whom they name. */
interface Named {
  readonly hints: Hints
  readonly subMchId: string | undefined
}

/** What a person can do with it now, by which command. */
function nextLines(
  order: ApiOrderDetail,
  say: Say,
  language: Language,
  { hints, subMchId }: Named,
): string[] {
  const { outTradeNo, state, closableFrom, totalFee = 0, refundedFee, refundCount } = order
  const line = (command: string, what: string, more = '') =>
    `  ${hints.ofNumber(command, outTradeNo, { more, subMchId })}  ${what}`
  const from = closableFrom === undefined ? undefined : beijing(wholeSecondFrom(closableFrom), language)
  const closable = from === undefined ? '' : say(`（${from} 起可以）`, ` (from ${from} on)`)
  const whatIsRefunded = refundedFee === 0 ? say('退款', 'refunds it') : say('退其余的款', 'refunds the rest')
  switch (state) {
    case 'NOTPAY':
      return [
        line('pay', say('在沙箱里付款', 'pays it, in the sandbox')),
        line('close', `${say('关闭', 'closes it')}${closable}`),
      ]
    case 'SUCCESS':
    case 'REFUND':
      return refundedFee < totalFee
        ? [line('refund', whatIsRefunded, nextRefund(refundCount, outTradeNo))]
        : []
    default:
      return [line('prove', say('能否安全地换新订单号', 'says whether it is safe to replace'))]
  }
}

function refundLines({ refunds }: ApiOrderDetail, say: Say, language: Language, paint: Paint): string[] {
  return tableLines(
    [
      { head: say('退款单号', 'refund') },
      { head: say('状态', 'state') },
      { head: say('金额', 'amount'), side: 'right' },
      { head: say('申请（北京时间）', 'asked for (Beijing)') },
      { head: say('原因', 'why'), widest: 32 },
    ],
    refunds.map((refund) => [
      refund.outRefundNo,
      refundCell(refund, language),
      money(refund.refundFee),
      readableTime(refund.createdAt),
      refund.desc ?? '',
    ]),
    paint,
  )
}

const section = (title: string, lines: readonly string[], paint: Paint): string[] =>
  lines.length === 0
    ? []
    : ['', paint('bold', title), ...lines.map((line) => (line.startsWith('  ') ? line : `  ${line}`))]

/** @returns lines */
export function orderPage(order: ApiOrderDetail, language: Language, paint: Paint, named: Named): string[] {
  const say: Say = (zh, en) => (language === 'zh' ? zh : en)
  const state = stateCell(order, language)
  const history = order.history.map(
    (event) => `${readableTime(event.at)}  ${printable(eventText(event, language, money))}`,
  )
  const shown = state.style === undefined ? state.text : paint(state.style, state.text)
  return [
    `${paint('bold', order.outTradeNo)}  ${shown}`,
    ...factLines(facts(order, say, language), paint),
    ...section(say('经过（北京时间）', 'what happened (Beijing time)'), history, paint),
    ...section(say('退款', 'refunds'), refundLines(order, say, language, paint), paint),
    ...section(say('回调', 'callbacks'), noticeLines(order, language, paint, named.hints), paint),
    ...section(say('接下来', 'next'), nextLines(order, say, language, named), paint),
  ]
}

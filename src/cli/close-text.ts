/** What closing orders is told as: a line an order, a summary, and what `--json` prints. Owns the texts. */
import type { CloseResult } from '../protocol/api/close.ts'
import { order } from '../protocol/api/orders.ts'
import { isoTime, wholeSecondFrom } from '../protocol/beijing-time.ts'
import { printable } from '../protocol/printable.ts'
import type { Language, Text } from '../protocol/text.ts'
import { exitCodes } from './exit-codes.ts'
import { jsonText } from './json-text.ts'
import { money } from './money.ts'
import { asWire, beijing } from './order-text.ts'

/** `unanswered`: nothing is known. `not-asked`: the server had stopped answering, or somebody pressed Ctrl+C. */
export type Closing = {
  readonly outTradeNo: string
  /** Where several merchants may be meant. */
  readonly subMchId?: string | undefined
  readonly result: CloseResult | { readonly outcome: 'unanswered' } | { readonly outcome: 'not-asked' }
}
export type Outcome = Closing['result']['outcome']

function resultText(result: Closing['result'], language: Language): Text {
  switch (result.outcome) {
    case 'closed':
      return { zh: '已关闭', en: 'closed' }
    case 'already-closed':
      return { zh: '之前已关闭', en: 'closed already' }
    case 'remembered':
      return {
        zh: '从未下单；订单号已记为关闭，之后不能再下单',
        en: 'never ordered; remembered as closed, and cannot be ordered any more',
      }
    case 'paid': {
      const { transactionId = '?', totalFee = 0 } = result.order
      return {
        zh: `已支付 ${money(totalFee)}（交易号 ${transactionId}），未关闭：请发货，或退款`,
        en: `not closed: paid, ${money(totalFee)}, transaction ${transactionId}; fulfil it, or refund it`,
      }
    }
    case 'too-early': {
      const from = beijing(wholeSecondFrom(result.closableFrom), language)
      return { zh: `尚不能关闭，${from} 起可以`, en: `not yet: it can be closed from ${from} on` }
    }
    case 'not-found':
      return {
        zh: '没有这个订单；请核对订单号、--sub-mch-id 和 --env-id',
        en: 'no such order; check the number, --sub-mch-id and --env-id',
      }
    case 'unanswered':
      return { zh: '结果未知，请再次运行', en: 'not known; run it again' }
    case 'not-asked':
      return { zh: '未处理，请再次运行', en: 'not asked for; run it again' }
  }
}

export function closingLine({ outTradeNo, subMchId, result }: Closing, language: Language): string {
  const merchant = language === 'zh' ? `商户 ${subMchId}  ` : `merchant ${subMchId}  `
  return `${outTradeNo}  ${subMchId === undefined ? '' : merchant}${printable(resultText(result, language)[language])}`
}

export function closingJson({ outTradeNo, subMchId, result }: Closing): string {
  const shown = 'order' in result ? { order: asWire(order, result.order) } : {}
  const from = result.outcome === 'too-early' ? { closable_from: isoTime(result.closableFrom) } : {}
  return jsonText({
    sub_mch_id: subMchId,
    out_trade_no: outTradeNo,
    outcome: result.outcome,
    ...from,
    ...shown,
  })
}

/** How many came to what, and what they amount to. */
export interface Tally {
  readonly counts: Readonly<Record<Outcome, number>>
  /** Of those that this run closed, in fen. */
  readonly closedFee: number
}

const none: Tally['counts'] = {
  closed: 0,
  'already-closed': 0,
  remembered: 0,
  paid: 0,
  'too-early': 0,
  'not-found': 0,
  unanswered: 0,
  'not-asked': 0,
}

export function openTally() {
  const counts = { ...none }
  let closedFee = 0
  return {
    add({ result }: Closing): void {
      counts[result.outcome]++
      if (result.outcome === 'closed') closedFee += result.order.totalFee ?? 0
    },
    tally: (): Tally => ({ counts: { ...counts }, closedFee }),
  }
}

const words: Readonly<Record<Outcome, Text>> = {
  closed: { zh: '已关闭', en: 'closed' },
  'already-closed': { zh: '之前已关闭', en: 'closed already' },
  remembered: { zh: '记为关闭', en: 'remembered as closed' },
  paid: { zh: '已支付', en: 'paid' },
  'too-early': { zh: '尚不能关闭', en: 'not yet' },
  'not-found': { zh: '没有这个订单', en: 'unknown' },
  unanswered: { zh: '结果未知', en: 'not known' },
  'not-asked': { zh: '未处理', en: 'not asked for' },
}

const outcomes = Object.keys(words).filter((word): word is Outcome => word in words)

export function summaryLine({ counts, closedFee }: Tally, language: Language): string {
  const parts = outcomes
    .filter((outcome) => counts[outcome] > 0 || outcome === 'closed')
    .map((outcome) => `${words[outcome][language]} ${counts[outcome]}`)
  const sum = counts.closed > 0 ? ` (${money(closedFee)})` : ''
  return `${parts.join(language === 'zh' ? '，' : ', ')}${sum}`
}

export const summaryJson = ({ counts, closedFee }: Tally): string =>
  jsonText({
    summary: {
      ...Object.fromEntries(outcomes.map((outcome) => [outcome.replaceAll('-', '_'), counts[outcome]])),
      closed_fee: closedFee,
    },
  })

export function exitCodeOf({ counts }: Tally): number {
  if (counts.unanswered + counts['not-asked'] > 0) return exitCodes.unanswered
  if (counts.paid > 0) return exitCodes.paid
  if (counts['too-early'] > 0) return exitCodes.notYet
  return counts['not-found'] > 0 ? exitCodes.unknown : exitCodes.done
}

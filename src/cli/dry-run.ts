/** What a close would close, without closing anything: a line an order, how many, and what they amount to. */
import { pMapIterable } from 'p-map'
import type { CloudPay } from '../client/cloud-pay.ts'
import type { Proof } from '../protocol/api/proof.ts'
import { wholeSecondFrom } from '../protocol/beijing-time.ts'
import type { Language } from '../protocol/text.ts'
import { jsonText } from './json-text.ts'
import { money } from './money.ts'
import { beijing } from './order-text.ts'
import type { Terminal } from './terminal.ts'

/** How many would be closed, and what they amount to, in fen. */
export interface Sum {
  readonly count: number
  readonly fee: number
  /** Those that cannot be closed yet. */
  readonly notYet: number
}

export function sumLine({ count, fee, notYet }: Sum, language: Language): string {
  const more = { zh: `；另有 ${notYet} 个尚不能关闭`, en: `; ${notYet} more cannot be closed yet` }
  const rest = notYet === 0 ? '' : more[language]
  return language === 'zh'
    ? `共 ${count} 个订单会被关闭，合计 ${money(fee)}${rest}；没有做任何改动`
    : `${count} would be closed, ${money(fee)} in all${rest}; nothing was changed`
}

export const sumJson = ({ count, fee, notYet }: Sum): string =>
  jsonText({ summary: { would_close: count, total_fee: fee, not_yet: notYet } })

type Looked = { readonly outTradeNo: string; readonly proof: Proof | undefined }

function lookedLine({ outTradeNo, proof }: Looked, language: Language): string {
  const say = (zh: string, en: string) => `${outTradeNo}  ${language === 'zh' ? zh : en}`
  if (proof === undefined) return say('没有这个订单', 'no such order')
  const { allowed, from, whyNot } = proof.close
  if (allowed)
    return say(`会被关闭，${money(proof.totalFee ?? 0)}`, `would be closed, ${money(proof.totalFee ?? 0)}`)
  if (from !== undefined) {
    const time = beijing(wholeSecondFrom(from), language)
    return say(`尚不能关闭，${time} 起可以`, `not yet: it can be closed from ${time} on`)
  }
  return whyNot === 'already-paid'
    ? say('已支付，不会关闭', 'paid: would not be closed')
    : say('之前已关闭', 'closed already')
}

const lookedJson = ({ outTradeNo, proof }: Looked): string =>
  jsonText({
    out_trade_no: outTradeNo,
    would_close: proof?.close.allowed ?? false,
    state: proof?.state,
    total_fee: proof?.totalFee,
  })

/** @throws CloudPayRefused; @throws CloudPayUnanswered */
export async function dryRunOfNumbers(
  cloudPay: CloudPay,
  numbers: Iterable<string>,
  { print, language }: Terminal,
  json: boolean,
): Promise<Sum> {
  const look = async (outTradeNo: string): Promise<Looked> => {
    const proved = await cloudPay.prove(outTradeNo)
    return { outTradeNo, proof: proved.outcome === 'proved' ? proved.proof : undefined }
  }
  const sum = { count: 0, fee: 0, notYet: 0 }
  for await (const looked of pMapIterable(numbers, look, { concurrency: 8 })) {
    print(json ? lookedJson(looked) : lookedLine(looked, language))
    if (looked.proof?.close.whyNot === 'too-early') sum.notYet++
    if (looked.proof?.close.allowed !== true) continue
    sum.count++
    sum.fee += looked.proof.totalFee ?? 0
  }
  return sum
}

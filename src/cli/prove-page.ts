/** What `cloudpay prove` prints. Owns the layout; what is said of the order is the server's. */
import type { Proof } from '../protocol/api/proof.ts'
import { readableTime, wholeSecondFrom } from '../protocol/beijing-time.ts'
import { printable } from '../protocol/printable.ts'
import type { Language, Text } from '../protocol/text.ts'
import { columns } from './columns.ts'
import type { Hints } from './hints.ts'
import { money } from './money.ts'
import { beijing } from './order-text.ts'

const labels = {
  order: { zh: '订单', en: 'order' },
  taken: { zh: '取证', en: 'looked at' },
  why: { zh: '原因', en: 'why' },
  itself: { zh: '本订单', en: 'itself' },
  toDo: { zh: '怎么办', en: 'what to do' },
  close: { zh: '关闭', en: 'closing' },
  purchase: { zh: '同一购买', en: 'purchase' },
  next: { zh: '系统将', en: 'the engine' },
} satisfies Record<string, Text>

const width = 12

const padded = (text: string, to: number) => text + ' '.repeat(Math.max(0, to - columns(text)))

const row = (label: Text | undefined, text: string, language: Language) =>
  `  ${padded(label?.[language] ?? '', width)}${printable(text)}`

function closing({ allowed, from, whyNot }: Proof['close'], language: Language): string {
  const say = (zh: string, en: string) => (language === 'zh' ? zh : en)
  if (allowed) return say('现在就可以关闭', 'allowed now')
  if (from !== undefined) {
    const time = beijing(wholeSecondFrom(from), language)
    return say(`${time} 起可以`, `from ${time} on`)
  }
  return whyNot === 'already-paid'
    ? say('不可以：已支付', 'no: it is paid')
    : say('已经关闭', 'closed already')
}

const holding: Readonly<Record<Proof['evidence']['holds'], Text>> = {
  unpayable: { zh: '不可支付', en: 'cannot be paid' },
  payable: { zh: '可以支付', en: 'can be paid' },
  reopenable: { zh: '未关闭', en: 'not closed' },
  paid: { zh: '已支付', en: 'paid' },
}

function purchaseLines({ purchase, outTradeNo }: Proof, language: Language): string[] {
  if (purchase === undefined) return []
  const { attempts, count, live } = purchase
  const head =
    language === 'zh' ? `${count} 次尝试，最新的是 ${live}` : `attempts: ${count}; the live one is ${live}`
  const longest = Math.max(...attempts.map((attempt) => attempt.outTradeNo.length))
  const lines = attempts.map(({ outTradeNo: number, state, holds, createdAt }) =>
    row(
      undefined,
      `${number === outTradeNo ? '>' : ' '} ${number.padEnd(longest)}  ${state.padEnd(7)}  ${readableTime(createdAt)}  ${holding[holds][language]}`,
      language,
    ),
  )
  return [row(labels.purchase, head, language), ...lines]
}

function nextLines({ next }: Proof, language: Language): string[] {
  if (next.length === 0)
    return [row(labels.next, language === 'zh' ? '不会自行做任何事' : 'does nothing by itself', language)]
  return next.map((step, at) => row(at === 0 ? labels.next : undefined, step[language], language))
}

/** @returns lines */
export function provePage(
  proof: Proof,
  language: Language,
  { hints, subMchId: named }: { readonly hints: Pick<Hints, 'told'>; readonly subMchId: string | undefined },
): string[] {
  const { outTradeNo, safe, state, totalFee, subMchId, envId, takenAt, reason, evidence, advice } = proof
  const verdict = {
    zh: safe ? '可以换新订单号' : '不可以换新订单号',
    en: safe ? 'safe to replace' : 'NOT safe to replace',
  }
  const facts = [state, ...(totalFee === undefined ? [] : [money(totalFee)])]
  const whose =
    language === 'zh'
      ? [`商户 ${subMchId}`, `环境 ${envId}`]
      : [`merchant ${subMchId}`, `environment ${envId}`]
  const itself =
    reason[language] === evidence[language] ? [] : [row(labels.itself, evidence[language], language)]
  return [
    `${outTradeNo}  ${verdict[language]}`,
    row(labels.order, [...facts, ...whose].join(', '), language),
    row(labels.taken, beijing(takenAt, language), language),
    row(labels.why, reason[language], language),
    ...itself,
    row(labels.toDo, hints.told(advice[language], named), language),
    row(labels.close, closing(proof.close, language), language),
    ...purchaseLines(proof, language),
    ...nextLines(proof, language),
  ]
}

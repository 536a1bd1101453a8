/**
 * Why an order is safe to replace or not, and what will become of it by itself: a pure function of what the ledger holds,
 * the rules of its environment and the time. Safe means: a new number may be ordered for the same purchase, by hand and
 * without `replaces`, and nobody can pay twice. Never: finding out, or doing, anything.
 */
import type { Notice } from '../ledger/notices.ts'
import type { Order } from '../ledger/order.ts'
import type { OrderEvidence, Purchase } from '../ledger/order-evidence.ts'
import { isPaid } from '../ledger/purchase-rules.ts'
import { decide, type OrderState } from '../ledger/rules.ts'
import type { Proof } from '../protocol/api/proof.ts'
import { wholeSecondFrom } from '../protocol/beijing-time.ts'
import type { Text } from '../protocol/text.ts'
import { at, closeReasons, type ProofRules, standingOf } from './order-standing.ts'

type Verdict = Pick<Proof, 'safe' | 'reason' | 'advice'>

/** The purchase is paid, or open, by another attempt: whatever this order is. */
function verdictOfOthers(
  { attempts }: Purchase,
  itself: Order,
  rules: ProofRules,
  now: Date,
): Verdict | undefined {
  const others = attempts.filter(({ outTradeNo }) => outTradeNo !== itself.outTradeNo)
  const winner = others.find(isPaid)
  if (winner !== undefined) {
    const how = standingOf(winner, rules, now)
    return {
      safe: false,
      reason: {
        code: 'purchase-paid',
        zh: `同一笔购买的订单 ${winner.outTradeNo} ${how.text.zh}`,
        en: `the order ${winner.outTradeNo} of the same purchase is ${how.text.en}`,
      },
      advice: how.advice,
    }
  }
  const open = others.find((other) => standingOf(other, rules, now).holds !== 'unpayable')
  if (open === undefined) return undefined
  const how = standingOf(open, rules, now)
  return {
    safe: false,
    reason: {
      code: 'attempt-open',
      zh: `它已被取代，但同一笔购买的订单 ${open.outTradeNo} ${how.text.zh}`,
      en: `its place was taken, and the order ${open.outTradeNo} of the same purchase is ${how.text.en}`,
    },
    advice: how.advice,
  }
}

function verdictOf({ order, purchase }: OrderEvidence, rules: ProofRules, now: Date): Verdict {
  const { code, holds, text, advice } = standingOf(order, rules, now)
  const own = { safe: holds === 'unpayable', reason: { code, ...text }, advice }
  if (holds === 'paid' || purchase === undefined) return own
  return verdictOfOthers(purchase, order, rules, now) ?? own
}

function closeOf(order: Order, now: Date): Proof['close'] {
  const decision = decide(order, 'close', now)
  if ('to' in decision) return { allowed: true }
  return decision.no === 'too-early'
    ? { allowed: false, whyNot: 'too-early', from: order.closableFrom }
    : { allowed: false, whyNot: decision.no }
}

const isDue = (time: Date, now: Date) => time <= now

/** The engine looks every second; a time that has come is told as such. */
const when = (time: Date, now: Date): Text =>
  isDue(time, now)
    ? { zh: `已到时间（${at(time).zh}），随即`, en: `is due since ${at(time).en}:` }
    : { zh: at(wholeSecondFrom(time)).zh, en: `at ${at(wholeSecondFrom(time)).en}:` }

/** What the engine does with it next where it does not close it. */
const asksNext: Partial<Record<OrderState, Text>> = {
  CREATING: { zh: '再次询问微信支付是否已下单', en: 'asks the channel again whether it was made' },
  CLOSED: { zh: '复查它是否仍未支付', en: 'looks whether it is still unpaid' },
}

function closesNext({ dueAt, closeWhy, order }: OrderEvidence, now: Date): Proof['next'] {
  if (dueAt === undefined) return []
  const asks =
    order.late === undefined
      ? asksNext[order.state]
      : { zh: '继续退回迟到的付款', en: 'goes on returning the late payment' }
  if (asks !== undefined) {
    const said = when(dueAt, now)
    const what = order.late === undefined ? 'ask' : 'return'
    return [
      { what, at: dueAt, due: isDue(dueAt, now), zh: `${said.zh} ${asks.zh}`, en: `${said.en} ${asks.en}` },
    ]
  }
  const [time, why] = [when(dueAt, now), closeWhy === undefined ? undefined : closeReasons[closeWhy]]
  return [
    {
      what: 'close',
      at: dueAt,
      due: isDue(dueAt, now),
      zh: `${time.zh} 关闭它${why === undefined ? '' : `（${why.zh}）`}`,
      en: `${time.en} closes it${why === undefined ? '' : ` (${why.en})`}`,
    },
  ]
}

const kindWords: Readonly<Record<Notice['kind'], Text>> = {
  paid: { zh: '付款通知', en: 'payment' },
  refunded: { zh: '退款通知', en: 'refund' },
}

function tellsNext({ kind, next, attempts }: Notice, now: Date): Proof['next'] {
  if (next === undefined) return []
  const time = new Date(next)
  const said = when(time, now)
  return [
    {
      what: 'tell',
      at: time,
      due: isDue(time, now),
      zh: `${said.zh} 发送回调（${kindWords[kind].zh}，第 ${attempts + 1} 次）`,
      en: `${said.en} sends its callback (${kindWords[kind].en}, attempt ${attempts + 1})`,
    },
  ]
}

const attemptOf = (order: Order, rules: ProofRules, now: Date) => ({
  outTradeNo: order.outTradeNo,
  state: order.state,
  holds: standingOf(order, rules, now).holds,
  createdAt: order.createdAt,
  paidAt: order.paidAt,
  closedAt: order.closedAt,
})

const purchaseOf = ({ purchase, live, count, attempts }: Purchase, rules: ProofRules, now: Date) => ({
  purchase,
  live,
  count,
  paid: attempts.find(isPaid)?.outTradeNo,
  attempts: attempts.map((attempt) => attemptOf(attempt, rules, now)),
})

/** @param now the environment's clock, read before the row was: what holds then holds of the row as it was read */
export function proveOrder(evidence: OrderEvidence, rules: ProofRules, now: Date): Proof {
  const { order, purchase, notices } = evidence
  const { holds, since, until, text } = standingOf(order, rules, now)
  const next = [...closesNext(evidence, now), ...notices.flatMap((notice) => tellsNext(notice, now))]
  return {
    envId: order.envId,
    subMchId: order.subMchId,
    outTradeNo: order.outTradeNo,
    state: order.state,
    totalFee: order.totalFee,
    takenAt: now,
    ...verdictOf(evidence, rules, now),
    evidence: { holds, since, until, ...text },
    purchase: purchase === undefined ? undefined : purchaseOf(purchase, rules, now),
    close: closeOf(order, now),
    next: next.sort((a, b) => a.at.getTime() - b.at.getTime()),
  }
}

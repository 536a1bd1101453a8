/**
 * Where an order stands by itself, whatever its purchase: who can pay it, since when, on what evidence, and what to do. A pure
 * table by channel and state, told for people and for programs. Never: what follows for its purchase (prove-order.ts).
 */
import type { Evidence } from '../ledger/asking.ts'
import type { CloseWhy } from '../ledger/deadlines.ts'
import type { Environment } from '../ledger/environments.ts'
import type { HistoryEvent, Order } from '../ledger/order.ts'
import { decide, type OrderState } from '../ledger/rules.ts'
import type { Proof } from '../protocol/api/proof.ts'
import { readableTime } from '../protocol/beijing-time.ts'
import { ruleOf } from '../protocol/rule-profiles.ts'
import { lastArgument } from '../protocol/shell-quoted.ts'
import type { Text } from '../protocol/text.ts'

export type ProofRules = Pick<Environment, 'channel' | 'profile'>

/** Where an order stands by itself, whatever its purchase. */
export interface Standing {
  /** For programs. */
  readonly code: string
  readonly holds: Proof['evidence']['holds']
  readonly since?: Date | undefined
  readonly until?: Date | undefined
  readonly text: Text
  readonly advice: Text
}

type StandingOf = (order: Order, rules: ProofRules, now: Date) => Standing

export const at = (time: Date | undefined): Text =>
  time === undefined
    ? { zh: '未知时间', en: 'an unknown time' }
    : { zh: `北京时间 ${readableTime(time)}`, en: `${readableTime(time)} Beijing time` }

const yuan = (fen: number) => (fen / 100).toFixed(2)

const lastEvent = ({ history }: Order, event: HistoryEvent['event']) =>
  history.findLast((one) => one.event === event)

export const closeReasons: Readonly<Record<CloseWhy, Text>> = {
  time_expire: { zh: '自身的 time_expire', en: 'its own time_expire' },
  close_after: { zh: '环境设置的 closeAfter', en: "the environment's closeAfter" },
  seven_days: { zh: '满七天', en: 'seven days after it was made' },
  replaced: { zh: '已被新的订单号取代', en: 'another number took its place' },
  purchase_paid: { zh: '同一笔购买已由另一订单支付', en: 'another attempt of its purchase was paid' },
}

const replaceIt = ({ outTradeNo }: Order): Text => ({
  zh: `用新订单号调用 unifiedOrder，并带上 replaces: "${outTradeNo}"：它会先让旧单不可支付；或者先关闭它：cloudpay close ${lastArgument(outTradeNo)}`,
  en: `call unifiedOrder with a new number and replaces: "${outTradeNo}", which makes the old one unpayable first; or close it: cloudpay close ${lastArgument(outTradeNo)}`,
})

const orderAnew: Text = {
  zh: '可以换新订单号重新下单',
  en: 'order again with a new number',
}

/** A payment's guard reads the time at which it began: one that began before may still be on its way to the row. */
const stillToArrive: Text = {
  zh: '在此之前开始的支付仍可能到账，只有关闭才是定论',
  en: 'a payment that began before may still arrive, and only a close settles it',
}

function unpaid(order: Order, rules: ProofRules, now: Date): Standing {
  const { payableUntil, expiresAt, createdAt } = order
  const advice = replaceIt(order)
  if ('to' in decide(order, 'pay', now)) {
    const until = at(payableUntil)
    return {
      code: 'payable',
      holds: 'payable',
      since: createdAt,
      until: payableUntil,
      text: {
        zh: `未支付，付款人在${until.zh} 之前都可以支付`,
        en: `unpaid: the payer can pay it until ${until.en}`,
      },
      advice,
    }
  }
  if ('to' in decide(order, 'renew', now)) {
    const [from, until] = [at(payableUntil), at(expiresAt)]
    return {
      code: 'prepay-expired',
      holds: 'reopenable',
      since: payableUntil,
      until: expiresAt,
      text: {
        zh: `未支付，prepay_id 的两小时已于${from.zh} 结束；在${until.zh} 之前，相同的 unifiedOrder 会让它重新可以支付。${stillToArrive.zh}`,
        en: `unpaid: its prepay_id's two hours ended at ${from.en}, but until ${until.en} the same unifiedOrder makes it payable again; ${stillToArrive.en}`,
      },
      advice,
    }
  }
  const ended = at(expiresAt)
  const revives = ruleOf('identicalAfterTimeExpire', rules.profile) === 'revived'
  return {
    code: 'out-of-time',
    holds: 'reopenable',
    since: expiresAt,
    text: {
      zh: `未支付，期限已于${ended.zh} 结束，但还没有关闭。${stillToArrive.zh}${revives ? '；而且相同的 unifiedOrder 会让它重新可以支付' : ''}`,
      en: `unpaid: its time ended at ${ended.en}, but nothing has closed it; ${stillToArrive.en}${revives ? ', and the same unifiedOrder makes it payable again' : ''}`,
    },
    advice,
  }
}

/** In the sandbox this is final: the row itself refuses. */
const closing: StandingOf = (order) => {
  const paidElsewhere = lastEvent(order, 'closing')
  if (order.replacedBy === undefined && paidElsewhere !== undefined) {
    const since = new Date(paidElsewhere.at)
    return {
      code: 'closing',
      holds: 'unpayable',
      since,
      text: {
        zh: `正在关闭：自${at(since).zh} 同一笔购买由另一订单支付起，任何支付都被拒绝`,
        en: `being closed: since another attempt of its purchase was paid at ${at(since).en} it refuses every payment`,
      },
      advice: orderAnew,
    }
  }
  const replaced = lastEvent(order, 'replaced')
  const since = replaced === undefined ? undefined : new Date(replaced.at)
  const from = at(since)
  return {
    code: 'closing',
    holds: 'unpayable',
    since,
    text: {
      zh: `正在关闭：自${from.zh} 被 ${order.replacedBy ?? '新的订单号'} 取代起，任何支付都被拒绝`,
      en: `being closed: since ${order.replacedBy ?? 'another number'} took its place at ${from.en} it refuses every payment`,
    },
    advice: orderAnew,
  }
}

const refundedText = ({ refundedFee, totalFee, refundCount }: Order): Text => ({
  zh: `；已接受 ${refundCount} 笔退款，共 ${yuan(refundedFee)} 元（订单 ${yuan(totalFee ?? 0)} 元）`,
  en: `; refunds accepted: ${refundCount}, of ${yuan(refundedFee)} out of ${yuan(totalFee ?? 0)} CNY`,
})

const paid: StandingOf = (order) => {
  const when = at(order.paidAt)
  const refunds = order.state === 'REFUND' ? refundedText(order) : { zh: '', en: '' }
  return {
    code: order.state === 'REFUND' ? 'refunded' : 'paid',
    holds: 'paid',
    since: order.paidAt,
    text: {
      zh: `已于${when.zh} 支付，交易号 ${order.transactionId ?? '未知'}${refunds.zh}`,
      en: `paid at ${when.en} by transaction ${order.transactionId ?? 'unknown'}${refunds.en}`,
    },
    advice: {
      zh: '不要再次下单：请发货，或退款',
      en: 'do not order again: fulfil it, or refund it',
    },
  }
}

function closedBy(order: Order): Text {
  const { by, why } = lastEvent(order, 'closed') ?? {}
  if (by === 'caller') return { zh: '由调用方', en: ' by a caller' }
  if (by !== 'engine' || why === undefined) return { zh: '', en: '' }
  return { zh: `由系统（${closeReasons[why].zh}）`, en: ` by the engine (${closeReasons[why].en})` }
}

/** Its money is with the merchant, until all of it went back. */
function paidLate({ late }: Order): Standing | undefined {
  if (late === undefined) return undefined
  const [paidAt, returned] = [at(new Date(late.paidAt)), late.returnedAt]
  if (returned !== undefined) {
    const back = at(new Date(returned))
    return {
      code: 'late-returned',
      holds: 'unpayable',
      since: new Date(returned),
      text: {
        zh: `关闭后仍在${paidAt.zh} 被支付（${yuan(late.fee)} 元），已于${back.zh} 全部退回`,
        en: `closed, and paid all the same at ${paidAt.en} (${yuan(late.fee)} CNY); all of it was returned by ${back.en}`,
      },
      advice: orderAnew,
    }
  }
  const next: Text =
    late.decision === 'refund'
      ? { zh: '正在退回', en: 'it is on its way back' }
      : {
          zh: '等人决定：POST /api/orders/late，或用 refund 退回',
          en: 'a person has to decide: POST /api/orders/late, or a refund',
        }
  return {
    code: late.decision === 'refund' ? 'late-returning' : 'late-undecided',
    holds: 'paid',
    since: new Date(late.paidAt),
    text: {
      zh: `关闭后仍在${paidAt.zh} 被支付（${yuan(late.fee)} 元，交易号 ${late.transactionId}）；${next.zh}`,
      en: `closed, and paid all the same at ${paidAt.en} (${yuan(late.fee)} CNY, transaction ${late.transactionId}); ${next.en}`,
    },
    advice: {
      zh: '钱退回之前不要再次下单',
      en: 'do not order again before the money went back',
    },
  }
}

const closed: StandingOf = (order) => {
  const late = paidLate(order)
  if (late !== undefined) return late
  const when = at(order.closedAt)
  if (order.request === undefined) {
    return {
      code: 'remembered',
      holds: 'unpayable',
      since: order.closedAt,
      text: {
        zh: `从未下单；该订单号已于${when.zh} 记为关闭，之后到达的下单都被拒绝`,
        en: `never ordered: the number was remembered as closed at ${when.en}, and any order that arrives under it is refused`,
      },
      advice: orderAnew,
    }
  }
  const who = closedBy(order)
  return {
    code: 'closed',
    holds: 'unpayable',
    since: order.closedAt,
    text: {
      zh: `未支付，已于${when.zh} ${who.zh}关闭；关闭是最终的，任何支付都被拒绝`,
      en: `closed unpaid${who.en} at ${when.en}; that is final, and every payment is refused`,
    },
    advice: orderAnew,
  }
}

/** Where the channel has to be asked: how it stands is not known there yet. */
const unknown =
  (code: string, holds: Standing['holds'], text: Text): StandingOf =>
  (order) => ({ code, holds, since: order.createdAt, text, advice: waitForIt })

const waitForIt: Text = {
  zh: '先不要换号：相同的 unifiedOrder 或 closeOrder 可以安全地再调用，系统也会继续查询，直到确定',
  en: 'take no new number yet: the same unifiedOrder or closeOrder is safe to repeat, and the engine goes on asking until it is certain',
}

const evidences: Readonly<Record<Evidence, Text>> = {
  'never-sent': { zh: '从未发往微信支付', en: 'it was never sent to the channel' },
  'never-made': {
    zh: '微信支付查无此单，此前发出的请求也都已不可能再生效',
    en: 'the channel does not know it, and nothing that was sent can reach it any more',
  },
  'said-closed': { zh: '微信支付查询结果为 CLOSED', en: "the channel's query says CLOSED" },
  expired: {
    zh: '微信支付称已关闭，查询仍为 NOTPAY，但订单期限已过五分钟，无人能再支付',
    en: 'the channel said that it closed it and still says NOTPAY, but its own time was over five minutes ago: nobody can pay it',
  },
}

const closedByAsking: StandingOf = (order, rules, now) => {
  const known = closed(order, rules, now)
  const { evidence } = order.asking ?? {}
  if (evidence === undefined || known.code !== 'closed') return known
  const [on, since] = [evidences[evidence], at(order.closedAt)]
  return {
    ...known,
    text: {
      zh: `未支付，已于${since.zh} 关闭。依据：${on.zh}；关闭后 25 小时内仍会复查`,
      en: `closed unpaid at ${since.en}. Evidence: ${on.en}; it is looked at again for 25 hours`,
    },
  }
}

/**
 * By the channel, and the state that the order is in. The sandbox's rows are final, for its payers ask the row itself; a
 * channel that has to be asked needs rows, and evidence, of its own.
 */
const standings: Readonly<Record<Environment['channel'], Readonly<Record<OrderState, StandingOf>>>> = {
  sandbox: {
    // Neither is ever there: nothing has to be asked.
    WAITING: unpaid,
    CREATING: unpaid,
    NOTPAY: unpaid,
    CLOSING: closing,
    SUCCESS: paid,
    REFUND: paid,
    CLOSED: closed,
  },
  wechatpay: {
    WAITING: unknown('waiting', 'reopenable', {
      zh: '尚未发往微信支付：要等它取代的订单确定不可支付',
      en: 'not sent to the channel: it waits until nobody can pay what it replaces',
    }),
    CREATING: unknown('creating', 'reopenable', {
      zh: '已发往微信支付，结果未知；它的 prepay_id 没有交给任何人',
      en: 'sent to the channel, the outcome unknown; its prepay was handed to nobody',
    }),
    NOTPAY: unpaid,
    CLOSING: unknown('closing-asked', 'payable', {
      zh: '正在关闭，微信支付尚未确认：付款人可能仍能支付',
      en: 'being closed, and the channel has not confirmed it: its payer may still be able to pay',
    }),
    SUCCESS: paid,
    REFUND: paid,
    CLOSED: closedByAsking,
  },
}

export const standingOf: StandingOf = (order, rules, now) =>
  standings[rules.channel][order.state](order, rules, now)

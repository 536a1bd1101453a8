/**
 * What stands on an order, in words: its state, what happened to it, its callbacks and refunds. Owns the texts. Light, for
 * `--help` imports it: of the API's schemas it takes the types alone, which hold its tables complete.
 */
import type { ApiTold } from '../protocol/api/callbacks.ts'
import type { ApiOrderDetail } from '../protocol/api/order-detail.ts'
import type { ApiOrder } from '../protocol/api/orders.ts'
import type { ApiRefund } from '../protocol/api/refund.ts'
import type { Language, Text } from '../protocol/text.ts'
import { yuan } from './money.ts'
import type { Cell } from './table.ts'
import type { Style } from './terminal.ts'

type Word = Text & { readonly style?: Style }

const states: Readonly<Record<ApiOrder['state'], Word>> = {
  WAITING: { zh: '等待下单', en: 'waiting', style: 'yellow' },
  CREATING: { zh: '下单中', en: 'being made', style: 'yellow' },
  NOTPAY: { zh: '待支付', en: 'unpaid', style: 'yellow' },
  CLOSING: { zh: '关闭中', en: 'closing', style: 'yellow' },
  SUCCESS: { zh: '已支付', en: 'paid', style: 'green' },
  REFUND: { zh: '已退款', en: 'refunded', style: 'cyan' },
  CLOSED: { zh: '已关闭', en: 'closed', style: 'dim' },
}

/** All that there are, as the API and `--state` spell them. */
export const stateNames: readonly string[] = Object.keys(states)

type Stands = Pick<ApiOrder, 'state' | 'totalFee' | 'refundedFee'>

/** A refund of a part leaves the rest paid: the word alone would hide it. */
const partText = ({ refundedFee, totalFee = 0 }: Stands): Text => ({
  zh: `已退 ${yuan(refundedFee)}，共 ${yuan(totalFee)}`,
  en: `refunded ${yuan(refundedFee)} of ${yuan(totalFee)}`,
})

export function stateCell(order: Stands, language: Language): Cell {
  const { state, totalFee = 0, refundedFee } = order
  const word = states[state]
  const said = state === 'REFUND' && refundedFee < totalFee ? partText(order) : word
  return { text: said[language], style: word.style }
}

const events: Readonly<Record<string, Text>> = {
  ordered: { zh: '下单', en: 'ordered' },
  renewed: { zh: '再次下单，换了新的 prepay_id', en: 'ordered again, with a fresh prepay_id' },
  revived: { zh: '过期后再次下单', en: 'ordered again after its time was up' },
  paid: { zh: '支付成功', en: 'paid' },
  replaced: { zh: '被新的订单号取代', en: 'replaced' },
  closed: { zh: '关闭', en: 'closed' },
  remembered: { zh: '记为关闭，从未下单', en: 'remembered as closed, never ordered' },
  'refund-accepted': { zh: '受理退款', en: 'refund accepted' },
  'refund-closed': { zh: '退款关闭', en: 'refund closed' },
  closing: { zh: '开始关闭', en: 'to be closed' },
  created: { zh: '渠道已有此单', en: 'the channel has it' },
  refused: { zh: '渠道拒绝', en: 'refused by the channel' },
  'paid-late': { zh: '付得太迟', en: 'paid too late' },
  decided: { zh: '决定了迟到的付款', en: 'late payment decided' },
  returned: { zh: '迟到的付款已退回', en: 'late payment returned' },
  'return-failed': { zh: '迟到的付款退回失败', en: 'return of the late payment failed' },
}

const actors: Readonly<Record<string, Text>> = {
  caller: { zh: '商户', en: 'the shop' },
  engine: { zh: '系统', en: 'the engine' },
  policy: { zh: '按环境的设置', en: "the environment's policy" },
  operator: { zh: '运营人员', en: 'an operator' },
}

const reasons: Readonly<Record<string, Text>> = {
  time_expire: { zh: 'time_expire 已到', en: 'its time_expire came' },
  close_after: { zh: 'closeAfter 已到', en: 'closeAfter was over' },
  seven_days: { zh: '七天未支付', en: 'seven days unpaid' },
  replaced: { zh: '已换新订单号', en: 'another number took its place' },
  purchase_paid: { zh: '这笔购买已由另一订单支付', en: 'another attempt paid the purchase' },
}

/** A word of a newer server is shown as it is. */
const wordOf = (words: Readonly<Record<string, Text>>, code: string, language: Language) =>
  words[code]?.[language] ?? code

type Event = ApiOrderDetail['history'][number]

/** @param money of an amount */
export function eventText(event: Event, language: Language, money: (fen: number) => string): string {
  const { by, why, successor, outRefundNo, refundFee } = event
  const more = [
    successor,
    outRefundNo,
    refundFee === undefined ? undefined : money(refundFee),
    by === undefined ? undefined : wordOf(actors, by, language),
    why === undefined ? undefined : wordOf(reasons, why, language),
  ].filter((part) => part !== undefined)
  const name = wordOf(events, event.event, language)
  if (more.length === 0) return name
  return language === 'zh' ? `${name}（${more.join('，')}）` : `${name} (${more.join(', ')})`
}

const refundStates: Readonly<Record<ApiRefund['state'], Word>> = {
  PROCESSING: { zh: '退款中', en: 'under way', style: 'yellow' },
  SUCCESS: { zh: '已退', en: 'refunded', style: 'green' },
  CHANGE: { zh: '退款异常', en: 'cannot arrive', style: 'red' },
  REFUNDCLOSE: { zh: '退款关闭', en: 'given up', style: 'red' },
}

export function refundCell({ state }: Pick<ApiRefund, 'state'>, language: Language): Cell {
  const word = refundStates[state]
  return { text: word[language], style: word.style }
}

const noticeWords: Readonly<Record<ApiTold['state'], Word>> = {
  pending: { zh: '等待发送', en: 'pending', style: 'yellow' },
  failing: { zh: '失败，会重试', en: 'failing', style: 'red' },
  undeliverable: { zh: '无处可发', en: 'undeliverable', style: 'red' },
  exhausted: { zh: '不再重试', en: 'exhausted', style: 'red' },
  delivered: { zh: '已送达', en: 'delivered', style: 'green' },
}

/** All that there are, as the API and `--state` spell them. */
export const noticeStateNames: readonly string[] = Object.keys(noticeWords)

export function noticeCell(state: ApiTold['state'], language: Language): Cell {
  const word = noticeWords[state]
  return { text: word[language], style: word.style }
}

const kinds: Readonly<Record<string, Text>> = {
  paid: { zh: '支付', en: 'paid' },
  refunded: { zh: '退款', en: 'refunded' },
}

export const kindText = (kind: string, language: Language) => wordOf(kinds, kind, language)

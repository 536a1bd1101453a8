/** One word for each state, wherever it stands. */
import type { Text } from '../../protocol/text.ts'

export const orderStateWords = {
  WAITING: { zh: '等待中', en: 'Waiting' },
  CREATING: { zh: '下单中', en: 'Being made' },
  NOTPAY: { zh: '待支付', en: 'Unpaid' },
  CLOSING: { zh: '关闭中', en: 'Closing' },
  SUCCESS: { zh: '已支付', en: 'Paid' },
  REFUND: { zh: '有退款', en: 'With refunds' },
  CLOSED: { zh: '已关闭', en: 'Closed' },
} as const satisfies Record<string, Text>

export const outOfTime: Text = { zh: '已超时', en: 'Out of time' }
export const paidTooLate: Text = { zh: '付款来迟', en: 'Paid too late' }
export const partlyRefunded: Text = { zh: '部分退款', en: 'Partly refunded' }
export const fullyRefunded: Text = { zh: '已全额退款', en: 'Refunded' }
/** Of a list, which does not know whether the money is there already. */
export const ofRefunds = {
  part: { zh: '部分退款', en: 'Partial refund' },
  whole: { zh: '全额退款', en: 'Full refund' },
} as const satisfies Record<string, Text>
export const refundUnderWay: Text = { zh: '退款中', en: 'Refund under way' }
export const refundStuck: Text = { zh: '退款异常', en: 'Refund stuck' }

export const noticeStateWords = {
  pending: { zh: '待发送', en: 'Pending' },
  failing: { zh: '重试中', en: 'Failing' },
  exhausted: { zh: '已放弃', en: 'Given up' },
  undeliverable: { zh: '无人接收', en: 'Undeliverable' },
  delivered: { zh: '已送达', en: 'Delivered' },
} as const satisfies Record<string, Text>

export const refundStateWords = {
  PROCESSING: { zh: '退款中', en: 'Under way' },
  SUCCESS: { zh: '已退款', en: 'Refunded' },
  CHANGE: { zh: '退款异常', en: 'Stuck (CHANGE)' },
  REFUNDCLOSE: { zh: '退款关闭', en: 'Closed' },
} as const satisfies Record<string, Text>

export const holdsWords = {
  unpayable: { zh: '不可再支付', en: 'nobody can pay it' },
  payable: { zh: '可支付', en: 'can be paid' },
  reopenable: { zh: '未确定', en: 'not certain yet' },
  paid: { zh: '已支付', en: 'was paid' },
} as const satisfies Record<string, Text>

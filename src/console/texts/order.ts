import type { Text } from '../../protocol/text.ts'

export const order = {
  back: { zh: '全部订单', en: 'All orders' },
  notFound: { zh: '没有这个订单', en: 'There is no such order' },
  notFoundWhy: {
    zh: '商户 {merchant} 在环境 {env} 里没有订单 {number}。',
    en: 'Merchant {merchant} has no order {number} in environment {env}.',
  },
  now: { zh: '现在', en: 'Now' },
  safe: { zh: '可以换新订单号重新下单', en: 'Safe to order again with a new number' },
  notSafe: { zh: '不要直接换号重新下单', en: 'Do not simply order again with a new number' },
  facts: { zh: '订单信息', en: 'Facts' },
  refunded: { zh: '已退', en: 'Refunded' },
  underWay: { zh: '退款中', en: 'Refund under way' },
  body: { zh: '商品', en: 'What is sold' },
  merchant: { zh: '商户号', en: 'Merchant' },
  payer: { zh: '付款人', en: 'Payer' },
  transaction: { zh: '微信支付订单号', en: 'Transaction' },
  type: { zh: '支付方式', en: 'Trade type' },
  target: { zh: '回调到', en: 'Callback goes to' },
  created: { zh: '下单', en: 'Ordered' },
  closableFrom: { zh: '可关闭自', en: 'Closable from' },
  payableUntil: { zh: '可支付至', en: 'Payable until' },
  purchase: { zh: '购买', en: 'Purchase' },
  alone: {
    zh: '这笔购买只有这一个订单。',
    en: 'This order is the whole purchase.',
  },
  replaceIt: {
    zh: '要重新支付，用上面的「换号重新支付」，或在代码里用 replaces：两个订单不会都被支付。',
    en: 'To start it again use “Pay again with a new number” above, or replaces in code: never will both be paid.',
  },
  chain: { zh: '同一笔购买的订单，按先后', en: 'Orders of this purchase, in their order' },
  thisOne: { zh: '本订单', en: 'this order' },
  can: { zh: '现在可以做', en: 'What can be done now' },
  nothing: { zh: '没有需要做的事。', en: 'Nothing is left to do.' },
  close: { zh: '关闭订单', en: 'Close the order' },
  notYet: {
    zh: '下单满 5 分钟才能关闭：还差 {span}（{at}）。可以把时钟拨过去。',
    en: 'It can be closed five minutes after it was made: in {span}, at {at}. Advance the clock to get there.',
  },
  toClosable: { zh: '拨到可关闭时（{span}）', en: 'Advance to when it can be closed ({span})' },
  toDeadline: { zh: '拨到支付期限（{span}）', en: 'Advance to its deadline ({span})' },
  toClose: { zh: '拨到自动关单时（{span}）', en: 'Advance to when it is closed by itself ({span})' },
  toCallback: { zh: '拨到下一次回调（{span}）', en: 'Advance to the next callback ({span})' },
  toRefund: { zh: '拨到退款出结果时（{span}）', en: 'Advance to the outcome of the refund ({span})' },
  refund: { zh: '退款', en: 'Refund' },
  refundAmount: { zh: '退款金额（元）', en: 'Amount to refund (CNY)' },
  refundLeft: { zh: '还可退 {most}', en: '{most} is left to refund' },
  refundTooMuch: { zh: '最多还能退 {most}', en: 'No more than {most} is left to refund' },
  resend: { zh: '重发回调', en: 'Resend the callback' },
  late: {
    zh: '订单关闭之后付款才到，要由人决定这笔钱：',
    en: 'The payment came after the order was closed. A person decides what becomes of it:',
  },
  lateRefund: { zh: '退回付款人', en: 'Return it to its payer' },
  lateAdopt: { zh: '收下，订单改为已支付', en: 'Keep it: the order is paid' },
  timeline: { zh: '经过', en: 'What happened' },
  calls: { zh: '调用记录', en: 'Calls' },
  noCallsYet: {
    zh: '还没有记下调用，稍后会自动出现。',
    en: 'No call was written down yet; it appears by itself.',
  },
  noCalls: { zh: '没有留下这个订单号的调用。', en: 'No call of this number was kept.' },
  copyAs: { zh: '把这次下单复制为', en: 'Copy this order as' },
  sdk: { zh: 'SDK 代码', en: 'SDK code' },
  next: { zh: '接下来会自动发生', en: 'What happens next by itself' },
  settlesAt: {
    zh: '北京时间 {at} 退款 {number}（{amount}）出结果',
    en: 'At {at} Beijing time: the outcome of refund {number} ({amount})',
  },
  settles: {
    zh: '退款 {number}（{amount}）出结果',
    en: 'The outcome of refund {number} ({amount})',
  },
  closed: { zh: '订单已关闭，任何支付都会被拒绝', en: 'the order is closed, every payment is refused' },
  paid: {
    zh: '订单已支付，不能关闭；要退钱请用退款',
    en: 'the order was paid and cannot be closed; refund it instead',
  },
  tooEarly: { zh: '还不能关闭，要到 {at}', en: 'it cannot be closed before {at}' },
  refundTaken: { zh: '退款已受理', en: 'the refund was accepted' },
  refundRefused: { zh: '退款被拒绝：{why}', en: 'the refund was refused: {why}' },
  resent: { zh: '回调已重发，看「经过」里的结果', en: 'sent again; what came of it stands below' },
  decided: { zh: '已决定', en: 'decided' },
  notDecided: { zh: '没有改变：已有别的决定', en: 'nothing changed: it was decided otherwise' },
  purchasePaid: {
    zh: '同一笔购买的 {paid} 已支付，这笔只能退回',
    en: '{paid} of the same purchase was paid: this payment can only go back',
  },
} as const satisfies Record<string, Text>

/** Paying again with a new number. */
export const replacing = {
  title: { zh: '换号重新支付', en: 'Pay again with a new number' },
  hint: {
    zh: '用 replaces：旧单先作废，不会付两次',
    en: 'by replaces: this one is void first, never will both be paid',
  },
  why: {
    zh: '用新的订单号重新下单，取代 {number}：旧单从此拒绝一切付款，所以两个订单不会都被支付。',
    en: 'Orders once more under a new number, in the place of {number}, which refuses every payment from then on: never will both be paid.',
  },
  number: { zh: '新的商户订单号', en: 'New order number' },
  inCode: {
    zh: '代码里的写法：unifiedOrder 换用新订单号，并带上 replaces: "{number}"。',
    en: 'In code: unifiedOrder with the new number and replaces: "{number}".',
  },
  make: { zh: '取代旧单并下单', en: 'Order in its place' },
} as const satisfies Record<string, Text>

/** What the history of an order names. */
export const eventWords: Readonly<Record<string, Text>> = {
  ordered: { zh: '下单', en: 'Ordered' },
  renewed: { zh: '换了新的 prepay', en: 'A fresh prepay was made' },
  revived: { zh: '恢复为可支付', en: 'Revived: it can be paid again' },
  paid: { zh: '付款成功', en: 'Paid' },
  replaced: { zh: '被新的订单取代', en: 'Another order took its place' },
  closed: { zh: '关闭', en: 'Closed' },
  remembered: { zh: '从未下单，订单号记为已关闭', en: 'Never ordered: the number is remembered as closed' },
  'refund-accepted': { zh: '退款已受理', en: 'Refund accepted' },
  'refund-closed': { zh: '退款关闭', en: 'Refund closed' },
  closing: { zh: '开始关闭', en: 'Closing began' },
  created: { zh: '微信支付已受理', en: 'The channel has it' },
  refused: { zh: '微信支付拒绝下单', en: 'The channel refused it' },
  'paid-late': { zh: '关闭之后收到付款', en: 'Paid after it was closed' },
  decided: { zh: '决定了来迟的付款', en: 'The late payment was decided' },
  returned: { zh: '来迟的付款已退回', en: 'The late payment went back' },
  'return-failed': { zh: '退回来迟的付款失败', en: 'Returning the late payment failed' },
}

export const byWords: Readonly<Record<string, Text>> = {
  caller: { zh: '由调用方', en: 'by a caller' },
  engine: { zh: '由系统', en: 'by the engine' },
  policy: { zh: '按环境的设置', en: 'by the setting of the environment' },
  operator: { zh: '由人', en: 'by a person' },
}

export const whyWords: Readonly<Record<string, Text>> = {
  time_expire: { zh: '到了 time_expire', en: 'its time_expire came' },
  close_after: { zh: '到了 closeAfter', en: 'closeAfter was over' },
  seven_days: { zh: '满七天', en: 'seven days were over' },
  replaced: { zh: '被取代', en: 'another took its place' },
  purchase_paid: { zh: '同一笔购买已支付', en: 'another attempt was paid' },
  caller: { zh: '由调用方', en: 'a caller' },
  operator: { zh: '由人', en: 'a person' },
}

export const timeline = {
  callback: { zh: '回调第 {n} 次', en: 'Callback, attempt {n}' },
  refundCallback: { zh: '退款回调第 {n} 次', en: 'Callback of the refund, attempt {n}' },
  acknowledged: { zh: '对方已确认', en: 'acknowledged' },
  failed: { zh: '失败', en: 'failed' },
  refunded: { zh: '退款到账', en: 'Refund arrived' },
  sent: { zh: '发送的内容', en: 'What was sent' },
  answer: { zh: '对方的回答', en: 'What came back' },
  nothingBack: { zh: '没有回答', en: 'nothing' },
  waits: { zh: '回调待送达', en: 'Callback not delivered yet' },
  nextAttempt: { zh: '下次 {at}', en: 'next at {at}' },
} as const satisfies Record<string, Text>

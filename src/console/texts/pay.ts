/** The payer's phone. */
import type { Text } from '../../protocol/text.ts'

export const pay = {
  phone: { zh: '付款人的手机', en: "The payer's phone" },
  sandbox: { zh: '沙箱：不会扣真实的钱', en: 'Sandbox: no real money moves' },
  cashier: { zh: '确认支付', en: 'Confirm payment' },
  payNow: { zh: '立即支付', en: 'Pay now' },
  password: { zh: '请输入支付密码', en: 'Enter the password' },
  then: { zh: '付款人接下来：', en: 'What the payer does:' },
  pay: { zh: '输入密码，付款', en: 'Enters it and pays' },
  cancel: { zh: '取消支付', en: 'Cancels' },
  fail: { zh: '支付失败', en: 'Payment fails' },
  wait: { zh: '停在这一页', en: 'Stays on this page' },
  calls: { zh: '每个按钮发出的调用', en: 'The call of each button' },
  paid: { zh: '支付成功', en: 'Paid' },
  waiting: { zh: '付款人停在密码页', en: 'The payer is on the password page' },
  cancelled: { zh: '已取消，订单仍可支付', en: 'Cancelled; the order can still be paid' },
  failed: { zh: '支付失败，订单仍可支付', en: 'It failed; the order can still be paid' },
  shopHears: { zh: '小程序收到', en: 'The mini program hears' },
  done: { zh: '完成', en: 'Done' },
  again: { zh: '再付一次', en: 'Try again' },
  refused: { zh: '不能支付', en: 'It cannot be paid' },
  scan: { zh: '用手机扫码打开收银台，或在这里付', en: 'Scan it with a phone, or pay here' },
  loopback: {
    zh: '这个地址只有本机能打开，手机扫不开。要用手机，请以 `--host 0.0.0.0 --public-url http://192.168.1.5:{port}`（换成本机在局域网的地址）启动服务，并配上自己的密钥和管理员令牌；或者',
    en: 'Its address is this machine’s own: no phone can open it. For a phone, start the server with `--host 0.0.0.0 --public-url http://192.168.1.5:{port}` (your own address in the network), keys of your own and an administrator token; or',
  },
  openHere: { zh: '在这里打开收银台', en: 'open the cashier here' },
  code: { zh: '付款二维码', en: 'QR code to pay' },
  openH5: { zh: '打开 H5 收银台', en: 'Open the H5 cashier' },
  alreadyPaid: { zh: '这个订单已支付', en: 'This order was paid' },
  closed: {
    zh: '订单已关闭，不能再付；请换新订单号下单',
    en: 'The order is closed: order again with a new number',
  },
  lateAsks: {
    zh: '订单关闭之后才付了款：这笔钱正等人决定退回还是收下，请不要重新下单',
    en: 'It was paid after it had been closed. Whether that money goes back is being decided: do not order again yet',
  },
  lateReturns: {
    zh: '订单关闭之后才付了款：这笔钱正在退回，退到之前请不要重新下单',
    en: 'It was paid after it had been closed, and that money is on its way back: do not order again before it is there',
  },
  outOfTime: { zh: '已过支付期限，不能再付', en: 'It ran out of time, and cannot be paid' },
  closing: { zh: '订单正在关闭，不能再付', en: 'The order is being closed, and cannot be paid' },
  replaced: { zh: '这个订单已被取代，不能再付', en: 'Another order took its place' },
  replacedBy: { zh: '请支付取代它的订单', en: 'Pay that one instead:' },
  lastTime: { zh: '上一次：{what} · 真实时间', en: 'Last time: {what} · real time' },
} as const satisfies Record<string, Text>

/** What became of a payer who did not pay, by the outcome that was logged. */
export const cameToNothing: Readonly<Record<string, Text>> = {
  cancelled: { zh: '付款人取消了支付', en: 'the payer cancelled' },
  failed: { zh: '支付失败', en: 'the payment failed' },
  waiting: { zh: '付款人停在密码页', en: 'the payer stayed on the password page' },
}

export const payers = {
  payer: { zh: '付款人', en: 'Payer' },
  byDefault: { zh: '默认付款人', en: 'Default payer' },
  title: { zh: '添加付款人', en: 'Add a payer' },
  name: { zh: '名称', en: 'Name' },
  openid: { zh: 'openid（可不填）', en: 'openid (may be left empty)' },
  openidHint: { zh: '不填则自动生成一个', en: 'Empty: a new one is made' },
  openidForm: { zh: '字母、数字和 _-', en: 'letters, digits and _-' },
  add: { zh: '添加', en: 'Add' },
} as const satisfies Record<string, Text>

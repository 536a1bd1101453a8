import type { Text } from '../../protocol/text.ts'

export const callbacks = {
  intro: {
    zh: '付款与退款的结果会通知到下单时指定的云函数、容器或网址。没有送达的都在这里。',
    en: 'Payments and refunds are told to the function, container or address that the order named. What has not arrived stands here.',
  },
  open: { zh: '未送达', en: 'Not delivered' },
  states: { zh: '按状态', en: 'By state' },
  list: { zh: '回调列表', en: 'List of callbacks' },
  resend: { zh: '重发', en: 'Resend' },
  resendAll: { zh: '重发全部{state}的', en: 'Resend all: {state}' },
  resent: { zh: '已重发 {n} 条', en: '{n} sent again' },
  attempts: { zh: '试过 {n} 次', en: '{n} attempts' },
  attempt: { zh: '试过 1 次', en: '1 attempt' },
  noNext: { zh: '不会再自动重试', en: 'it is not tried again by itself' },
  why: { zh: '原因', en: 'Why' },
  whatToDo: { zh: '怎么办', en: 'What to do' },
  target: { zh: '发往', en: 'To' },
  kindPaid: { zh: '付款通知', en: 'Payment' },
  kindRefunded: { zh: '退款通知', en: 'Refund' },
  emptyTitle: { zh: '没有未送达的回调', en: 'Nothing is undelivered' },
  emptyWhy: {
    zh: '付一个订单，它的回调就会发出。打开「故障」里的回调故障，可以看失败时的样子。',
    en: 'Pay an order and its callback goes out. Faults of callbacks, at the top, show what failing looks like.',
  },
  leastFunction: {
    zh: '最小的云函数，例如 {file}：',
    en: 'The smallest function, such as {file}:',
  },
  startFunction: { zh: '启动它：', en: 'Start it:' },
  startContainer: { zh: '启动容器：', en: 'Start the container:' },
  toOrders: { zh: '去订单', en: 'To the orders' },
  noneTitle: { zh: '没有这种状态的回调', en: 'None in this state' },
  resentOne: { zh: '{number} 的回调已重发', en: 'callback of {number} sent again' },
} as const satisfies Record<string, Text>

/** What helps, by the code of what went wrong. */
export const advice: Readonly<Record<string, Text>> = {
  'not-hosted': {
    zh: '没有程序托管这个云函数或容器。把它启动起来：还在重试的会自己发出，已放弃的要按「重发」。',
    en: 'Nobody hosts this function or container. Start it: what is still tried goes out by itself, what was given up needs Resend.',
  },
  lost: {
    zh: '故障 callback-lost 把它扣下了。关掉故障，再按「重发」：它不会自己发出。',
    en: 'The fault callback-lost kept it back. Switch the fault off, then press Resend: by itself it never goes out.',
  },
  'not-acknowledged': {
    zh: '对方收到了，但没有确认。云函数和容器必须返回 `{ errcode: 0, errmsg: "ok" }`（数字 0）；notify_url 必须返回 return_code 为 SUCCESS 的 XML。改好后重发。',
    en: 'It arrived, and was not acknowledged. Functions and containers have to return `{ errcode: 0, errmsg: "ok" }`, the number 0; a notify_url the XML with return_code SUCCESS. Mend that, then resend.',
  },
  timeout: {
    zh: '5 秒内没有答完。先确认收到，再做费时的事；改好后重发。',
    en: 'No whole answer came within 5 s. Acknowledge first and do slow work after; then resend.',
  },
  connection: {
    zh: '连不上对方。看它是否在运行、地址和端口对不对，然后重发。',
    en: 'It cannot be reached. See whether it runs, and whether address and port are right; then resend.',
  },
  'function-threw': {
    zh: '云函数抛出了异常。看 `dev` 命令的输出，改好代码后重发；代码改动会自动加载。',
    en: 'The function threw. See the output of the `dev` command, mend the code, and resend; changed code is loaded by itself.',
  },
  'function-failed': {
    zh: '云函数没有正常返回。看 `dev` 命令的输出，改好后重发。',
    en: 'The function did not return. See the output of the `dev` command, mend it, and resend.',
  },
  forbidden: {
    zh: '这个地址不允许回调。改下单时的 notify_url，或在环境的设置里放行。',
    en: 'This address may not be called. Change notify_url, or let it through in the environment’s settings.',
  },
  'too-large': {
    zh: '对方的回答太长。只返回确认即可；改好后重发。',
    en: 'The answer is too long. Return the acknowledgement only, then resend.',
  },
  'no-key': {
    zh: '这个商户没有可用来签名的 API 密钥。在环境文件里补上，然后重发。',
    en: 'There is no API key to sign with. Add it in the environment file, then resend.',
  },
}

/** Where what was sent stands on the same page. */
export const anyAdviceHere: Text = {
  zh: '看上面每一次发送的内容和对方的回答；改好后重发。',
  en: 'See above what was sent and what came back; mend it, then resend.',
}

export const anyAdvice: Text = {
  zh: '打开订单，看每一次发送的内容和对方的回答；改好后重发。',
  en: 'Open the order to see what was sent and what came back; mend it, then resend.',
}

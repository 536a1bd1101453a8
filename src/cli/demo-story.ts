/**
 * The story of `cloudpay demo`: a few orders, told by the client's own calls, each really made. What the story depends on is
 * checked. How it is printed, and on which server, is not decided here.
 */
import type { CloudPay } from '../client/cloud-pay.ts'
import type { Text } from '../protocol/text.ts'

export interface Step {
  readonly title: Text
  /** As a program would write it. */
  readonly code: string
  /** The command that does the same; left out: there is none. */
  readonly command?: string
  readonly run: (cloudPay: CloudPay) => Promise<object>
  /** What it must come to. */
  readonly told: Readonly<Record<string, unknown>>
  readonly lesson: Text
}

const tea = { body: 'Tea shop - oolong', totalFee: 990 } as const

const ordering = (outTradeNo: string, replaces?: string): Pick<Step, 'code' | 'run'> => {
  const asked = { outTradeNo, ...tea, ...(replaces === undefined ? {} : { replaces }) }
  const more = replaces === undefined ? '' : `, replaces: '${replaces}'`
  return {
    code: `await cloudPay.createOrder({ outTradeNo: '${outTradeNo}', body: '${tea.body}', totalFee: ${tea.totalFee}${more} })`,
    run: (cloudPay) => cloudPay.createOrder(asked),
  }
}

const closing = (number: string): Pick<Step, 'code' | 'command' | 'run'> => ({
  code: `await cloudPay.closeOrder('${number}')`,
  command: `close ${number}`,
  run: (cloudPay) => cloudPay.closeOrder(number),
})

const paying = (number: string): Pick<Step, 'code' | 'command' | 'run'> => ({
  code: `await cloudPay.sandbox.pay('${number}')`,
  command: `pay ${number}`,
  run: (cloudPay) => cloudPay.sandbox.pay(number),
})

const waiting = (advance: string): Pick<Step, 'code' | 'command' | 'run' | 'told'> => ({
  code: `await cloudPay.sandbox.setClock({ advance: '${advance}' })`,
  command: `clock advance ${advance}`,
  run: (cloudPay) => cloudPay.sandbox.setClock({ advance }),
  told: { mode: 'running' },
})

const closed: readonly Step[] = [
  {
    title: { zh: '下单', en: 'Place an order' },
    ...ordering('DEMO-1'),
    told: { outcome: 'created' },
    lesson: {
      zh: '订单待支付；payment 交给小程序的 wx.requestPayment。',
      en: 'It awaits payment; `payment` goes to wx.requestPayment in the mini-program.',
    },
  },
  {
    title: { zh: '马上关单：被拒绝', en: 'Close it at once: refused' },
    ...closing('DEMO-1'),
    told: { outcome: 'too-early' },
    lesson: {
      zh: '下单满 5 分钟才能关，答复里有最早的时间。',
      en: 'A close needs five minutes from the order on; the answer says from when.',
    },
  },
  {
    title: { zh: '把沙箱时钟拨快 5 分钟', en: 'Move the clock of the sandbox five minutes on' },
    ...waiting('5m'),
    lesson: { zh: '不用真的等。', en: 'Nobody has to wait.' },
  },
  {
    title: { zh: '再关：成功', en: 'Close it again: done' },
    ...closing('DEMO-1'),
    told: { outcome: 'closed' },
    lesson: {
      zh: '这个单号再也付不了款，也不能再用。',
      en: 'Nobody can ever pay that number now, and it cannot be used again.',
    },
  },
]

const paid: readonly Step[] = [
  {
    title: { zh: '第二笔订单', en: 'A second order' },
    ...ordering('DEMO-2'),
    told: { outcome: 'created' },
    lesson: { zh: '换了新的单号。', en: 'With a new number.' },
  },
  {
    title: { zh: '用户付款', en: 'The customer pays' },
    ...paying('DEMO-2'),
    told: { outcome: 'paid' },
    lesson: {
      zh: '沙箱代替用户付款，随即回调。',
      en: 'The sandbox is the customer, and calls back at once.',
    },
  },
  {
    title: { zh: '看回调：没有送到', en: 'Look at the callback: it did not arrive' },
    code: "(await cloudPay.orders.get('DEMO-2')).order.notices",
    command: 'callbacks show DEMO-2',
    run: async (cloudPay) => {
      // Time passes until it was tried.
      await cloudPay.sandbox.setClock({ advance: '1s' })
      const found = await cloudPay.orders.get('DEMO-2')
      const [notice] = found.outcome === 'found' ? found.order.notices : []
      return notice ?? {}
    },
    told: { kind: 'paid', state: 'undeliverable' },
    lesson: {
      zh: 'why 说明原因：这里没有程序托管 payCallback。用 cloudpay dev 托管它，再用 callbacks resend 重发。',
      en: '`why` says it: nobody hosts payCallback here. Host it with cloudpay dev, then send it again: callbacks resend.',
    },
  },
  {
    title: { zh: '关闭已支付的订单：不会生效', en: 'Close the paid order: nothing is closed' },
    ...closing('DEMO-2'),
    told: { outcome: 'paid' },
    lesson: {
      zh: '付款先到：按已支付处理，发货或退款。',
      en: 'The payment came first: fulfil it, or refund it.',
    },
  },
  {
    title: { zh: '退一部分款', en: 'Refund a part of it' },
    code: "await cloudPay.refund({ outTradeNo: 'DEMO-2', outRefundNo: 'DEMO-2-R1', refundFee: 300 })",
    command: 'refund DEMO-2 --fee 300',
    run: (cloudPay) => cloudPay.refund({ outTradeNo: 'DEMO-2', outRefundNo: 'DEMO-2-R1', refundFee: 300 }),
    told: { outcome: 'accepted' },
    lesson: {
      zh: '同一个退款单号再次调用不会多退。',
      en: 'The same number again returns nothing twice.',
    },
  },
]

const startedAgain: readonly Step[] = [
  {
    title: { zh: '第三笔订单，用户没有付成', en: 'A third order, and its payment fails' },
    ...ordering('DEMO-3'),
    told: { outcome: 'created' },
    lesson: {
      zh: '重试要换新单号，旧的却还不能关：两笔都可能被支付。',
      en: 'To try again takes a new number, and the old one cannot be closed yet: both might be paid.',
    },
  },
  {
    title: {
      zh: '换单号重新支付：replaces 一步到位',
      en: 'Start again with a new number: replaces does it in one call',
    },
    ...ordering('DEMO-4', 'DEMO-3'),
    told: { outcome: 'created' },
    lesson: {
      zh: '从这一刻起只有新单号可以支付，旧的到时自动关闭。',
      en: 'From that moment the new number alone can be paid; the old one is closed in time.',
    },
  },
  {
    title: { zh: '用户又去付旧单：付不了', en: 'The customer goes back to the old one: it cannot be paid' },
    ...paying('DEMO-3'),
    told: { outcome: 'refused' },
    lesson: {
      zh: '同一次购买最多只有一个单号可以支付。',
      en: 'At most one number of a purchase can be paid.',
    },
  },
]

const paidLate: readonly Step[] = [
  {
    title: {
      zh: '真实世界里旧单偶尔还是付成了：打开这个故障',
      en: 'In the real world the old one is paid all the same, now and then: switch that fault on',
    },
    code: "await cloudPay.sandbox.switchOn({ on: 'paid-too-late', outTradeNo: 'DEMO-3', times: 1 })",
    command: 'faults on paid-too-late --order DEMO-3 --times 1',
    run: async (cloudPay) => ({
      id: await cloudPay.sandbox.switchOn({ on: 'paid-too-late', outTradeNo: 'DEMO-3', times: 1 }),
    }),
    told: {},
    lesson: {
      zh: '用户早已停在密码页上，谁也拦不住。',
      en: 'The customer was on the password page already: nobody can prevent it.',
    },
  },
  {
    title: { zh: '旧单被付了：来迟的付款', en: 'The old one is paid: too late' },
    ...paying('DEMO-3'),
    told: { outcome: 'paid-late' },
    lesson: {
      zh: '不会当作已支付通知；钱自动退回。',
      en: 'Nobody is told that it is paid; the money goes back by itself.',
    },
  },
  {
    title: { zh: '过了一分钟', en: 'A minute passes' },
    ...waiting('1m'),
    lesson: {
      zh: '到期的事按顺序做完才返回。',
      en: 'What falls due is done, in order, before this returns.',
    },
  },
  {
    title: { zh: '已全部退回', en: 'All of it went back' },
    code: "(await cloudPay.orders.get('DEMO-3')).order.late",
    command: 'orders show DEMO-3',
    run: async (cloudPay) => {
      const found = await cloudPay.orders.get('DEMO-3')
      return (found.outcome === 'found' ? found.order.late : undefined) ?? {}
    },
    told: { decision: 'refund', by: 'policy', returnedAt: Date },
    lesson: { zh: '同一次购买最多只留下一笔付款。', en: 'Of one purchase at most one payment stays.' },
  },
]

export const story: readonly Step[] = [...closed, ...paid, ...startedAgain, ...paidLate]

/** @returns the fields that are not as the story tells them */
export const differences = (answer: object, { told }: Step): string[] =>
  Object.entries(told)
    .filter(([name, wanted]) => {
      const value: unknown = Reflect.get(answer, name)
      return wanted === Date ? !(value instanceof Date) : value !== wanted
    })
    .map(([name]) => name)

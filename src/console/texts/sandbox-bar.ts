/** Of the bar at the top: the environment's clock, and its faults. */
import type { Text } from '../../protocol/text.ts'

export const bar = {
  clock: { zh: '时钟', en: 'Clock' },
  running: { zh: '走动', en: 'running' },
  frozen: { zh: '已停住', en: 'stopped' },
  real: { zh: '真实时间', en: 'real time' },
  fiveMinutes: { zh: '+5 分钟', en: '+5 min' },
  toNext: { zh: '到下一个期限', en: 'To next deadline' },
  nextIn: { zh: '{span}后', en: 'in {span}' },
  nothingDue: { zh: '没有将到的期限', en: 'Nothing is due' },
  aDay: { zh: '+1 天', en: '+1 day' },
  freeze: { zh: '停住', en: 'Stop' },
  run: { zh: '走动', en: 'Run' },
  advancing: {
    zh: '时间推进中，期间到期的事依次完成……',
    en: 'Time passes, and what falls due is done in order…',
  },
  clockWhy: {
    zh: '五分钟规则、prepay 的两小时、回调重试都按这个时钟计。往后拨时，期间到期的事会依次完成。',
    en: 'The five minutes, the two hours of a prepay and retries of callbacks all follow this clock. What falls due on the way is done in order.',
  },
  faults: { zh: '故障', en: 'Faults' },
  faultsOn: { zh: '故障 {n}', en: 'Faults: {n}' },
  noFaults: { zh: '无故障', en: 'No faults' },
  faultsWhy: {
    zh: '打开后，之后的每次调用都会遇到，直到关掉。每一种都在真实世界里发生过。',
    en: 'Once on, it strikes every call that follows, until it is switched off. Each has been met in the real world.',
  },
  allOff: { zh: '全部关闭', en: 'All off' },
  strikesCall: { zh: '支付方法的调用', en: 'Calls of pay methods' },
  strikesCallback: { zh: '回调', en: 'Callbacks' },
  strikesPayment: { zh: '付款', en: 'Payments' },
  strikesRefund: { zh: '退款', en: 'Refunds' },
  timesLeft: { zh: '还剩 {n} 次', en: '{n} times left' },
} as const satisfies Record<string, Text>

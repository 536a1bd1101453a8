/** What the command line says of callbacks. Owns the texts. */
import type { Text } from '../protocol/text.ts'
import type { CommandText, Flag } from './command-text.ts'
import { jsonFlag, jsonLinesFlag, merchantFlag, operatorFlags, withTokenNote } from './help-operators.ts'
import { noticeStateNames } from './order-words.ts'

export const aboutCallbacks: Text = {
  zh: '回调：等待的、失败的，以及为什么；重发',
  en: 'callbacks: what waits, what failed and why; send them again',
}

export const refundNumberFlag: Flag = [
  '--refund',
  { zh: '<number> 是退款单号', en: '<number> is that of a refund' },
]

export const callbacksListText: CommandText = {
  about: {
    zh: '列出没有送达的回调，每一个都说明原因',
    en: 'list callbacks that did not arrive, and why',
  },
  flags: [
    ...operatorFlags,
    [
      '--state <states>',
      {
        zh: `${noticeStateNames.join('、')}，用逗号分隔；默认除 delivered 以外的全部`,
        en: `${noticeStateNames.join(', ')}; separated by commas, default all but delivered`,
      },
    ],
    ['--limit <number>', { zh: '最多列出几个，默认 50', en: 'how many at most, default 50' }],
    ['--all', { zh: '全部列出', en: 'all of them' }],
    jsonLinesFlag,
  ],
  notes: withTokenNote({
    zh: '--json 的 why 与 HTTP API 一字不差：其中的命令不带 --url 与 --env-id。',
    en: `Of --json, why is the HTTP API's, word for word: commands in it are without
--url and --env-id.`,
  }),
  examples: ['callbacks list', 'callbacks list --state exhausted,undeliverable --json'],
  exits: { done: true, refused: true, unanswered: true },
}

export const callbacksShowText: CommandText = {
  about: {
    zh: '一个订单及其退款的回调：发到哪里、每次尝试、对方的应答',
    en: "an order's and its refunds' callbacks: where to, every attempt, what was answered",
  },
  flags: [...operatorFlags, merchantFlag, jsonFlag],
  notes: withTokenNote({
    zh: '<number> 是订单号、退款单号、交易号或 prepay_id。',
    en: '<number> is that of an order, a refund or a transaction, or a prepay_id.',
  }),
  examples: ['callbacks show TEA-0001', 'callbacks show TEA-0001 --json'],
  exits: { done: true, refused: true, unknown: true, unanswered: true },
}

export const callbacksResendText: CommandText = {
  about: {
    zh: '立即重发：一个订单或退款的回调，或处于某种状态的全部',
    en: 'send again at once: those of an order or a refund, or all in a state',
  },
  flags: [
    ...operatorFlags,
    [
      '--sub-mch-id <number>',
      {
        zh: '商户；默认为有这个号码的商户，--state 默认为所有商户',
        en: 'the merchant; default whoever has the number, of --state all of them',
      },
    ],
    refundNumberFlag,
    [
      '--state <state>',
      {
        zh: `代替 <number>：处于该状态的全部（${noticeStateNames.slice(0, -1).join('、')}）`,
        en: `in the place of <number>: all in that state (${noticeStateNames.slice(0, -1).join(', ')})`,
      },
    ],
    jsonFlag,
  ],
  notes: withTokenNote({
    zh: '已送达的也可以重发，收到的一方须能接受重复的回调。',
    en: `What was delivered can be sent again as well: whoever hears it must be ready for
a callback that comes twice.`,
  }),
  examples: [
    'callbacks resend TEA-0001',
    'callbacks resend TEA-0001-R1 --refund',
    'callbacks resend --state exhausted',
  ],
  exits: { done: true, refused: true, unknown: true, unanswered: true },
}

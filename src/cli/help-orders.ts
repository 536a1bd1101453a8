/** What the command line says of looking at orders, paying and refunding them. Owns the texts. */
import type { Text } from '../protocol/text.ts'
import type { CommandText } from './command-text.ts'
import { jsonFlag, jsonLinesFlag, merchantFlag, operatorFlags, withTokenNote } from './help-operators.ts'
import { stateNames } from './order-words.ts'

export const aboutOrders: Text = { zh: '查看订单', en: 'look at orders' }

export const ordersListText: CommandText = {
  about: { zh: '列出订单，最新的在前', en: 'list orders, newest first' },
  flags: [
    ...operatorFlags,
    ['--sub-mch-id <number>', { zh: '商户，默认所有商户', en: 'the merchant, default all of them' }],
    [
      '--search <number>',
      {
        zh: '任一号码：订单号、交易号、退款单号、prepay_id 或 openid，须完整',
        en: 'any number, whole: of an order, a transaction or a refund, a prepay_id, or an openid',
      },
    ],
    [
      '--state <states>',
      { zh: `${stateNames.join('、')}，用逗号分隔`, en: `${stateNames.join(', ')}; separated by commas` },
    ],
    ['--unpaid', { zh: '只列既未支付也未关闭的', en: 'only those neither paid nor closed' }],
    [
      '--created-after <time>',
      { zh: '此后下单的：带时区的时间，或多久以前（2h）', en: 'a time with an offset, or how long ago (2h)' },
    ],
    ['--created-before <time>', { zh: '此前下单的，写法相同', en: 'the same' }],
    ['--limit <number>', { zh: '最多列出几个，默认 50', en: 'how many at most, default 50' }],
    ['--all', { zh: '全部列出', en: 'all of them' }],
    jsonLinesFlag,
  ],
  notes: withTokenNote(),
  examples: [
    'orders list --unpaid',
    'orders list --state CLOSED,REFUND --created-after 24h',
    'orders list --search 4200001234202612017418529630',
    'orders list --all --json',
  ],
  exits: { done: true, refused: true, unanswered: true },
}

export const ordersShowText: CommandText = {
  about: {
    zh: '一个订单的现状、经过、回调与退款',
    en: 'what an order is now, what happened to it, its callbacks and refunds',
  },
  flags: [...operatorFlags, merchantFlag, jsonFlag],
  notes: withTokenNote({
    zh: '<number> 除订单号外，也可以是交易号、退款单号或 prepay_id。',
    en: '<number> may be that of a transaction or a refund, or a prepay_id, as well.',
  }),
  examples: ['orders show TEA-0001', 'orders show TEA-0001 --json'],
  exits: { done: true, refused: true, unknown: true, unanswered: true },
}

export const ordersWatchText: CommandText = {
  about: {
    zh: '持续显示新的和有变化的订单，直到 Ctrl+C',
    en: 'show orders that are new or change, until Ctrl+C',
  },
  flags: [...operatorFlags, jsonLinesFlag],
  notes: withTokenNote({
    zh: `只看最新的 50 个订单；现有的不显示，见 cloudpay orders list。每行的时间是
订单自己变化的时间。服务停止或断线时会说明，恢复后自动继续，只补上期间的变化。`,
    en: `Of the newest 50 orders, from now on; how they stand shows cloudpay orders list.
The time of a line is that of the order's change. Where the server goes away it
says so, and goes on by itself when the server is back, with what changed
meanwhile.`,
  }),
  examples: ['orders watch', 'orders watch --json'],
  exits: {
    done: { zh: '按下 Ctrl+C，或读取输出的程序已结束', en: 'Ctrl+C, or whoever read it is gone' },
    refused: true,
    unanswered: {
      zh: '开始时服务没有应答；或该地址上不是本版本的 OpenCloudPay，没有可供查看的变化',
      en: 'the server did not answer at the beginning; or what answers there is no OpenCloudPay of this version, and has no changes to watch',
    },
  },
}

export const payText: CommandText = {
  about: { zh: '在沙箱里代替用户付款', en: 'be the customer in the sandbox, and pay' },
  flags: [
    ...operatorFlags,
    merchantFlag,
    ['--openid <openid>', { zh: '由哪个用户付款', en: 'who pays' }],
    [
      '--then <what>',
      {
        zh: 'pay（默认）、cancel 取消、fail 失败、wait 停在密码页',
        en: 'pay (default), cancel, fail, or wait on the password page',
      },
    ],
    jsonFlag,
  ],
  notes: withTokenNote(),
  examples: ['pay TEA-0001', 'pay TEA-0001 --then cancel', 'pay TEA-0001 --json'],
  exits: {
    done: {
      zh: '已支付，或按 --then 取消、失败、停在密码页',
      en: 'paid; or cancelled, failed or waiting, as --then has it',
    },
    refused: {
      zh: '选项有误，或订单不能支付，原因已说明',
      en: 'a wrong flag, or it cannot be paid; the reason is said',
    },
    paid: {
      zh: '之前已支付；或付得太迟：订单已关闭，钱会退回或等待处理',
      en: 'paid before; or too late: the order stays closed, the money goes back or waits for a decision',
    },
    unknown: true,
    unanswered: true,
  },
}

export const refundText: CommandText = {
  about: { zh: '退款，可以只退一部分', en: 'refund a paid order, or a part of it' },
  flags: [
    ...operatorFlags,
    merchantFlag,
    [
      '--refund-no <number>',
      {
        zh: '退款单号，默认为 <订单号>-R1；再退一次须换一个',
        en: 'number of the refund, default <number>-R1; another refund needs another one',
      },
    ],
    ['--fee <fen>', { zh: '退多少，单位分，默认全额', en: 'how much, in fen; default all of it' }],
    ['--reason <text>', { zh: '退款原因', en: 'why' }],
    jsonFlag,
  ],
  notes: withTokenNote({
    zh: '同一个退款单号再次运行仍是同一笔退款，不会多退。',
    en: `The same number of a refund again is the same refund: nothing goes back twice.`,
  }),
  examples: ['refund TEA-0001', 'refund TEA-0001 --fee 300 --refund-no TEA-0001-R2 --reason "sold out"'],
  exits: {
    done: { zh: '已受理', en: 'accepted' },
    refused: {
      zh: '选项有误，或不能退款，原因已说明',
      en: 'a wrong flag, or it cannot be refunded; the reason is said',
    },
    unknown: true,
    unanswered: true,
  },
}

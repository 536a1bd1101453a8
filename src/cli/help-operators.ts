/** What the command line says of closing and proving, and what all commands for operators share. Owns the texts. */
import { adminTokenVariable } from '../app/settings.ts'
import type { Text } from '../protocol/text.ts'
import type { CommandText, Flag } from './command-text.ts'
import { urlFlag } from './help.ts'

export const environmentFlag: Flag = [
  '--env-id <id>',
  {
    zh: '服务器上的环境，默认为唯一的一个，或 sandbox',
    en: "the server's environment; default the only one, or sandbox",
  },
]

export const merchantFlag: Flag = [
  '--sub-mch-id <number>',
  {
    zh: '商户；默认为有这个号码的商户',
    en: 'the merchant; default whoever has the number',
  },
]

export const jsonFlag: Flag = [
  '--json',
  { zh: '输出一个 JSON，占一行', en: 'print one JSON object, on one line' },
]
export const jsonLinesFlag: Flag = ['--json', { zh: '每行一个 JSON', en: 'print one JSON object a line' }]

/** Which environment of which server. */
export const operatorFlags: readonly Flag[] = [urlFlag, environmentFlag]

/** Said below the flags of each of them. */
const tokenNote: Text = {
  zh: `服务设置了管理员令牌时，请设置 ${adminTokenVariable}。`,
  en: `Where the server has an administrator token, set ${adminTokenVariable}.`,
}

/** @param more what is said before it */
export const withTokenNote = (more?: Text): Text =>
  more === undefined ? tokenNote : { zh: `${more.zh}\n${tokenNote.zh}`, en: `${more.en}\n${tokenNote.en}` }

export const closeText: CommandText = {
  about: {
    zh: '关闭订单：按订单号，或某个时间之前下单而未支付的全部订单',
    en: 'close orders by number, or all that nobody paid by a time',
  },
  flags: [
    ...operatorFlags,
    [
      '--sub-mch-id <number>',
      {
        zh: '商户；默认为有这个号码的商户，--unpaid-before 默认为所有商户',
        en: 'the merchant; default whoever has the number, of --unpaid-before all of them',
      },
    ],
    [
      '--unpaid-before <time>',
      {
        zh: '关闭此前下单而未支付的全部订单：带时区的时间，或多久以前（2h，按环境的时钟）',
        en: 'all unpaid orders made before it: a time with an offset, or how long ago (2h, on the clock of the environment)',
      },
    ],
    ['--dry-run', { zh: '只列出会被关闭的订单，不做改动', en: 'list what would be closed, change nothing' }],
    ['--yes', { zh: '不询问；没有终端时必须给出', en: 'do not ask; needed where there is no terminal' }],
    [
      '--json',
      { zh: '每行一个 JSON，最后一行是汇总', en: 'one JSON object a line, the last one the summary' },
    ],
  ],
  notes: withTokenNote({
    zh: '重复执行是安全的：已关闭的订单保持关闭。被中断后再次运行同一命令即可继续。',
    en: `Running it again is safe: what is closed stays closed, and a run that was
interrupted goes on with the same command.`,
  }),
  examples: [
    'close TEA-0001 TEA-0002',
    'close --unpaid-before 2h --dry-run',
    'close --unpaid-before 2026-12-01T00:00:00+08:00 --yes --json',
  ],
  exits: {
    done: { zh: '全部已关闭（包括之前已关闭的）', en: 'all are closed, now or before' },
    refused: true,
    paid: { zh: '有订单已支付', en: 'one is paid' },
    notYet: { zh: '有订单尚不能关闭', en: 'one cannot be closed yet' },
    unknown: { zh: '有未知的订单号', en: 'one is unknown' },
    unanswered: {
      zh: '服务没有应答，结果未知（同时出现时取 5、2、3、4 中靠前的）',
      en: 'the server did not answer, nothing is known (of several, the first of 5, 2, 3, 4)',
    },
    interrupted: { zh: '批量关闭被 Ctrl+C 中断', en: 'Ctrl+C ended a bulk close' },
  },
}

export const proveText: CommandText = {
  about: {
    zh: '说明一个订单能否安全地换新订单号，以及为什么',
    en: 'say whether an order is safe to replace, and why',
  },
  flags: [...operatorFlags, merchantFlag, jsonFlag],
  notes: withTokenNote({
    zh: `说明订单的状态、证据及其时间、所属的购买、能否关闭，以及系统接下来会做什么。
“安全”是指：为同一笔购买换新订单号下单，不会有人付两次款。`,
    en: `Says the order's state, the evidence and its time, its purchase, whether it may
be closed, and what the engine does next. Safe means: with a new number for the
same purchase nobody can pay twice.`,
  }),
  examples: ['prove TEA-0001', 'prove TEA-0001 --json'],
  exits: {
    done: { zh: '安全', en: 'safe' },
    refused: true,
    paid: { zh: '不安全，已支付', en: 'not safe, paid' },
    notYet: { zh: '不安全，尚未关闭', en: 'not safe, not closed yet' },
    unknown: true,
    unanswered: true,
  },
}

/** What the command line says of operators' commands, in both languages. Owns the texts. */
import { adminTokenVariable } from '../app/settings.ts'
import { demoMerchant } from '../protocol/demo-merchant.ts'
import type { Text } from '../protocol/text.ts'
import { type Flag, urlFlag } from './help.ts'

export const aboutClose: Text = {
  zh: '关闭订单：按订单号，或某个时间之前下单而未支付的全部订单',
  en: 'close orders by number, or all that nobody paid by a time',
}

export const aboutProve: Text = {
  zh: '说明一个订单能否安全地换新订单号，以及为什么',
  en: 'say whether an order is safe to replace, and why',
}

const operatorFlags: readonly Flag[] = [
  urlFlag,
  ['--env-id <id>', { zh: '服务器上的环境，默认 sandbox', en: "the server's environment, default sandbox" }],
]

const jsonFlag = (zh: string, en: string): Flag => ['--json', { zh, en }]

export const closeFlags: readonly Flag[] = [
  ...operatorFlags,
  [
    '--sub-mch-id <number>',
    {
      zh: `商户；默认 ${demoMerchant}，--unpaid-before 默认为所有商户`,
      en: `the merchant; default ${demoMerchant}, of --unpaid-before all of them`,
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
  jsonFlag('每行一个 JSON，最后一行是汇总', 'one JSON object a line, the last one the summary'),
]

export const proveFlags: readonly Flag[] = [
  ...operatorFlags,
  [
    '--sub-mch-id <number>',
    { zh: `商户，默认 ${demoMerchant}`, en: `the merchant, default ${demoMerchant}` },
  ],
  jsonFlag('输出 JSON', 'print JSON'),
]

export const closeNotes: Text = {
  zh: `
重复执行是安全的：已关闭的订单保持关闭。被中断后再次运行同一命令即可继续。
服务设置了管理员令牌时，请设置 ${adminTokenVariable}。

示例:
  cloudpay close TEA-0001 TEA-0002
  cloudpay close --unpaid-before 2h --dry-run
  cloudpay close --unpaid-before 2026-12-01T00:00:00+08:00 --yes --json

退出码：0 全部已关闭（包括之前已关闭的）；1 选项有误、被服务拒绝或未确认；
  2 有订单已支付；3 有订单尚不能关闭；4 有未知的订单号；5 服务没有应答，结果未知。
  同时出现时取 5、2、3、4 中靠前的；批量关闭被 Ctrl+C 中断为 130。`,
  en: `
Running it again is safe: what is closed stays closed, and a run that was
interrupted goes on with the same command. Where the server has an
administrator token, set ${adminTokenVariable}.

Examples:
  cloudpay close TEA-0001 TEA-0002
  cloudpay close --unpaid-before 2h --dry-run
  cloudpay close --unpaid-before 2026-12-01T00:00:00+08:00 --yes --json

Exit codes: 0 all are closed, now or before; 1 a wrong flag, refused by the
  server, or not confirmed; 2 one is paid; 3 one cannot be closed yet; 4 one is
  unknown; 5 the server did not answer, and the outcome is not known. Of
  several, the first of 5, 2, 3, 4; 130 when Ctrl+C ended a bulk close.`,
}

export const proveNotes: Text = {
  zh: `
说明订单的状态、证据及其时间、所属的购买、能否关闭，以及系统接下来会做什么。
“安全”是指：为同一笔购买换新订单号下单，不会有人付两次款。
服务设置了管理员令牌时，请设置 ${adminTokenVariable}。

示例:
  cloudpay prove TEA-0001
  cloudpay prove TEA-0001 --json

退出码：0 安全；1 选项有误或被服务拒绝；2 不安全，已支付；3 不安全，尚未关闭；
  4 没有这个订单；5 服务没有应答。`,
  en: `
Says the order's state, the evidence and its time, its purchase, whether it may
be closed, and what the engine does next. Safe means: with a new number for the
same purchase nobody can pay twice. Where the server has an administrator
token, set ${adminTokenVariable}.

Examples:
  cloudpay prove TEA-0001
  cloudpay prove TEA-0001 --json

Exit codes: 0 safe; 1 a wrong flag, or refused by the server; 2 not safe, paid;
  3 not safe, not closed yet; 4 no such order; 5 the server did not answer.`,
}

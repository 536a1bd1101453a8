/** What the command line says of environments, and of the demo. Owns the texts. */
import type { Text } from '../protocol/text.ts'
import type { CommandText } from './command-text.ts'
import { urlFlag } from './help.ts'
import { jsonLinesFlag, operatorFlags, withTokenNote } from './help-operators.ts'

export const aboutEnv: Text = {
  zh: '环境：有哪些，以及如何让 SDK 连到这里',
  en: 'environments: which there are, and what leads an SDK here',
}

export const envListText: CommandText = {
  about: { zh: '服务器上有哪些环境', en: 'which environments the server has' },
  flags: [urlFlag, jsonLinesFlag],
  notes: withTokenNote(),
  examples: ['env list', 'env list --json'],
  exits: { done: true, refused: true, unanswered: true },
}

/** How what has to be set is written. */
export const envFormats = ['shell', 'powershell', 'dotenv', 'json'] as const

export const envShowText: CommandText = {
  about: {
    zh: '让官方 SDK 连到这里需要设置的变量',
    en: 'the variables that lead the official SDK here',
  },
  flags: [
    ...operatorFlags,
    [
      '--format <form>',
      {
        zh: 'shell（默认）、powershell、dotenv（.env 文件）、json',
        en: 'shell (default), powershell, dotenv (a .env file), or json',
      },
    ],
    [
      '--json',
      {
        zh: '输出服务器所知的全部，含商户号、appid',
        en: 'all that the server says, with merchants and appids',
      },
    ],
  ],
  notes: withTokenNote({
    zh: `在当前 shell 里生效：eval "$(cloudpay env show)"；在 PowerShell 里：
cloudpay env show --format powershell | Out-String | Invoke-Expression
只有演示环境的密钥会被打印，它人人皆知；其他环境的 SecretKey 请自行填写。`,
    en: `To set them in a shell: eval "$(cloudpay env show)"; in PowerShell:
cloudpay env show --format powershell | Out-String | Invoke-Expression
Only the demo environment's key is printed, which everybody knows; of others,
fill in the SecretKey yourself.`,
  }),
  examples: [
    'env show',
    'env show --format powershell',
    'env show --env-id tea-shop --format dotenv',
    'env show --json',
  ],
  exits: { done: true, refused: true, unanswered: true },
}

export const demoText: CommandText = {
  about: {
    zh: '演示：下单、付款、回调、关单、换单号重来、迟到的付款退回',
    en: 'the story: order, pay, callback, close, start again, a late payment returned',
  },
  flags: [jsonLinesFlag],
  notes: {
    zh: `约十秒：在一个自己的服务上依次真正做完十几步，每一步印出客户端的代码、同样效果的
命令、应答和要点；与预期不符就停下。不碰已有的服务和数据，结束后什么也不留下。
用官方 SDK 讲述的版本在源码目录里：npm run demo。`,
    en: `Takes some ten seconds. Every step is really made, on a server of its own, and
printed with the client's code, the command that does the same, the answer, and
what it teaches; it stops where an answer is not as told. No other server and
no data is touched, and nothing is left behind. A clone tells the story with
the official SDK: npm run demo.`,
  },
  examples: ['demo', 'demo --lang zh'],
  exits: {
    done: { zh: '每一步都与预期一致', en: 'every step came out as told' },
    refused: {
      zh: '服务无法启动，或某一步与预期不符',
      en: 'no server could be started, or a step came out otherwise',
    },
    interrupted: true,
  },
}

/** The command line: commands, flags and help, in the user's language. Owns what is said; the commands stand beside. */
import { Command } from 'commander'
import {
  adminTokenVariable,
  databaseVariable,
  type Flags,
  settings,
  shortestAdminToken,
} from '../app/settings.ts'
import { defaultServerUrl } from '../client/sdk-variables.ts'
import type { Language, Text } from '../protocol/text.ts'
import { columns } from './columns.ts'
import type { DevFlags } from './dev-settings.ts'
import type { RunFlags } from './run.ts'

export interface Commands {
  start(flags: Flags): Promise<void>
  dev(folder: string, flags: DevFlags): Promise<void>
  run(command: string, args: readonly string[], flags: RunFlags): Promise<void>
}

const titles: Readonly<Record<string, string>> = {
  'Usage:': '用法:',
  'Options:': '选项:',
  'Commands:': '命令:',
  'Arguments:': '参数:',
}

const about = {
  program: {
    zh: '在自己的机器上运行 CloudPay，官方 SDK 不改代码即可使用。',
    en: 'CloudPay on your own machine: the official SDK works against it unchanged.',
  },
  start: { zh: '启动服务', en: 'start the server' },
  dev: {
    zh: '运行一个目录里的云函数，代码不用改',
    en: 'run a folder of cloud functions, their code unchanged',
  },
  run: {
    zh: '运行一个命令，让其中的官方 SDK 连到本服务',
    en: 'run a command whose official SDK talks to this server',
  },
  help: { zh: '显示帮助', en: 'show this help' },
  version: { zh: '显示版本号', en: 'show the version' },
} satisfies Record<string, Text>

const programNotes: Text = {
  zh: `
示例:
  cloudpay start
  cloudpay dev cloudfunctions
  cloudpay run -- node your-function.js

退出码：0 成功；1 无法启动或执行失败；run 返回所运行命令的退出码，
  命令被信号 n 终止时为 128+n，命令不存在为 127，不可执行为 126。`,
  en: `
Examples:
  cloudpay start
  cloudpay dev cloudfunctions
  cloudpay run -- node your-function.js

Exit codes: 0 success; 1 refused or failed; run exits with the command's own
  code, 128+n when signal n ended it, 127 when there is no such command, 126
  when it is not executable.`,
}

const startNotes: Text = {
  zh: `
每个选项都有对应的环境变量（见方括号），选项优先。另有：
  ${adminTokenVariable}   管理员令牌，至少 ${shortestAdminToken} 个字符；监听本机以外的地址时必须设置
  ${databaseVariable}            PostgreSQL 的连接地址；不设置则使用内嵌数据库

示例:
  cloudpay start
  cloudpay start --port 9000 --data /tmp/pay --profile observed
  CLOUDPAY_CONFIG=environments.json cloudpay start

退出码：0 收到停止信号后正常退出；1 无法启动；130 停止过程中再次按下 Ctrl+C。`,
  en: `
Each flag has a variable (in brackets); the flag wins. Besides:
  ${adminTokenVariable}   administrator token, at least ${shortestAdminToken} characters;
                         needed to listen on any address but loopback
  ${databaseVariable}            address of a PostgreSQL; otherwise the embedded database

Examples:
  cloudpay start
  cloudpay start --port 9000 --data /tmp/pay --profile observed
  CLOUDPAY_CONFIG=environments.json cloudpay start

Exit codes: 0 stopped by a signal; 1 refused or failed; 130 when Ctrl+C was
  pressed again while it stopped.`,
}

const devNotes: Text = {
  zh: `
<folder> 里每个带 index.js 的子目录是一个云函数，各用自己的 node_modules 和
config.json（"timeout"：秒）；旁边的 cloudbaserc.json 中的 timeout、memorySize、
envVariables 也有效。代码改动后自动重新加载。该地址没有服务时会启动一个。

示例:
  cloudpay dev cloudfunctions
  cloudpay dev cloudfunctions --env prod-1a2b --url http://127.0.0.1:9000

退出码：0 收到停止信号后正常退出；1 无法启动；130 停止过程中再次按下 Ctrl+C。`,
  en: `
Each folder in <folder> that has an index.js is a function, with a node_modules
and a config.json ("timeout": seconds) of its own; of cloudbaserc.json beside
<folder>, timeout, memorySize and envVariables count. Changed code is loaded
again by itself. Where no server answers, one is started.

Examples:
  cloudpay dev cloudfunctions
  cloudpay dev cloudfunctions --env prod-1a2b --url http://127.0.0.1:9000

Exit codes: 0 stopped by a signal; 1 refused or failed; 130 when Ctrl+C was
  pressed again while it stopped.`,
}

const runNotes: Text = {
  zh: `
“--” 之后是要运行的命令，其余环境变量原样传递。

示例:
  cloudpay run -- node your-function.js
  cloudpay run --url http://127.0.0.1:9000 -- npm test

退出码：所运行命令的退出码；被信号 n 终止为 128+n；命令不存在为 127，
  不可执行为 126；选项有误为 1。`,
  en: `
What follows "--" is the command; other variables are passed on as they are.

Examples:
  cloudpay run -- node your-function.js
  cloudpay run --url http://127.0.0.1:9000 -- npm test

Exit codes: the command's own; 128+n when signal n ended it; 127 when there is
  no such command, 126 when it is not executable; 1 for a wrong flag.`,
}

type FlagTexts = readonly (readonly [string, Text])[]

/** Which server, and as whom: of every command that calls one. */
const targetFlags: FlagTexts = [
  [
    '--url <url>',
    {
      zh: `服务器地址，默认 ${defaultServerUrl} [CLOUDPAY_URL]`,
      en: `the server, default ${defaultServerUrl} [CLOUDPAY_URL]`,
    },
  ],
  [
    '--secret-id <id>',
    {
      zh: '默认使用演示环境的密钥 [CLOUDPAY_SECRET_ID]',
      en: "default: the demo environment's [CLOUDPAY_SECRET_ID]",
    },
  ],
  [
    '--secret-key <key>',
    {
      zh: '命令行参数会被本机其他用户看到，真实密钥请用变量 [CLOUDPAY_SECRET_KEY]',
      en: 'other users of the machine see flags: prefer the variable [CLOUDPAY_SECRET_KEY]',
    },
  ],
]

const devFlags: FlagTexts = [
  ...targetFlags,
  [
    '--env <name>',
    {
      zh: '云环境的名称，如 prod-1a2b：函数看到的环境，也只接收该环境的支付回调；默认不限',
      en: 'the cloud environment, such as prod-1a2b, as the functions see it; payment callbacks of others go elsewhere. Default: any',
    },
  ],
  [
    '--env-id <id>',
    { zh: '服务器上的沙箱环境，默认 sandbox', en: "the server's environment, default sandbox" },
  ],
  [
    '--timeout <seconds>',
    { zh: '未自行设置的函数的时限，默认 3 秒', en: 'time limit of functions that set none, default 3' },
  ],
]

/** Given more than once, the lists are joined. */
const joined = (value: string, before: string | undefined) =>
  before === undefined ? value : `${before},${value}`

/** @returns ready to parse; faults are thrown as CommanderError and not printed */
export function program(language: Language, version: string, commands: Commands): Command {
  const cloudpay = new Command('cloudpay')
    .description(about.program[language])
    .version(version, '-V, --version', about.version[language])
    .helpOption('-h, --help', about.help[language])
    .helpCommand(false)
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError() {} })
    .configureHelp({
      displayWidth: columns,
      styleTitle: (title) => (language === 'zh' ? (titles[title] ?? title) : title),
    })
    .addHelpText('after', programNotes[language])

  const start = cloudpay.command('start').description(about.start[language])
  for (const { flag, placeholder, variable, meaning } of Object.values(settings)) {
    const text = `${meaning[language]} [${variable}]`
    if (flag === '--allow-host') start.option(`${flag} ${placeholder}`, text, joined)
    else start.option(`${flag} ${placeholder}`, text)
  }
  start.addHelpText('after', startNotes[language]).action((flags: Flags) => commands.start(flags))

  const dev = cloudpay.command('dev').description(about.dev[language])
  for (const [flag, text] of devFlags) dev.option(flag, text[language])
  dev
    .argument('<folder>')
    .addHelpText('after', devNotes[language])
    .action((folder: string, flags: DevFlags) => commands.dev(folder, flags))

  const run = cloudpay.command('run').description(about.run[language])
  for (const [flag, text] of targetFlags) run.option(flag, text[language])
  run
    .usage('[options] -- <command> [args...]')
    .argument('<command>')
    .argument('[args...]')
    .passThroughOptions()
    .addHelpText('after', runNotes[language])
    .action((command: string, args: string[], flags: RunFlags) => commands.run(command, args, flags))
  return cloudpay
}

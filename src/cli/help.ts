/** What the command line says of its commands and flags, in both languages. Owns the texts, but those of settings. */
import { adminTokenVariable, databaseVariable, shortestAdminToken } from '../app/settings.ts'
import { httpPort, httpsPort, openName, payNames } from '../client/led-names.ts'
import { defaultServerUrl } from '../client/sdk-variables.ts'
import type { Text } from '../protocol/text.ts'
import { defaultCaFile } from './names-page.ts'

/** What commander says of itself in English. */
export const titles: Readonly<Record<string, string>> = {
  'Usage:': '用法:',
  'Options:': '选项:',
  'Commands:': '命令:',
  'Arguments:': '参数:',
}

export const about = {
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
    zh: '运行一个命令，让官方 SDK 和写死的微信支付地址都连到本服务',
    en: "run a command: the official SDK, and WeChat Pay's written-in names, lead here",
  },
  names: {
    zh: '为其他语言的程序把微信支付的域名引到本服务',
    en: "lead WeChat Pay's names here for programs of other languages",
  },
  help: { zh: '显示帮助', en: 'show this help' },
  version: { zh: '显示版本号', en: 'show the version' },
} satisfies Record<string, Text>

export const programNotes: Text = {
  zh: `
示例:
  cloudpay start
  cloudpay dev cloudfunctions
  cloudpay run -- node your-function.js
  sudo cloudpay names
  cloudpay close TEA-0001
  cloudpay prove TEA-0001

退出码：0 成功；1 无法启动或执行失败；close、prove 另有退出码，见各自的 --help；
  run 返回所运行命令的退出码，命令被信号 n 终止时为 128+n，命令不存在为 127，
  不可执行为 126。`,
  en: `
Examples:
  cloudpay start
  cloudpay dev cloudfunctions
  cloudpay run -- node your-function.js
  sudo cloudpay names
  cloudpay close TEA-0001
  cloudpay prove TEA-0001

Exit codes: 0 success; 1 refused or failed; close and prove have more, see
  their --help; run exits with the command's own code, 128+n when signal n
  ended it, 127 when there is no such command, 126 when it is not executable.`,
}

export const startNotes: Text = {
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

export const devNotes: Text = {
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

export const runNotes: Text = {
  zh: `
“--” 之后是要运行的命令，其余环境变量原样传递。

官方 SDK 通过环境变量连到本服务，代码不用改。Node 程序里写死的下列地址（包括它启动的
其他 Node 程序）也连到本服务，本机的任何设置都不改动：
  http://${openName}/_/pay/…（https 不变，仍是微信的其他接口）
  https://${payNames[0]}/pay/…，${payNames[1]} 同，http 亦可
所用的证书每次运行时生成，只有这个程序信任它，命令结束即作废。其他语言见 cloudpay names 与
docs/hosts.zh-CN.md。

--container 在命令运行期间告诉服务：云托管的某个服务在这个地址上，支付回调发到那里。
服务设置了管理员令牌时，请同时设置 ${adminTokenVariable}。

示例:
  cloudpay run -- node your-function.js
  cloudpay run --start -- npm test
  cloudpay run --url http://127.0.0.1:9000 -- node your-function.js
  cloudpay run --container pay=http://127.0.0.1:8080 -- node container.js

退出码：所运行命令的退出码；被信号 n 终止为 128+n；命令不存在为 127，
  不可执行为 126；选项有误、无法准备为 1。`,
  en: `
What follows "--" is the command; other variables are passed on as they are.

The official SDK finds this server by variables, its code unchanged. In Node
programs, and the Node programs they start, these written-in addresses lead
here too; nothing on the machine is changed:
  http://${openName}/_/pay/... (not https: the rest of WeChat is there)
  https://${payNames[0]}/pay/..., the same on ${payNames[1]},
  and by http
The certificate for it is made for each run, trusted by that program alone,
and worth nothing afterwards. Other languages: cloudpay names, docs/hosts.md.

--container tells the server, while the command lasts, that a service of Cloud
Run is at that address: callbacks of payments go there. Where the server has an
administrator token, set ${adminTokenVariable}.

Examples:
  cloudpay run -- node your-function.js
  cloudpay run --start -- npm test
  cloudpay run --url http://127.0.0.1:9000 -- node your-function.js
  cloudpay run --container pay=http://127.0.0.1:8080 -- node container.js

Exit codes: the command's own; 128+n when signal n ended it; 127 when there is
  no such command, 126 when it is not executable; 1 for a wrong flag, or when
  what the command needs cannot be prepared.`,
}

export const namesNotes: Text = {
  zh: `
打开本机的两个端口，收到的请求都转到本服务：
  http    ${openName}  ${payNames.join('  ')}
  https   ${payNames.join('  ')}
然后打印如何让程序在这里找到这些名称（hosts 文件或容器参数）、如何信任本次运行的证书。
只写出 CA 的证书，不写私钥；本机的其他设置都不改动。Node 程序用 cloudpay run 更简单。
说明见 docs/hosts.zh-CN.md。

示例:
  sudo cloudpay names
  cloudpay names --http 8080 --https 8443 --ca /tmp/ca.pem

退出码：0 收到停止信号后正常退出；1 端口或文件不可用；130 停止过程中再次按下 Ctrl+C。`,
  en: `
Opens two ports of this machine; what arrives there goes on to the server:
  http    ${openName}
          ${payNames.join('  ')}
  https   ${payNames.join('  ')}
and prints how a program is made to look there (hosts file, flags of a
container) and to trust the certificate of this run. The CA's certificate is
written, never its key; nothing else on the machine is changed. For Node
programs "cloudpay run" is simpler. More in docs/hosts.md.

Examples:
  sudo cloudpay names
  cloudpay names --http 8080 --https 8443 --ca /tmp/ca.pem

Exit codes: 0 stopped by a signal; 1 a port or the file cannot be had; 130 when
  Ctrl+C was pressed again while it stopped.`,
}

export type Flag = readonly [form: string, meaning: Text]

export const urlFlag: Flag = [
  '--url <url>',
  {
    zh: `服务器地址，默认 ${defaultServerUrl} [CLOUDPAY_URL]`,
    en: `the server, default ${defaultServerUrl} [CLOUDPAY_URL]`,
  },
]

/** Which server, and as whom. */
const targetFlags: readonly Flag[] = [
  urlFlag,
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

export const devFlags: readonly Flag[] = [
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

export const runFlags: readonly Flag[] = [
  ...targetFlags,
  [
    '--start',
    {
      zh: '该地址没有服务时启动一个，随命令一起结束',
      en: 'start a server where none answers; it ends with the command',
    },
  ],
  [
    '--container <service>=<url>',
    {
      zh: '云托管服务在命令运行期间的地址，接收支付回调；可多次给出',
      en: 'where a Cloud Run service is while the command lasts, for callbacks; may be repeated',
    },
  ],
  [
    '--env-id <id>',
    {
      zh: '这些容器属于本服务的哪个环境，默认 sandbox',
      en: "whose environment of the server's the containers are in, default sandbox",
    },
  ],
]

export const namesFlags: readonly Flag[] = [
  urlFlag,
  [
    '--http <port>',
    { zh: `默认 ${httpPort}；0 由系统分配`, en: `default ${httpPort}; 0 lets the system choose` },
  ],
  [
    '--https <port>',
    { zh: `默认 ${httpsPort}；0 由系统分配`, en: `default ${httpsPort}; 0 lets the system choose` },
  ],
  [
    '--ca <file>',
    {
      zh: `写出 CA 证书的文件，默认 ${defaultCaFile}；不会覆盖其他文件`,
      en: `where the CA's certificate is written, default ${defaultCaFile}; replaces no other file`,
    },
  ],
]

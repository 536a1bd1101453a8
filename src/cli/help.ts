/** What the command line says of itself and of the commands that run something. Owns the texts, but those of settings. */
import { adminTokenVariable, databaseVariable, settings, shortestAdminToken } from '../app/settings.ts'
import { httpPort, httpsPort, openName, payNames } from '../client/led-names.ts'
import { defaultServerUrl } from '../client/sdk-variables.ts'
import type { Text } from '../protocol/text.ts'
import type { CommandText, Flag } from './command-text.ts'
import { allExits } from './exit-codes.ts'
import { defaultCaFile } from './names-page.ts'

/** What commander says of itself in English. */
export const titles: Readonly<Record<string, string>> = {
  'Usage:': '用法:',
  'Options:': '选项:',
  'Commands:': '命令:',
  'Arguments:': '参数:',
}

export const aboutProgram: Text = {
  zh: '在自己的机器上运行 CloudPay，官方 SDK 不改代码即可使用。',
  en: 'CloudPay on your own machine: the official SDK works against it unchanged.',
}
export const aboutHelp: Text = { zh: '显示帮助', en: 'show this help' }
export const aboutVersion: Text = { zh: '显示版本号', en: 'show the version' }
export const aboutLanguage: Text = {
  zh: '使用的语言，默认按 LC_ALL、LC_MESSAGES、LANG',
  en: 'the language to speak, default as LC_ALL, LC_MESSAGES, LANG have it',
}

/** Shown below the list of commands. */
export const programNotes = {
  examples: [
    'start',
    'demo',
    'run -- node your-function.js',
    'dev cloudfunctions',
    'orders list --unpaid',
    'pay TEA-0001',
    'close TEA-0001',
    'prove TEA-0001',
    'clock advance 5m',
    'callbacks list',
  ],
  exits: allExits,
}

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

const devFlags: readonly Flag[] = [
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
    {
      zh: '服务器上的沙箱环境，默认为唯一的一个，或 sandbox',
      en: "the server's environment; default the only one, or sandbox",
    },
  ],
  [
    '--timeout <seconds>',
    { zh: '未自行设置的函数的时限，默认 3 秒', en: 'time limit of functions that set none, default 3' },
  ],
]

const runFlags: readonly Flag[] = [
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
      zh: '这些容器属于本服务的哪个环境，默认为唯一的一个，或 sandbox',
      en: "which of the server's environments the containers are in; default the only one, or sandbox",
    },
  ],
]

const namesFlags: readonly Flag[] = [
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

/** Of commands that go on until somebody ends them. */
const untilStopped = {
  done: { zh: '收到停止信号后正常退出', en: 'stopped by a signal' },
  interrupted: { zh: '停止过程中再次按下 Ctrl+C', en: 'Ctrl+C was pressed again while it stopped' },
} as const

export const startText: CommandText = {
  about: { zh: '启动服务', en: 'start the server' },
  flags: Object.values(settings).map(({ flag, placeholder, variable, meaning }) => [
    `${flag} ${placeholder}`,
    { zh: `${meaning.zh} [${variable}]`, en: `${meaning.en} [${variable}]` },
  ]),
  notes: {
    zh: `每个选项都有对应的环境变量（见方括号），选项优先。另有：
  ${adminTokenVariable}   管理员令牌，至少 ${shortestAdminToken} 个字符；监听本机以外的地址时必填
  ${databaseVariable}            PostgreSQL 的连接地址；不设置则使用内嵌数据库`,
    en: `Each flag has a variable (in brackets); the flag wins. Besides:
  ${adminTokenVariable}   administrator token, at least ${shortestAdminToken} characters;
                         needed to listen on any address but loopback
  ${databaseVariable}            a PostgreSQL's address; otherwise embedded database`,
  },
  examples: [
    'start',
    'start --port 9000 --data /tmp/pay --profile observed',
    'start --config environments.json',
  ],
  exits: { ...untilStopped, refused: { zh: '无法启动', en: 'refused or failed' } },
}

export const devText: CommandText = {
  about: {
    zh: '运行一个目录里的云函数，代码不用改',
    en: 'run a folder of cloud functions, their code unchanged',
  },
  flags: devFlags,
  notes: {
    zh: `<folder> 里每个带 index.js 的子目录是一个云函数，各用自己的 node_modules 和
config.json（"timeout"：秒）；旁边的 cloudbaserc.json 中的 timeout、memorySize、
envVariables 也有效。代码改动后自动重新加载。该地址没有服务时会启动一个。`,
    en: `Each folder in <folder> that has an index.js is a function, with a node_modules
and a config.json ("timeout": seconds) of its own; of cloudbaserc.json beside
<folder>, timeout, memorySize and envVariables count. Changed code is loaded
again by itself. Where no server answers, one is started.`,
  },
  examples: ['dev cloudfunctions', 'dev cloudfunctions --env prod-1a2b --url http://127.0.0.1:9000'],
  exits: { ...untilStopped, refused: { zh: '无法启动', en: 'refused or failed' } },
}

export const runText: CommandText = {
  about: {
    zh: '运行一个命令，让官方 SDK 和写死的微信支付地址都连到本服务',
    en: "run a command: the official SDK, and WeChat Pay's written-in names, lead here",
  },
  flags: runFlags,
  notes: {
    zh: `“--” 之后是要运行的命令，其余环境变量原样传递。

官方 SDK 通过环境变量连到本服务，代码不用改。Node 程序里写死的下列地址（包括它
启动的其他 Node 程序）也连到本服务，本机的任何设置都不改动：
  http://${openName}/_/pay/…（https 不变，仍是微信的其他接口）
  https://${payNames[0]}/pay/…，${payNames[1]} 同，http 亦可
所用的证书每次运行时生成，只有这个程序信任它，命令结束即作废。其他语言见
cloudpay names 与 docs/hosts.zh-CN.md。

--container 在命令运行期间告诉服务：云托管的某个服务在这个地址上，支付回调发到
那里。服务设置了管理员令牌时，请同时设置 ${adminTokenVariable}。`,
    en: `What follows "--" is the command; other variables are passed on as they are.

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
administrator token, set ${adminTokenVariable}.`,
  },
  examples: [
    'run -- node your-function.js',
    'run --start -- npm test',
    'run --url http://127.0.0.1:9000 -- node your-function.js',
    'run --container pay=http://127.0.0.1:8080 -- node container.js',
  ],
  exits: {
    done: { zh: '命令成功；否则为命令自己的退出码', en: "the command's own, whatever it is" },
    refused: { zh: '选项有误或无法准备', en: 'a wrong flag, or what it needs cannot be prepared' },
    notExecutable: true,
    notFound: true,
    signalled: true,
  },
}

export const namesText: CommandText = {
  about: {
    zh: '为其他语言的程序把微信支付的域名引到本服务',
    en: "lead WeChat Pay's names here for programs of other languages",
  },
  flags: namesFlags,
  notes: {
    zh: `打开本机的两个端口，收到的请求都转到本服务：
  http    ${openName}  ${payNames.join('  ')}
  https   ${payNames.join('  ')}
然后打印如何让程序在这里找到这些名称（hosts 文件或容器参数）、如何信任本次运行
的证书。只写出 CA 的证书，不写私钥；本机的其他设置都不改动。Node 程序用
cloudpay run 更简单。1024 以下的端口多半需要权限：sudo cloudpay names。
说明见 docs/hosts.zh-CN.md。`,
    en: `Opens two ports of this machine; what arrives there goes on to the server:
  http    ${openName}
          ${payNames.join('  ')}
  https   ${payNames.join('  ')}
and prints how a program is made to look there (hosts file, flags of a
container) and to trust the certificate of this run. The CA's certificate is
written, never its key; nothing else on the machine is changed. For Node
programs "cloudpay run" is simpler. Ports below 1024 mostly need rights: sudo
cloudpay names. More in docs/hosts.md.`,
  },
  examples: ['names --ca /tmp/ca.pem', 'names --http 8080 --https 8443 --ca /tmp/ca.pem'],
  exits: { ...untilStopped, refused: { zh: '端口或文件不可用', en: 'a port or the file cannot be had' } },
}

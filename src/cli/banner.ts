/**
 * What `cloudpay start` prints once it serves: all that a newcomer needs, at most 25 lines of 80 columns. Owns the text;
 * secret keys appear for the demo environment only, whose keys everyone knows.
 */
import type { Config } from '../app/config.ts'
import { demoEnvironment, demoSubMchId } from '../app/demo-environment.ts'
import { defaultServerUrl, sdkVariables } from '../client/sdk-variables.ts'
import { shellQuoted } from '../protocol/shell-quoted.ts'
import type { Language } from '../protocol/text.ts'

export interface BannerFacts {
  readonly url: string
  readonly version: string
  /** What the demo environment's clock shows, Beijing time. */
  readonly clock: string | undefined
  /** How this program is called from any folder: `cloudpay`, or node with a path. */
  readonly command: string
  /** Run from a clone, where `npm run demo` exists. */
  readonly fromClone: boolean
}

type Say = (zh: string, en: string) => string

/** Commands look for the server at its default address. */
const urlFlagOf = (url: string) => (url === defaultServerUrl ? '' : `--url ${url} `)

const runLine = ({ command, url }: BannerFacts) =>
  `  ${command} run ${urlFlagOf(url)}-- node your-function.js`

function demoLines(facts: BannerFacts, say: Say): string[] {
  const { url, clock, command, fromClone } = facts
  const { envId, secretId, secretKey } = demoEnvironment
  const variables = Object.entries(sdkVariables(url, secretId, secretKey))
  return [
    say(
      `演示环境：${envId}   子商户号：${demoSubMchId}`,
      `demo environment: ${envId}   sub_mch_id: ${demoSubMchId}`,
    ),
    `SecretId: ${secretId}   SecretKey: ${secretKey}`,
    ...(clock === undefined ? [] : [say(`沙箱时间（北京）：${clock}`, `sandbox time (Beijing): ${clock}`)]),
    '',
    say(
      '设置以下变量，官方 SDK 的代码一行不改就能连到这里：',
      'With these variables the official SDK works here, its code unchanged:',
    ),
    ...variables.map(([name, value]) => `  export ${name}=${shellQuoted(value)}`),
    say('或者让 cloudpay 代为设置：', 'or let cloudpay set them:'),
    runLine(facts),
    '',
    say('下一步，另开一个终端：', 'Next, in another terminal:'),
    fromClone ? '  npm run demo' : `  ${command} demo`,
    say('把沙箱时钟拨快 5 分钟：', 'move the sandbox clock 5 minutes on:'),
    `  ${command} clock advance ${urlFlagOf(url)}5m`,
  ]
}

/** An installation may have hundreds of environments. */
const mostListed = 10

/** The key is nobody's to print: what belongs there is said in its place, quoted, so that no shell reads it. */
const keyLines = ({ envId, secretId }: Config['environments'][number], say: Say) => [
  `  export CLOUDPAY_SECRET_ID=${shellQuoted(secretId)}`,
  `  export CLOUDPAY_SECRET_KEY=${shellQuoted(say(`<环境 ${envId} 的 secretKey>`, `<secretKey of ${envId}>`))}`,
]

function ownLines(facts: BannerFacts, environments: Config['environments'], say: Say): string[] {
  const listed = environments.slice(0, mostListed)
  const rest = environments.length - listed.length
  const [first] = environments
  return [
    say(`环境：${environments.length}`, `environments: ${environments.length}`),
    ...listed.map(({ envId, secretId }) => `  ${envId}   SecretId: ${secretId}`),
    ...(rest > 0 ? [say(`  …… 另有 ${rest} 个`, `  ... and ${rest} more`)] : []),
    '',
    say('让使用官方 SDK 的代码连到这里：', 'run code that uses the official SDK against it:'),
    ...(first === undefined ? [] : keyLines(first, say)),
    runLine(facts),
  ]
}

/** @returns lines, the last one empty */
export function banner(
  config: Pick<Config, 'demo' | 'environments'>,
  facts: BannerFacts,
  language: Language,
): string {
  const say: Say = (zh, en) => (language === 'zh' ? zh : en)
  return [
    `OpenCloudPay ${facts.version}   ${facts.url}`,
    say('在浏览器中打开它就是控制台', 'Open it in a browser: it is the console'),
    ...(config.demo ? demoLines(facts, say) : ownLines(facts, config.environments, say)),
    '',
    say('按 Ctrl+C 停止', 'Press Ctrl+C to stop'),
    '',
  ].join('\n')
}

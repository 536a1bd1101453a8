/** What `cloudpay dev` prints once its functions can be called. Owns the text. */
import { demoEnvironment } from '../app/demo-environment.ts'
import type { Language } from '../protocol/text.ts'
import { columns } from './columns.ts'
import type { DevSettings } from './dev-settings.ts'

const width = 80
/** A folder may hold hundreds. */
const mostListed = 40

/** Words in lines of the terminal's width. */
function wrapped(words: readonly string[], indent: string): string[] {
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last === undefined || columns(`${last} ${word}`) > width) lines.push(`${indent}${word}`)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}

/** The body of a call: JSON within a shell's single quotes, in lines that are short enough. */
function bodyLines(envId: string, name: string): string[] {
  const asked = {
    ...(envId === demoEnvironment.envId ? {} : { env_id: envId }),
    function_name: name,
    data: {},
  }
  const user = { openid: demoEnvironment.defaultOpenid }
  const first = JSON.stringify(asked).slice(0, -1).replaceAll("'", `'\\''`)
  return [`    -d '${first},`, `        ${JSON.stringify(user).slice(1)}'`]
}

type Facts = Pick<DevSettings, 'folder' | 'adminToken'> & {
  readonly envId: string
  readonly version: string
  readonly origin: string
  readonly names: readonly string[]
}

/** @returns lines, the last one empty */
export function devBanner(
  { folder, envId, adminToken, version, origin, names }: Facts,
  language: Language,
): string {
  const say = (zh: string, en: string) => (language === 'zh' ? zh : en)
  const rest = names.length - mostListed
  return [
    `OpenCloudPay ${version}   ${say('云函数：', 'cloud functions:')}`,
    `  ${folder}`,
    ...wrapped(names.slice(0, mostListed), '  '),
    ...(rest > 0 ? [say(`  …… 另有 ${rest} 个`, `  ... and ${rest} more`)] : []),
    say(`服务：${origin}   环境：${envId}`, `server: ${origin}   environment: ${envId}`),
    '',
    say('以小程序用户的身份调用：', 'call one as a user of the mini-program:'),
    `  curl ${origin}/sandbox/call-function \\`,
    ...(adminToken === undefined ? [] : [`    -H "authorization: Bearer $CLOUDPAY_ADMIN_TOKEN" \\`]),
    `    -H 'content-type: application/json' \\`,
    ...bodyLines(envId, names[0] ?? ''),
    '',
    say(
      '改动代码后自动重新加载；按 Ctrl+C 停止',
      'Changed code is loaded again by itself; press Ctrl+C to stop',
    ),
    '',
  ].join('\n')
}

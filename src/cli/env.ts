/** `cloudpay env …`: the environments of a server, and the variables that lead the official SDK to one. */
import { brokenSetting, StartRefused } from '../app/refusals.ts'
import { sdkVariables } from '../client/sdk-variables.ts'
import { connectAnswer, environment as environmentSchema } from '../protocol/api/environments.ts'
import { printable } from '../protocol/printable.ts'
import { shellQuoted } from '../protocol/shell-quoted.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { envFormats } from './help-env.ts'
import { jsonText } from './json-text.ts'
import { type OperatorFlags, operated } from './operator.ts'
import { asWire, asWireObject } from './order-text.ts'
import { tableLines } from './table.ts'

/**
 * @returns the exit code
 * @throws StartRefused
 */
export const listEnvironments = (flags: OperatorFlags, context: Context): Promise<number> =>
  operated(flags, context, async ({ cloudPay }, { print, paint, language }) => {
    const { environments } = await cloudPay.environments()
    if (flags.json === true) {
      for (const one of environments) print(jsonText(asWire(environmentSchema, one)))
      return exitCodes.done
    }
    const heads = {
      zh: ['环境', '通道', '规则', '语言', '时钟', '迟到的付款', ''],
      en: ['environment', 'channel', 'rules', 'language', 'clock', 'late payments', ''],
    }[language]
    const rows = environments.map(({ envId, channel, rules, language: its, clock, latePayments, demo }) => [
      envId,
      channel,
      rules,
      its,
      clock,
      latePayments,
      demo ? { zh: '演示', en: 'demo' }[language] : '',
    ])
    for (const line of tableLines(
      heads.map((head) => ({ head })),
      rows,
      paint,
    ))
      print(line)
    return exitCodes.done
  })

export interface EnvFlags extends OperatorFlags {
  readonly format?: string | undefined
}

/** @throws StartRefused */
function readFormat(given: string | undefined): (typeof envFormats)[number] {
  const format = envFormats.find((known) => known === (given ?? 'shell'))
  if (format !== undefined) return format
  throw brokenSetting('--format', given, {
    zh: `应为 ${envFormats.join('、')} 之一`,
    en: `it must be one of ${envFormats.join(', ')}`,
  })
}

/**
 * Nothing in single quotes is read as anything but itself, whoever reads the file. In double quotes a shell takes back what
 * stands behind a backslash, and the dotenv packages do not: what would need one there has no form that all read alike.
 * @throws StartRefused
 */
function dotenvQuoted(name: string, value: string): string {
  if (!/['\r\n]/.test(value)) return `'${value}'`
  if (!/["$`\\!\r\n]/.test(value)) return `"${value}"`
  throw new StartRefused({
    zh: `${name} 的值不能写进 dotenv 文件：其中的引号与 $、反斜杠、反引号、换行等字符，shell 与各种 dotenv 的读法不同。请用 --format shell 或 --format json，或换一个值。`,
    en: `${name} cannot be written to a dotenv file: its quotes, with $, a backslash, a backtick or a line break beside them, are read differently by shells and by dotenv. Use --format shell or --format json, or another value.`,
  })
}

/** PowerShell takes typographic quotes for plain ones. */
const powershellQuoted = (value: string) => `'${value.replace(/['\u2018-\u201b]/g, '$&$&')}'`

function linesOf(variables: Readonly<Record<string, string>>, format: (typeof envFormats)[number]): string[] {
  const all = Object.entries(variables)
  switch (format) {
    case 'json':
      return [jsonText(variables, 2)]
    case 'dotenv':
      return all.map(([name, value]) => `${name}=${dotenvQuoted(name, value)}`)
    case 'powershell':
      return all.map(([name, value]) => `$env:${name} = ${powershellQuoted(value)}`)
    case 'shell':
      return all.map(([name, value]) => `export ${name}=${shellQuoted(value)}`)
  }
}

/**
 * @returns the exit code
 * @throws StartRefused
 */
export const showEnvironment = (flags: EnvFlags, context: Context): Promise<number> =>
  operated(flags, context, async ({ cloudPay, origin }, { print, warn, isWatched }) => {
    const format = readFormat(flags.format)
    const connect = await cloudPay.connect()
    const { TENCENTCLOUD_SECRETKEY, ...rest } = sdkVariables(
      origin,
      connect.secretId,
      connect.secretKey ?? '',
    )
    const variables = connect.secretKey === undefined ? rest : { ...rest, TENCENTCLOUD_SECRETKEY }
    if (flags.json === true) print(jsonText({ ...asWireObject(connectAnswer, connect), variables }))
    // A key is anybody's words: in a file as it is, at a terminal as what moves nothing.
    else for (const line of linesOf(variables, format)) print(isWatched ? printable(line) : line)
    if (connect.secretKey === undefined)
      warn({
        zh: `另须设置 TENCENTCLOUD_SECRETKEY：环境 ${connect.envId} 的 secretKey，在服务的配置文件里`,
        en: `besides, set TENCENTCLOUD_SECRETKEY: the secretKey of environment ${connect.envId}, in the server's configuration file`,
      })
    return exitCodes.done
  })

/** `cloudpay env …`: the environments of a server, and the variables that lead the official SDK to one. */
import { brokenSetting } from '../app/refusals.ts'
import { sdkVariables } from '../client/sdk-variables.ts'
import { connectAnswer, environment as environmentSchema } from '../protocol/api/environments.ts'
import { shellQuoted } from '../protocol/shell-quoted.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { envFormats } from './help-env.ts'
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
      for (const one of environments) print(JSON.stringify(asWire(environmentSchema, one)))
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

/** Nothing in single quotes is read as anything but itself, whoever reads the file. */
const dotenvQuoted = (value: string) => (value.includes("'") ? JSON.stringify(value) : `'${value}'`)

function linesOf(variables: Readonly<Record<string, string>>, format: (typeof envFormats)[number]): string[] {
  const all = Object.entries(variables)
  switch (format) {
    case 'json':
      return [JSON.stringify(variables, null, 2)]
    case 'dotenv':
      return all.map(([name, value]) => `${name}=${dotenvQuoted(value)}`)
    case 'powershell':
      return all.map(([name, value]) => `$env:${name} = '${value.replaceAll("'", "''")}'`)
    case 'shell':
      return all.map(([name, value]) => `export ${name}=${shellQuoted(value)}`)
  }
}

/**
 * @returns the exit code
 * @throws StartRefused
 */
export const showEnvironment = (flags: EnvFlags, context: Context): Promise<number> =>
  operated(flags, context, async ({ cloudPay, origin }, { print, warn }) => {
    const format = readFormat(flags.format)
    const connect = await cloudPay.connect()
    const { TENCENTCLOUD_SECRETKEY, ...rest } = sdkVariables(
      origin,
      connect.secretId,
      connect.secretKey ?? '',
    )
    const variables = connect.secretKey === undefined ? rest : { ...rest, TENCENTCLOUD_SECRETKEY }
    if (flags.json === true) print(JSON.stringify({ ...asWireObject(connectAnswer, connect), variables }))
    else for (const line of linesOf(variables, format)) print(line)
    if (connect.secretKey === undefined)
      warn({
        zh: `另须设置 TENCENTCLOUD_SECRETKEY：环境 ${connect.envId} 的 secretKey，在服务的配置文件里`,
        en: `besides, set TENCENTCLOUD_SECRETKEY: the secretKey of environment ${connect.envId}, in the server's configuration file`,
      })
    return exitCodes.done
  })

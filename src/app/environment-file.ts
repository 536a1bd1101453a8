/** The configuration file: `{ "environments": [ … ] }`. Owns its validation; the caller reads the bytes. */
import { z } from 'zod'
import { type EnvironmentSetting, environmentSettingSchema } from '../ledger/environments.ts'
import { configInvalid, configNotJson } from './refusals.ts'
import { placeText, ruleText } from './rule-texts.ts'

const fileSchema = z.strictObject({ environments: z.array(environmentSettingSchema).min(1) })

function parseJson(path: string, text: string): unknown {
  try {
    // Windows editors begin a file with a byte order mark.
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined
    throw configNotJson(
      path,
      position === undefined ? undefined : text.slice(0, Number(position)).split('\n').length,
    )
  }
}

/**
 * A call is told apart by its SecretId or door token alone, and rows by their env id: none may stand twice.
 * A token is a secret: the text does not repeat it.
 */
function refuseDuplicates(path: string, environments: readonly EnvironmentSetting[]): void {
  for (const key of ['envId', 'secretId', 'doorToken'] as const) {
    const seen = new Map<string, number>()
    for (const [index, environment] of environments.entries()) {
      const value = environment[key]
      if (value === undefined) continue
      const first = seen.get(value)
      if (first !== undefined) {
        const shown = key === 'doorToken' ? { zh: '', en: '' } : { zh: `（"${value}"）`, en: ` ("${value}")` }
        throw configInvalid(path, `environments[${index}].${key}`, {
          zh: `与 environments[${first}] 重复${shown.zh}，每个环境的 ${key} 必须不同`,
          en: `the same as in environments[${first}]${shown.en}; each environment needs its own ${key}`,
        })
      }
      seen.set(value, index)
    }
  }
}

/** A merchant is one row: listed twice, which line would hold? */
function refuseMerchantsTwice(path: string, environments: readonly EnvironmentSetting[]): void {
  for (const [index, { merchants }] of environments.entries()) {
    const numbers = merchants.map(({ subMchId }) => subMchId)
    const again = numbers.findIndex((number, at) => numbers.indexOf(number) < at)
    if (again < 0) continue
    throw configInvalid(path, `environments[${index}].merchants[${again}].subMchId`, {
      zh: `商户号 "${numbers[again]}" 在该环境中重复`,
      en: `the merchant "${numbers[again]}" is listed twice in this environment`,
    })
  }
}

/** @throws StartRefused naming the first fault and its place */
export function parseEnvironmentFile(path: string, text: string): EnvironmentSetting[] {
  const parsed = fileSchema.safeParse(parseJson(path, text), { reportInput: true })
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    if (issue === undefined) throw parsed.error
    throw configInvalid(path, placeText(issue.path), ruleText(issue))
  }
  refuseDuplicates(path, parsed.data.environments)
  refuseMerchantsTwice(path, parsed.data.environments)
  return parsed.data.environments
}

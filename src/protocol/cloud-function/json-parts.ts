/**
 * The fields of a JSON body as the signature knows them: the same walk as over a form, nested values as JSON text,
 * numbers and booleans as theirs. Observed: @cloudbase/signature-nodejs 2.2.0, `functions.invokeFunction`.
 */
import { maxParts, type Part } from './multipart.ts'
import { type Refused, refuse } from './refusal.ts'

const malformed = refuse('malformed-json', {
  zh: '请求体须为 UTF-8 的 JSON 对象',
  en: 'the body must be a JSON object in UTF-8',
})

const namePattern = /^[!-~]{1,64}$/

const valueText = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? '')

/** Names that are the same in lower case would be one field to the signature. */
const areDistinct = (names: readonly string[]) =>
  new Set(names.map((name) => name.toLowerCase())).size === names.length

export function jsonParts(
  bytes: Uint8Array,
): { readonly parts: readonly Part[] } | Refused<'malformed-json'> {
  let parsed: unknown
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return malformed
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return malformed
  const entries = Object.entries(parsed)
  const names = entries.map(([name]) => name)
  if (entries.length > maxParts || !areDistinct(names) || !names.every((name) => namePattern.test(name)))
    return malformed
  return {
    parts: entries.map(([name, value]) => ({ name, kind: 'text', bytes: Buffer.from(valueText(value)) })),
  }
}

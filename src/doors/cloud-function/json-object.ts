/** A call's own JSON, in the wire's names. */
import { toWireNames } from '../../protocol/cloud-function/names.ts'
import type { Refused } from '../../protocol/cloud-function/refusal.ts'
import type { Language } from '../../protocol/text.ts'
import { type DoorError, invalid } from './answers.ts'

type Rename = (json: object) => { readonly named: unknown } | Refused<string>

export function readJsonObject(
  bytes: Buffer,
  language: Language,
  rename: Rename = toWireNames,
): { body: object } | { refused: DoorError } {
  const say = (zh: string, en: string) => invalid({ zh, en }[language])
  let parsed: unknown
  try {
    parsed = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (error) {
    return error instanceof SyntaxError
      ? say('requestData 不是合法的 JSON', 'requestData is not valid JSON')
      : say('requestData 不是 UTF-8', 'requestData is not UTF-8')
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    return say(
      'requestData 须为 JSON 对象，例如 closeOrder({ subMchId, outTradeNo })',
      'requestData must be a JSON object, as in closeOrder({ subMchId, outTradeNo })',
    )
  }
  const wire = rename(parsed)
  if ('refused' in wire) return invalid(wire.text[language])
  return typeof wire.named === 'object' && wire.named !== null ? { body: wire.named } : invalid('requestData')
}

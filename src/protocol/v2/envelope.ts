/** What every v2 request carries around its method's own fields: who asks, and the signature. */
import { z } from 'zod'
import { sub_mch_id, text } from '../fields.ts'
import { firstProblem } from '../format-problem.ts'
import { isSameSecret } from '../same-secret.ts'
import { type SignType, sign } from '../sign.ts'
import type { Text } from '../text.ts'
import type { XmlFields } from './xml.ts'

export interface Envelope {
  readonly appid: string
  readonly mchId: string
  /** Of a provider's call. */
  readonly subMchId: string | undefined
  readonly subAppid: string | undefined
}

export type ReadEnvelope =
  | { readonly envelope: Envelope }
  | { readonly lacking: string }
  | { readonly problem: Text }

const required = ['appid', 'mch_id', 'nonce_str', 'sign'] as const
const schema = z.object({
  appid: text(32),
  mch_id: text(32),
  nonce_str: text(32),
  sign: text(64),
  sub_mch_id: sub_mch_id.optional(),
  sub_appid: text(32).optional(),
})

/** Nothing of it is proven yet. An empty element is not given. */
export function readEnvelope(fields: XmlFields): ReadEnvelope {
  const given = Object.fromEntries([...fields].filter(([, value]) => value !== ''))
  const lacking = required.find((name) => !Object.hasOwn(given, name))
  if (lacking !== undefined) return { lacking }
  const read = schema.safeParse(given)
  if (!read.success) return { problem: firstProblem(read.error, given) }
  const { appid, mch_id: mchId, sub_mch_id: subMchId, sub_appid: subAppid } = read.data
  return { envelope: { appid, mchId, subMchId, subAppid } }
}

/** @returns undefined for anything but the two that there are; absent or empty means MD5 */
export function signTypeOf(fields: XmlFields): SignType | undefined {
  const given = fields.get('sign_type') ?? ''
  if (given === '') return 'MD5'
  return given === 'MD5' || given === 'HMAC-SHA256' ? given : undefined
}

/** Whether whoever holds `apiKey` signed these fields, every one of them. */
export const isSigned = (fields: XmlFields, apiKey: string, type: SignType): boolean =>
  isSameSecret(fields.get('sign') ?? '', sign(Object.fromEntries(fields), apiKey, type))

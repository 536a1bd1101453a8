/**
 * Signatures of WeChat Pay v2: on answers, and on the `payment` a client hands to its cashier.
 * Source: pay.weixin.qq.com, chapter 4_3 (rules, worked example).
 */
import { createHash, createHmac } from 'node:crypto'

export type SignType = 'MD5' | 'HMAC-SHA256'
export type SignedFields = Readonly<Record<string, string | number | undefined>>

/** The text that is signed: non-empty fields but `sign`, sorted by name byte by byte, the key last. */
const signedText = (fields: SignedFields, apiKey: string): string =>
  Object.entries(fields)
    .filter(([name, value]) => name !== 'sign' && value !== undefined && value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
    .concat('&key=', apiKey)

/** @returns upper-case hex: 32 characters for MD5, 64 for HMAC-SHA256 */
export function sign(fields: SignedFields, apiKey: string, type: SignType = 'MD5'): string {
  const text = signedText(fields, apiKey)
  const digest = type === 'MD5' ? createHash('md5').update(text) : createHmac('sha256', apiKey).update(text)
  return digest.digest('hex').toUpperCase()
}

/**
 * `req_info`: how v2 hides the contents of a refund notice. AES-256 in ECB mode with PKCS#7 padding; its key is the
 * API key's MD5 in lower-case hex, taken as 32 ASCII characters. Source: v2 refund notice, chapter 9_16.
 */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'

const cipherKey = (apiKey: string) => Buffer.from(createHash('md5').update(apiKey).digest('hex'), 'ascii')

/** @returns base64 */
export function sealReqInfo(plain: string, apiKey: string): string {
  const cipher = createCipheriv('aes-256-ecb', cipherKey(apiKey), null)
  return Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]).toString('base64')
}

/** @throws Error when it was sealed with another key, or is damaged */
export function openReqInfo(sealed: string, apiKey: string): string {
  const decipher = createDecipheriv('aes-256-ecb', cipherKey(apiKey), null)
  return Buffer.concat([decipher.update(sealed, 'base64'), decipher.final()]).toString('utf8')
}

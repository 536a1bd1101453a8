/** The `Authorization` header of the cloud-function door: its shape and limits. What it proves is checked elsewhere. */
import { quoted, type Refused, refuse } from './refusal.ts'
import { algorithm, scopeEnd } from './tc3.ts'

/** Longest header, in bytes. The SDK's stays under 500 (observed: wx-server-sdk 2.6.3, which lists most). */
export const maxAuthorizationBytes = 8 * 1024
/** Most names in SignedParams, and in SignedHeaders. */
export const maxSignedNames = 64

/** What the header claims. Nothing of it is proven yet. */
export type Authorization = {
  /** 1–128 printable ASCII characters without `/`, `,` or `;`. */
  readonly secretId: string
  /** `YYYY-MM-DD`, as the credential says; compared with X-Timestamp later. */
  readonly date: string
  /** Lower-case field names in the signer's order, none twice. Only these are hashed. */
  readonly signedParams: readonly string[]
  /** Lower-case header names in the signer's order, none twice. */
  readonly signedHeaders: readonly string[]
  /** 64 lower-case hex digits. */
  readonly signature: string
}

export type AuthorizationReason = 'missing-authorization' | 'malformed-authorization' | 'wrong-scope'

/**
 * Reads `TC3-HMAC-SHA256 Credential=<id>/<date>/tcb/tc3_request, SignedParams=<a;b>, SignedHeaders=<a;b>,
 * Signature=<64 hex>` (observed: wx-server-sdk 4.0.2). The four items may come in any order, each once; names are
 * lower-case letters, digits, `_`, `.`, `-`, so that no name can hold the `=`, `:` or line breaks of what is hashed.
 */
export const parseAuthorization = (
  header: string | undefined,
): Authorization | Refused<AuthorizationReason> => {
  if (!header)
    return refuse('missing-authorization', {
      zh: '请求没有 Authorization 签名；请在 cloud.init 中设置 secretId 和 secretKey',
      en: 'the request has no Authorization signature; give cloud.init a secretId and a secretKey',
    })
  if (header.length > maxAuthorizationBytes)
    return malformed(`超过 ${maxAuthorizationBytes} 字节`, `is longer than ${maxAuthorizationBytes} bytes`)
  if (!header.startsWith(`${algorithm} `))
    return malformed(`不以“${algorithm} ”开头`, `does not start with "${algorithm} "`)
  const items = itemsOf(header.slice(algorithm.length + 1))
  if (!items)
    return malformed('各项不是“名称=值”，或有重复', 'has items that are not name=value, or one twice')
  const signedParams = namesIn(items.get('SignedParams'))
  const signedHeaders = namesIn(items.get('SignedHeaders'))
  const signature = items.get('Signature')
  if (!signedParams) return malformedNames('SignedParams')
  if (!signedHeaders) return malformedNames('SignedHeaders')
  if (!signature || !/^[0-9a-f]{64}$/.test(signature))
    return malformed(
      '的 Signature 不是 64 位小写十六进制',
      'has a Signature that is not 64 lower-case hex digits',
    )
  const credential = /^([!-+\-.0-:<-~]{1,128})\/(\d{4}-\d{2}-\d{2})\/(.*)$/.exec(
    items.get('Credential') ?? '',
  )
  const [, secretId, date, scope] = credential ?? []
  if (!secretId || !date)
    return malformed(
      '的 Credential 不是 <SecretId>/<日期>/tcb/tc3_request',
      'has a Credential that is not <SecretId>/<date>/tcb/tc3_request',
    )
  if (scope !== scopeEnd)
    return refuse('wrong-scope', {
      zh: `签名范围是“${quoted(scope ?? '')}”，这里只接受 ${scopeEnd}；请用云开发 SDK 签名，不要用云 API 的签名`,
      en: `the signature's scope is "${quoted(scope ?? '')}", only ${scopeEnd} is taken here; sign with the cloud SDK, not for the cloud API`,
    })
  return { secretId, date, signedParams, signedHeaders, signature }
}

const itemsOf = (list: string): Map<string, string> | undefined => {
  const items = new Map<string, string>()
  for (const item of list.split(',')) {
    const equals = item.indexOf('=')
    const name = item.slice(0, Math.max(0, equals)).trim()
    if (name === '' || items.has(name)) return undefined
    items.set(name, item.slice(equals + 1).trim())
  }
  return items.size === 4 ? items : undefined
}

/** @returns undefined when `list` is absent, too long, or holds a bad name or one twice; an empty list has no names */
const namesIn = (list: string | undefined): string[] | undefined => {
  if (list === undefined) return undefined
  const names = list === '' ? [] : list.split(';')
  if (names.length > maxSignedNames || new Set(names).size < names.length) return undefined
  return names.every((name) => /^[0-9a-z_.-]{1,64}$/.test(name)) ? names : undefined
}

const malformedNames = (list: string) =>
  malformed(
    `的 ${list} 应为至多 ${maxSignedNames} 个以 ; 分隔、小写且不重复的名称`,
    `needs ${list}: at most ${maxSignedNames} lower-case names joined by ";", none twice`,
  )

const malformed = (zh: string, en: string) =>
  refuse('malformed-authorization', {
    zh: `Authorization 请求头${zh}；请用官方 SDK 签名，代理不得改动它`,
    en: `the Authorization header ${en}; sign with the official SDK, through proxies that leave it alone`,
  })

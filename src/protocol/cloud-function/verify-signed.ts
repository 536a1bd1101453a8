/**
 * Decides whether a request of the cloud-function door was signed by the holder of a key, and hands out only what the
 * signature covers. It does not look keys up, and gives the fields no meaning.
 */
import { timingSafeEqual } from 'node:crypto'
import type { Text } from '../text.ts'
import type { Authorization } from './authorization.ts'
import { movesTheSeam, type Part } from './multipart.ts'
import { quoted, type Refused, refuse } from './refusal.ts'
import {
  asHashed,
  canonicalRequest,
  hashedFields,
  payloadPreimage,
  sha256Hex,
  signatureOf,
  signingKeys,
  stringToSign,
  utcDate,
} from './tc3.ts'

/** Longest distance between X-Timestamp and the server's clock, either way, in seconds; the SDK asks for it. */
export const maxAgeSeconds = 600

/** A request as it came over the wire: a proxy that changed Host, path or query breaks the signature. */
export type SignedRequest = {
  readonly method: string
  /** Raw path, from `/` on, not decoded. */
  readonly path: string
  /** Raw text after the first `?`, `''` when there is none. */
  readonly query: string
  /** Lower-case names, `host` among them. A header given as a list counts as absent. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Names distinct in lower case, as `readMultipart` gives them. */
  readonly parts: readonly Part[]
  readonly authorization: Authorization
  /** Fields, in lower case, without which the signature would not say what is asked. */
  readonly mustCover: readonly string[]
}

export type SignatureReason =
  | 'wrong-method'
  | 'malformed-timestamp'
  | 'wrong-date'
  | 'timestamp-outside-window'
  | 'required-not-signed'
  | 'signed-header-absent'
  | 'line-break'
  | 'ambiguous-value'
  | 'unknown-secret-id'
  | 'signature-mismatch'

export type Verified = {
  readonly verified: true
  /**
   * The signed fields and no others, by lower-case name (`action`, `apiname`, `requestdata`, …), texts trimmed.
   * A text that was empty is absent: the signature says nothing of it.
   */
  readonly fields: ReadonlyMap<string, Part>
}

/**
 * Verifies one request. Never throws. Nothing is remembered: within its window a request can be repeated, and every
 * command behind this door is idempotent by its number.
 *
 * @param secretKey the key of `authorization.secretId`; undefined when nobody has that id. The work is the same, so
 *   that the time taken does not tell which ids exist (the answer does: it is what a developer needs to read).
 * @param now real time, also where the shop's clock is a test clock
 * @returns the signed fields, or the first fault in the order of {@link SignatureReason}
 */
export const verifySigned = (
  request: SignedRequest,
  secretKey: string | undefined,
  now: Date,
): Verified | Refused<SignatureReason> => {
  const { authorization } = request
  const timestamp = textHeader(request, 'x-timestamp') ?? ''
  const fields = hashedFields(authorization.signedParams, request.parts)
  const fault =
    methodFault(request) ??
    timeFault(request, timestamp, now) ??
    notSigned(request) ??
    absentHeader(request) ??
    shapeFault(request, fields)
  if (fault) return fault

  const { kSigning } = signingKeys(secretKey ?? 'nobody has this key', authorization.date)
  const claimed = Buffer.from(authorization.signature, 'hex')
  let matched = false
  for (const canonical of canonicalReadings(request, fields)) {
    const expected = signatureOf(kSigning, stringToSign(timestamp, authorization.date, canonical))
    // Lengths differ only for an Authorization that did not come from `parseAuthorization`.
    if (claimed.length === expected.length && timingSafeEqual(claimed, expected)) matched = true
  }
  if (secretKey === undefined)
    return refuse('unknown-secret-id', {
      zh: `没有 SecretId 为“${quoted(authorization.secretId)}”的环境；请检查 TENCENTCLOUD_SECRETID（或 cloud.init 的 secretId）与本服务的配置`,
      en: `no environment has the SecretId "${quoted(authorization.secretId)}"; compare TENCENTCLOUD_SECRETID (or the secretId of cloud.init) with this server's configuration`,
    })
  return matched ? { verified: true, fields } : mismatch(request)
}

/** Own properties only: a signed header may well be named `constructor`. */
export const textHeader = ({ headers }: SignedRequest, name: string): string | undefined => {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined
  return typeof value === 'string' ? value : undefined
}

/** POST alone: for GET the library hashes an empty text, so that no field would be covered. */
const methodFault = ({ method }: SignedRequest) => {
  if (/^post$/i.test(method)) return undefined
  return refuse('wrong-method', {
    zh: `请求方法是“${quoted(method)}”，签名请求只接受 POST；请用官方 SDK 发送`,
    en: `the method is "${quoted(method)}", signed requests must be POST; send them with the official SDK`,
  })
}

const timeFault = (request: SignedRequest, timestamp: string, now: Date) => {
  // Eleven digits last to the year 5138, within what Date can hold.
  if (!/^(?:0|[1-9]\d{0,10})$/.test(timestamp))
    return refuse('malformed-timestamp', {
      zh: `X-Timestamp 是“${quoted(timestamp)}”，应为 1970 年以来的十进制秒数`,
      en: `X-Timestamp is "${quoted(timestamp)}", it must be decimal seconds since 1970`,
    })
  const signedAt = Number(timestamp) * 1000
  const date = utcDate(Number(timestamp))
  if (request.authorization.date !== date)
    return refuse('wrong-date', {
      zh: `Credential 的日期是 ${quoted(request.authorization.date)}，而 X-Timestamp 的 UTC 日期是 ${date}；两者必须相同`,
      en: `the credential's date is ${quoted(request.authorization.date)}, the UTC date of X-Timestamp is ${date}; they must be equal`,
    })
  const window = windowSeconds(request)
  if (Math.abs(now.getTime() - signedAt) <= window * 1000) return undefined
  const [server, caller] = [now.toISOString(), new Date(signedAt).toISOString()]
  return refuse('timestamp-outside-window', {
    zh: `请求签名于 ${caller}，服务器时间是 ${server}，相差超过 ${window} 秒；请校准两边的系统时间后重新签名`,
    en: `the request was signed at ${caller}, the server's time is ${server}, more than ${window} s apart; set both clocks right and sign again`,
  })
}

/** X-Signature-Expires is not signed, so it may only narrow the window; what is malformed or over 600 is ignored. */
const windowSeconds = (request: SignedRequest) => {
  const expires = textHeader(request, 'x-signature-expires') ?? ''
  return /^\d{1,4}$/.test(expires) ? Math.min(Number(expires), maxAgeSeconds) : maxAgeSeconds
}

/** Without these in the lists the signature would not say what is asked, or of whom. */
const notSigned = ({ authorization, parts, mustCover }: SignedRequest) => {
  const envName = parts.find((part) => part.name.toLowerCase() === 'envname')
  const hasEnvName = envName !== undefined && (asHashed(envName)?.bytes.length ?? 0) > 0
  const params = [...mustCover, ...(hasEnvName ? ['envname'] : [])]
  const unsigned = [
    ...params.filter((name) => !authorization.signedParams.includes(name)),
    ...['host', 'content-type'].filter((name) => !authorization.signedHeaders.includes(name)),
  ]
  if (unsigned.length === 0) return undefined
  return refuse('required-not-signed', {
    zh: `签名没有包含 ${unsigned.join('、')}；它们必须列入 SignedParams 或 SignedHeaders，请用官方 SDK 签名`,
    en: `the signature does not cover ${unsigned.join(', ')}; SignedParams or SignedHeaders must list them, sign with the official SDK`,
  })
}

const absentHeader = (request: SignedRequest) => {
  const absent = request.authorization.signedHeaders.find((name) => textHeader(request, name) === undefined)
  if (absent === undefined) return undefined
  return refuse('signed-header-absent', {
    zh: `SignedHeaders 列有“${quoted(absent)}”，请求中却没有这个请求头；代理不得删除请求头`,
    en: `SignedHeaders lists "${quoted(absent)}", the request has no such header; proxies must not drop headers`,
  })
}

/** Names that decide what is done: a line break in them can only be meant to deceive. */
const oneLineFields = ['action', 'apiname', 'function_name', 'envname']

/** What is hashed is joined by line breaks without lengths: nothing joined may hold what joins it. */
const shapeFault = (request: SignedRequest, fields: ReadonlyMap<string, Part>) => {
  const broken = (where: Text) =>
    refuse('line-break', {
      zh: `${where.zh}含有换行；请去掉`,
      en: `${where.en} holds a line break; remove it`,
    })
  for (const { name, bytes } of request.parts)
    if (oneLineFields.includes(name.toLowerCase()) && (bytes.includes('\r') || bytes.includes('\n')))
      return broken({ zh: `字段 ${name} `, en: `field ${name}` })
  const lines = [request.path, request.query, ...signedHeaders(request).map(([, value]) => value)]
  if (lines.some((line) => /[\r\n]/.test(line)))
    return broken({ zh: '地址或已签名的请求头', en: 'the URL or a signed header' })
  for (const [name, { bytes }] of fields)
    if (movesTheSeam(bytes))
      return refuse('ambiguous-value', {
        zh: `字段 ${name} 含有“回车 换行 &”，签名无法区分它与字段边界；请去掉这三个字符`,
        en: `field ${name} holds CR LF "&", which a signature cannot tell from the end of a field; remove it`,
      })
  return undefined
}

export const signedHeaders = (request: SignedRequest): [string, string][] =>
  request.authorization.signedHeaders.map((name) => [name, textHeader(request, name) ?? ''])

/**
 * Every text that the signer may have signed for this wire request: the SDK signs `post`, other users of its library
 * `POST`; a URL without a path is signed so, and travels as `/` (observed: wx-server-sdk 4.0.2).
 */
const canonicalReadings = (request: SignedRequest, fields: ReadonlyMap<string, Part>): string[] => {
  const { path, query } = request
  const payloadHash = sha256Hex(payloadPreimage(fields))
  const headers = signedHeaders(request)
  const urls = (path === '/' ? ['/', ''] : [path]).map(
    (end) => `//${textHeader(request, 'host') ?? ''}${end}`,
  )
  return urls.flatMap((signedUrl) =>
    ['post', 'POST'].map((method) => canonicalRequest({ method, signedUrl, query, headers, payloadHash })),
  )
}

const mismatch = (request: SignedRequest) => {
  const url = quoted(`${textHeader(request, 'host') ?? ''}${request.path}`)
  return refuse('signature-mismatch', {
    zh: `签名不符。请先检查 secretKey；若无误，服务器看到的地址是“${url}”，代理不得改动 Host、路径和查询串，地址应为小写主机名、ASCII 路径，不带“?”`,
    en: `the signature does not match. Check the secretKey first; if it is right, the server saw the URL "${url}"; a proxy must keep Host, path and query, and the URL needs a lower-case host and an ASCII path without "?"`,
  })
}

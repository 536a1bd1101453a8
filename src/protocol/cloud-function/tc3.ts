/**
 * The arithmetic of TC3-HMAC-SHA256 as CloudBase varies it, step by step, and the signing side of it.
 * All facts here were observed: wx-server-sdk 4.0.2 with @cloudbase/signature-nodejs 2.2.0; 3.0.4 and 2.6.3 with
 * 1.0.0-beta.0. Whether a request may be believed is decided in `verify-signed.ts`.
 */
import { createHash, createHmac } from 'node:crypto'
import type { Part } from './multipart.ts'

export const algorithm = 'TC3-HMAC-SHA256'
/** What follows the date in the credential: service and terminator. */
export const scopeEnd = 'tcb/tc3_request'

/** `YYYY-MM-DD` of a moment, in UTC. `timestamp` is whole seconds since 1970, up to the year 9999. */
export const utcDate = (timestamp: number): string => new Date(timestamp * 1000).toISOString().slice(0, 10)

export const sha256Hex = (bytes: string | Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex')

/**
 * The part as it is hashed: text trimmed as JavaScript trims, bytes never (`apiOptions` starts with 0x0A).
 *
 * @returns undefined for a text that is empty once trimmed: it is not hashed. Empty bytes are.
 */
export const asHashed = (part: Part): Part | undefined => {
  if (part.kind === 'bytes') return part
  const sent = part.bytes.toString('utf8')
  const trimmed = sent.trim()
  if (trimmed === '') return undefined
  return trimmed === sent ? part : { ...part, bytes: Buffer.from(trimmed) }
}

/**
 * The fields that the payload hash covers, in its order: the list is walked, absent and empty texts are skipped.
 * 4.x lists only what it hashed, legacy lists the empty ones too; one walk serves both.
 *
 * @param signedParams lower-case names, none twice
 */
export const hashedFields = (signedParams: readonly string[], parts: readonly Part[]): Map<string, Part> => {
  const byName = new Map(parts.map((part) => [part.name.toLowerCase(), part]))
  const fields = new Map<string, Part>()
  for (const name of signedParams) {
    const part = byName.get(name)
    const hashed = part && asHashed(part)
    if (hashed) fields.set(name, hashed)
  }
  return fields
}

const crLf = Buffer.from('\r\n')

/** What PAYLOAD_HASH is the sha256 of: `&name=value CR LF` for each field, without lengths. */
export const payloadPreimage = (fields: ReadonlyMap<string, Part>): Buffer =>
  Buffer.concat([...fields].flatMap(([name, part]) => [Buffer.from(`&${name}=`), part.bytes, crLf]))

export type CanonicalRequest = {
  /** As the signer was given it: the SDK signs lower-case `post` while the wire says `POST`. */
  readonly method: string
  /** `//` + host + raw path: the URL without scheme and query. */
  readonly signedUrl: string
  /** Raw text after `?`, neither sorted nor re-encoded (legacy starts with `&`); `''` when there is none. */
  readonly query: string
  /** Names in lower case with their values, in the order of SignedHeaders. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  /** Hex. */
  readonly payloadHash: string
}

/** The text whose hash is signed. There is an empty line after the headers. */
export const canonicalRequest = ({ headers, ...request }: CanonicalRequest) =>
  canonicalText({ ...request, headers: headers.map(([name, value]) => [name, canonicalHeader(name, value)]) })

/** The same of headers that are canonical already. */
export const canonicalText = ({ method, signedUrl, query, headers, payloadHash }: CanonicalRequest) => {
  const lines = headers.map(([name, value]) => `${name}:${value}`)
  return [method, signedUrl, query, ...lines, '', headers.map(([name]) => name).join(';'), payloadHash].join(
    '\n',
  )
}

/** Values are trimmed and lower-cased, inner blanks stay. A multipart content type loses its boundary, others stay. */
export const canonicalHeader = (name: string, value: string) => {
  if (name !== 'content-type') return value.trim().toLowerCase()
  return value.startsWith('multipart/form-data') ? 'multipart/form-data' : value
}

/** @param timestamp the text of X-Timestamp, decimal seconds; @param date its UTC date */
export const stringToSign = (timestamp: string, date: string, canonical: string): string =>
  [algorithm, timestamp, `${date}/${scopeEnd}`, sha256Hex(canonical)].join('\n')

const hmac = (key: string | Buffer, message: string) => createHmac('sha256', key).update(message).digest()

/** The three derived keys; `kSigning` signs everything of one secret on one UTC date. Secret: never show them. */
export const signingKeys = (secretKey: string, date: string) => {
  const kDate = hmac(`TC3${secretKey}`, date)
  const kService = hmac(kDate, 'tcb')
  const kSigning = hmac(kService, 'tc3_request')
  return { kDate, kService, kSigning }
}

/** 32 bytes; the Authorization header carries them as lower-case hex. */
export const signatureOf = (kSigning: Buffer, toSign: string): Buffer => hmac(kSigning, toSign)

export type Unsigned = {
  /** Host with port, as in the Host header. */
  readonly host: string
  /** Raw path from `/` on. */
  readonly path: string
  /** Raw query without `?`. */
  readonly query: string
  /** Headers to sign and send, lower-case names; `content-type` is required, `host` is added. */
  readonly headers: Readonly<Record<string, string>> & { readonly 'content-type': string }
  readonly parts: readonly Part[]
}

/**
 * Signs as 4.x does: method `post`, every given header, every field but empty texts, names sorted. For clients: tests
 * and benchmarks use it where the SDK's one-process-one-environment limit is in the way.
 *
 * @param timestamp seconds since 1970 of the moment of signing (the SDK takes one second ago)
 * @returns all headers to send, `authorization`, `x-timestamp` and `x-signature-expires` among them
 */
export const signRequest = (
  request: Unsigned,
  credentials: { readonly secretId: string; readonly secretKey: string },
  timestamp: number,
): Record<string, string> & { authorization: string } => {
  const sent: Record<string, string> = { ...request.headers, host: request.host }
  const names = request.parts.map((part) => part.name.toLowerCase()).sort()
  const fields = hashedFields(names, request.parts)
  const headers = Object.entries(sent).sort(([a], [b]) => (a < b ? -1 : 1))
  const canonical = canonicalRequest({
    method: 'post',
    signedUrl: `//${request.host}${request.path}`,
    query: request.query,
    headers,
    payloadHash: sha256Hex(payloadPreimage(fields)),
  })
  const date = utcDate(timestamp)
  const { kSigning } = signingKeys(credentials.secretKey, date)
  const signature = signatureOf(kSigning, stringToSign(`${timestamp}`, date, canonical)).toString('hex')
  return {
    ...sent,
    authorization: [
      `${algorithm} Credential=${credentials.secretId}/${date}/${scopeEnd}`,
      `SignedParams=${[...fields.keys()].join(';')}`,
      `SignedHeaders=${headers.map(([name]) => name).join(';')}`,
      `Signature=${signature}`,
    ].join(', '),
    'x-signature-expires': '600',
    'x-timestamp': `${timestamp}`,
  }
}

/**
 * Reads the `multipart/form-data` body of a cloud-function request into named parts of raw bytes.
 * It interprets no value: which parts are signed, and what they mean, is for its callers.
 */
import { isUtf8 } from 'node:buffer'
import { Busboy } from '@fastify/busboy'
import { quoted, type Refused, refuse } from './refusal.ts'

/** The SDK sends 11 parts at most (observed: wx-server-sdk 4.0.2, 3.0.4, 2.6.3). */
export const maxParts = 64
/** Longest part name, in bytes. The SDK's longest has 23. */
export const maxNameBytes = 64
/** Largest part, in bytes. */
export const maxPartBytes = 1024 * 1024
/** Largest header block of one part, in bytes, and most lines in it. The SDK sends two lines. */
export const maxHeaderBytes = 1024
export const maxHeaderLines = 8

/** One field of the form. */
export type Part = {
  /** As sent: 1–64 printable ASCII characters. Signatures know it in lower case. */
  readonly name: string
  /**
   * `bytes` exactly when the part itself says `Content-Type: application/octet-stream`; the SDK gives such parts
   * no file name, so that is no sign (observed: wx-server-sdk 4.0.2).
   */
  readonly kind: 'text' | 'bytes'
  /** As sent, untrimmed. Valid UTF-8 when `kind` is `text`. */
  readonly bytes: Buffer
}

export type MultipartReason =
  | 'not-multipart'
  | 'no-boundary'
  | 'malformed-body'
  | 'malformed-part'
  | 'too-many-parts'
  | 'part-too-big'
  | 'bad-name'
  | 'duplicate-name'
  | 'ambiguous-value'
  | 'not-utf8'

export type Multipart = { readonly parts: readonly Part[] } | Refused<MultipartReason>

/**
 * True when `value` could be read as the end of one signed field and the start of the next: the payload hash of the
 * signature joins `&name=value CR LF` without lengths, so CR LF `&` inside a value moves the seam. Nothing honest
 * holds it: JSON has no `&` outside its texts and no line break inside them; `apiOptions` holds an appid.
 */
export const movesTheSeam = (value: Buffer): boolean => value.includes('\r\n&')

/**
 * Reads a whole body. Never throws or rejects, whatever the bytes.
 *
 * Stricter than RFC 2046 where no client in use cares: nothing may stand before the first boundary, boundary lines
 * are not padded. What follows the closing boundary is ignored.
 *
 * @param contentType the request's header, with its boundary
 * @param body the whole body; its total size is the door's limit
 * @returns parts in the order sent, names distinct even in lower case; or the first fault: of the header, then of the
 *   boundaries from the start of the body on, then of names and values, part by part
 */
export const readMultipart = async (contentType: string, body: Uint8Array): Promise<Multipart> => {
  const boundary = boundaryOf(contentType)
  if (typeof boundary !== 'string') return boundary
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const count = countParts(bytes, boundary)
  if (typeof count !== 'number') return count
  const sent = await split(bytes, boundary)
  if (sent?.length !== count) return malformedPart
  return checked(sent)
}

const boundaryOf = (contentType: string): string | Refused<MultipartReason> => {
  if (!/^multipart\/form-data[ \t]*(?:;|$)/i.test(contentType))
    return refuse('not-multipart', {
      zh: `请求体应为 multipart/form-data，收到的 Content-Type 是“${quoted(contentType)}”；请用官方 SDK 发送`,
      en: `the body must be multipart/form-data, its Content-Type is "${quoted(contentType)}"; send it with the official SDK`,
    })
  // RFC 2046 §5.1.1: 1–70 of these characters. None needs escaping when it is quoted again below.
  const found =
    /;[ \t]*boundary=(?:"([\w'()+,./:=? -]{0,69}[\w'()+,./:=?-])"|([\w'()+./:=?-]{1,70}))[ \t]*(?:;|$)/i.exec(
      contentType,
    )
  return (
    found?.[1] ??
    found?.[2] ??
    refuse('no-boundary', {
      zh: `Content-Type“${quoted(contentType)}”没有可用的 boundary（1–70 个字符）；请原样转发这个请求头`,
      en: `Content-Type "${quoted(contentType)}" has no usable boundary (1-70 characters); forward this header unchanged`,
    })
  )
}

const malformedBody = refuse('malformed-body', {
  zh: 'multipart 请求体不完整，或与 Content-Type 的 boundary 不符；请完整发送，代理不得改动请求体',
  en: 'the multipart body is cut short or does not follow the boundary in Content-Type; send all of it, through proxies that leave it alone',
})

const malformedPart = refuse('malformed-part', {
  zh: `multipart 中有一个部分的头不合规：每个部分都要有 Content-Disposition: form-data; name="…"，头不超过 ${maxHeaderLines} 行、${maxHeaderBytes} 字节`,
  en: `a part of the multipart body has unusable headers: each needs Content-Disposition: form-data; name="…", in at most ${maxHeaderLines} lines and ${maxHeaderBytes} bytes`,
})

/**
 * Walks the boundaries before busboy does, for what busboy does not report: it drops a part whose headers it cannot
 * use and cuts long headers, both silently; and whether a cut-off body ends in `finish`, `error` or both depends on
 * where the cut is. Bodies that pass always finish, and every part counted here must come out of it.
 */
const countParts = (body: Buffer, boundary: string): number | Refused<MultipartReason> => {
  const seam = `\r\n--${boundary}`
  if (!body.subarray(0, seam.length - 2).equals(Buffer.from(seam.slice(2)))) return malformedBody
  let afterBoundary = seam.length - 2
  for (let count = 0; ; count++) {
    const lineEnd = body.toString('latin1', afterBoundary, afterBoundary + 2)
    if (lineEnd === '--') return count
    const end = body.indexOf(seam, afterBoundary)
    if (lineEnd !== '\r\n' || end === -1) return malformedBody
    if (count === maxParts)
      return refuse('too-many-parts', {
        zh: `multipart 的部分超过 ${maxParts} 个；CloudPay 的请求至多 11 个`,
        en: `the multipart body has more than ${maxParts} parts; a CloudPay request has 11 at most`,
      })
    const headers = body.subarray(afterBoundary + 2, Math.min(end, afterBoundary + 2 + maxHeaderBytes + 4))
    const headersEnd = headers.indexOf('\r\n\r\n')
    if (headersEnd === -1) return malformedPart
    if (headers.toString('latin1', 0, headersEnd).split('\r\n').length > maxHeaderLines) return malformedPart
    if (end - (afterBoundary + 2 + headersEnd + 4) > maxPartBytes)
      return refuse('part-too-big', {
        zh: `multipart 中有一个部分超过 ${maxPartBytes} 字节；请缩短请求参数`,
        en: `a part of the multipart body is longer than ${maxPartBytes} bytes; shorten the request`,
      })
    afterBoundary = end + seam.length
  }
}

type SentPart = { readonly name: string | undefined; readonly kind: Part['kind']; readonly chunks: Buffer[] }

/** @returns the parts that busboy could use, or undefined when it gave up */
const split = (body: Buffer, boundary: string): Promise<SentPart[] | undefined> =>
  new Promise((resolve) => {
    const sent: SentPart[] = []
    const giveUp = () => resolve(undefined)
    try {
      const parser = new Busboy({
        headers: { 'content-type': `multipart/form-data; boundary="${boundary}"` },
        // Raw bytes for every part: the hash needs them, and busboy would decode text loosely.
        isPartAFile: () => true,
      })
      parser.on('file', (name: string | undefined, stream, _filename, _encoding, mimeType) => {
        const kind = mimeType === 'application/octet-stream' ? 'bytes' : 'text'
        const chunks: Buffer[] = []
        sent.push({ name, kind, chunks })
        // Listeners stay on after the promise settles: an 'error' without one would end the process.
        stream.on('data', (chunk: Buffer) => chunks.push(chunk))
        stream.on('error', giveUp)
      })
      parser.on('error', giveUp)
      parser.on('finish', () => resolve(sent))
      parser.end(body)
    } catch {
      giveUp()
    }
  })

const checked = (sent: readonly SentPart[]): Multipart => {
  // A Map, never an object: `__proto__` is a name like any other.
  const parts = new Map<string, Part>()
  for (const { name, kind, chunks } of sent) {
    if (name === undefined || name.length > maxNameBytes || !/^[ -~]+$/.test(name))
      return refuse('bad-name', {
        zh: `multipart 中有一个部分的 name“${quoted(name ?? '')}”不合规：应为 1–${maxNameBytes} 个可见 ASCII 字符`,
        en: `a part of the multipart body is named "${quoted(name ?? '')}": a name has 1-${maxNameBytes} printable ASCII characters`,
      })
    if (parts.has(name.toLowerCase()))
      return refuse('duplicate-name', {
        zh: `multipart 中“${quoted(name)}”出现了两次（不分大小写）；每个字段只能有一个`,
        en: `the multipart body has "${quoted(name)}" twice (case aside); send each field once`,
      })
    const bytes = Buffer.concat(chunks)
    if (movesTheSeam(bytes))
      return refuse('ambiguous-value', {
        zh: `字段“${quoted(name)}”含有“回车 换行 &”，签名无法区分它与字段边界；请去掉这三个字符`,
        en: `field "${quoted(name)}" holds CR LF "&", which a signature cannot tell from the end of a field; remove it`,
      })
    if (kind === 'text' && !isUtf8(bytes))
      return refuse('not-utf8', {
        zh: `文本字段“${quoted(name)}”不是有效的 UTF-8；请以 UTF-8 发送，或以 application/octet-stream 发送字节`,
        en: `text field "${quoted(name)}" is not valid UTF-8; send UTF-8, or bytes as application/octet-stream`,
      })
    parts.set(name.toLowerCase(), { name, kind, bytes })
  }
  return { parts: [...parts.values()] }
}

/** The `apiOptions` field: protobuf `ApiOptions { string appid = 1 }`. Owns its decoding and limits. */
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { quoted, type Refused, refuse } from './refusal.ts'

export type ApiOptionsReason = 'malformed' | 'unknown-field' | 'repeated-field' | 'bad-appid'

export type ApiOptions = {
  /** The mini-program that pays, of `cloud.cloudPay({ appid })`; undefined for plain `cloud.cloudPay`. */
  readonly appid: string | undefined
}

const appidField = 1

/** An appid has 18 characters (`wx` and 16 hex digits); room is left, as elsewhere on the wire, up to 32. */
const appidPattern = /^[0-9A-Za-z_-]{1,32}$/

/**
 * Decodes the bytes of `apiOptions`. Never throws.
 * Empty bytes mean no appid (observed: wx-server-sdk 4.0.2); so does an empty text, as everywhere in protobuf.
 * Fields that are not known are refused, not skipped: an option we do not honour must not seem honoured.
 *
 * @returns the options, or the first fault met from left to right
 */
export const readApiOptions = (bytes: Uint8Array): ApiOptions | Refused<ApiOptionsReason> => {
  try {
    return read(new BinaryReader(bytes))
  } catch {
    // The reader throws on bad tags, lengths past the end and bad UTF-8; which of them helps nobody.
    return refuse('malformed', {
      zh: 'apiOptions 不是有效的 protobuf ApiOptions；请用官方 SDK 的 cloud.cloudPay({ appid }) 发送',
      en: 'apiOptions is not a valid protobuf ApiOptions; send it with the official SDK, cloud.cloudPay({ appid })',
    })
  }
}

const read = (reader: BinaryReader): ApiOptions | Refused<ApiOptionsReason> => {
  let appid: string | undefined
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag()
    if (field !== appidField || wireType !== WireType.LengthDelimited)
      return refuse('unknown-field', {
        zh: `apiOptions 含有未知字段 ${field}；只支持 appid（字段 1，字符串）`,
        en: `apiOptions holds unknown field ${field}; only appid (field 1, a string) is supported`,
      })
    if (appid !== undefined)
      return refuse('repeated-field', {
        zh: 'apiOptions 中 appid 出现了两次；只能有一个',
        en: 'apiOptions holds appid twice; send one',
      })
    appid = reader.string(true)
  }
  if (!appid) return { appid: undefined }
  if (appidPattern.test(appid)) return { appid }
  return refuse('bad-appid', {
    zh: `apiOptions 的 appid“${quoted(appid)}”不合规：应为 1–32 个字母、数字、_ 或 -`,
    en: `appid "${quoted(appid)}" in apiOptions is no appid: it has 1-32 letters, digits, _ or -`,
  })
}

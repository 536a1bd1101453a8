/**
 * How TC3 signatures go wrong in practice: a key of somebody else, an address that is another on either side of a proxy,
 * clients written by hand. Owns those mistakes and their words, and how each of them signs. Pure.
 */
import type { Evidence, KnownKey } from '../signature-check.ts'
import type { Text } from '../text.ts'
import { quoted } from './refusal.ts'
import { asHashed, canonicalHeader, utcDate } from './tc3.ts'
import { type SignedRequest, signedHeaders, textHeader } from './verify-signed.ts'

/** A field as it is hashed. */
export type HashedField = readonly [name: string, bytes: Buffer]

/** One way to sign: every mistake is the right way but for one of these. */
export interface Signing {
  readonly key: string
  readonly method: string
  /** Host and path as they stand in the URL; its scheme has no place there. */
  readonly scheme: '' | 'http:' | 'https:'
  readonly host: string
  readonly path: string
  readonly query: string
  /** Canonical. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly payload: readonly HashedField[]
  readonly timestamp: string
  readonly date: string
}

export type Finding = Text & { readonly part: string }
export type Mistake = Finding & { readonly signing: Partial<Signing> }

/** In the order of SignedParams; what is empty once trimmed is not hashed. */
export const payloadOf = ({ authorization, parts }: SignedRequest): HashedField[] => {
  const byName = new Map(parts.map((part) => [part.name.toLowerCase(), part]))
  return authorization.signedParams.flatMap((name): HashedField[] => {
    const part = byName.get(name)
    const hashed = part && asHashed(part)
    return hashed === undefined ? [] : [[name, hashed.bytes]]
  })
}

const withHeader = (headers: Signing['headers'], name: string, value: string): Signing['headers'] =>
  headers.map((header) => (header[0] === name ? [name, value] : header))

function* keyMistakes(own: KnownKey): Generator<Mistake> {
  const { key } = own
  for (const blank of [`${key}\n`, `${key} `, ` ${key}`, `${key}\r\n`])
    yield {
      part: 'key',
      zh: `签名所用的 secretKey 首尾带有空格或换行；请从配置或环境变量中去掉（${own.zh}）`,
      en: `the secretKey that was signed with has a blank or a line break at its end; take it out of your configuration (${own.en})`,
      signing: { key: blank },
    }
  for (const quotes of [`"${key}"`, `'${key}'`])
    yield {
      part: 'key',
      zh: `签名所用的 secretKey 带着引号；请从配置或环境变量中去掉（${own.zh}）`,
      en: `the secretKey that was signed with still has its quotes; take them out of your configuration (${own.en})`,
      signing: { key: quotes },
    }
}

const keyOf = (known: KnownKey, own: KnownKey): Mistake => ({
  part: 'key',
  zh: `签名用的是${known.zh}，应为${own.zh}`,
  en: `it was signed with ${known.en}; it should be ${own.en}`,
  signing: { key: known.key },
})

/** Names of this machine, which all lead to the same server. */
const ownNames = ['localhost', '127.0.0.1', '[::1]', 'host.docker.internal']

/** How else the host may have been named where the request was signed. */
function otherHosts(request: SignedRequest, host: string): string[] {
  const [, name = host, port = ''] = /^(.*?)(:\d+)?$/.exec(host) ?? []
  const forwarded = textHeader(request, 'x-forwarded-host')?.split(',')[0]?.trim() ?? ''
  const named = ownNames.includes(name) ? ownNames.map((own) => `${own}${port}`) : []
  const ported = port === '' ? [`${name}:80`, `${name}:443`] : [name]
  return [forwarded, ...named, ...ported].filter((other) => other !== '' && other !== host)
}

function* addressMistakes(
  request: SignedRequest,
  { headers, query, host, path }: Signing,
  named: (text: string) => string,
): Generator<Mistake> {
  for (const other of new Set(otherHosts(request, host)))
    yield {
      part: 'host',
      zh: `签名时的主机是 ${named(other)}，到达时是 ${named(host)}；请使两者相同，代理应原样转发 Host`,
      en: `it was signed for the host ${named(other)} and arrived for ${named(host)}; use one of them, and let proxies pass Host on as it is`,
      signing: { host: other, headers: withHeader(headers, 'host', canonicalHeader('host', other)) },
    }
  const turned = path.endsWith('/') ? path.slice(0, -1) : `${path}/`
  for (const other of new Set(['/admin', '/', '', turned, `/${path}`]))
    if (other !== path)
      yield {
        part: 'path',
        zh: `签名时的路径是“${named(other)}”，到达时是“${named(path)}”；请改地址，代理不得改写路径`,
        en: `it was signed for the path "${named(other)}" and arrived at "${named(path)}"; change the address, and let proxies keep the path`,
        signing: { path: other },
      }
  for (const scheme of ['http:', 'https:'] as const)
    yield {
      part: 'url',
      zh: `签名的地址带着“${scheme}”；应从“//主机”开始`,
      en: `the signed URL holds "${scheme}"; it starts with "//" and the host`,
      signing: { scheme },
    }
  yield* queryMistakes(query)
}

const mostParameters = 6

function* queryMistakes(query: string): Generator<Mistake> {
  if (query === '') return
  const parameters = query.split('&')
  const others: [string, Text][] = [
    ['', { zh: '签名时没有查询串', en: 'it was signed without the query' }],
    [
      query.startsWith('&') ? query.slice(1) : `&${query}`,
      { zh: '查询串开头的“&”在签名与发送时不同', en: 'the "&" at the query’s start is not the same in both' },
    ],
    [
      [...parameters].sort().join('&'),
      { zh: '签名时排过查询串的顺序', en: 'the query was sorted for signing' },
    ],
    ...parameters
      .slice(0, mostParameters)
      .map((_, at): [string, Text] => [
        parameters.toSpliced(at, 1).join('&'),
        { zh: '查询串中有一个参数没有参与签名', en: 'a parameter of the query was not signed' },
      ]),
  ]
  for (const [other, { zh, en }] of others)
    if (other !== query)
      yield {
        part: 'query',
        zh: `${zh}；应以发送的原文签名，代理不得改动查询串`,
        en: `${en}; it is signed as it is sent, and proxies leave it alone`,
        signing: { query: other },
      }
}

function* headerMistakes(request: SignedRequest, { headers }: Signing): Generator<Mistake> {
  const sent = textHeader(request, 'content-type') ?? ''
  const [mediaType = ''] = sent.split(';', 1)
  const contentTypes = [
    sent,
    sent.toLowerCase(),
    mediaType.trim(),
    mediaType.trim().toLowerCase(),
    `${mediaType.trim().toLowerCase()}; charset=utf-8`,
    `${mediaType.trim().toLowerCase()};charset=utf-8`,
  ]
  const canonical = canonicalHeader('content-type', sent)
  for (const other of new Set(contentTypes))
    if (other !== canonical)
      yield {
        part: 'content-type',
        zh: 'Content-Type 的签名值不对：multipart 只签“multipart/form-data”，不含 boundary；其他类型按发送的原文签，参数与大小写都要相同',
        en: 'Content-Type was signed otherwise: of multipart only "multipart/form-data" is signed, without its boundary; any other as it is sent, parameters and case included',
        signing: { headers: withHeader(headers, 'content-type', other) },
      }
  const asSent = signedHeaders(request).map(([name, value]): readonly [string, string] => [
    name,
    name === 'content-type' ? canonical : value.trim(),
  ])
  if (asSent.some(([, value], at) => value !== headers[at]?.[1]))
    yield {
      part: 'headers',
      zh: '请求头的值没有转成小写就签名；除 Content-Type 外都要小写并去掉首尾空白',
      en: 'the values of the headers were signed without lower-casing them; all but Content-Type are trimmed and lower-cased',
      signing: { headers: asSent },
    }
}

const isSamePayload = (one: readonly HashedField[], other: readonly HashedField[]) =>
  one.length === other.length &&
  one.every(([name, bytes], at) => name === other[at]?.[0] && bytes.equals(other[at][1]))

const mostFields = 16

function* fieldMistakes({ parts }: SignedRequest, { payload }: Signing): Generator<Mistake> {
  const sentAs = new Map(parts.map((part) => [part.name.toLowerCase(), part]))
  const nameOf = (name: string) => sentAs.get(name)?.name ?? name
  for (const [part] of payload.slice(0, mostFields))
    yield {
      part: nameOf(part),
      zh: `字段 ${nameOf(part)} 签名时是空的或不存在，发送时却有值`,
      en: `the field ${nameOf(part)} was empty or absent when it was signed, and has a value as it was sent`,
      signing: { payload: payload.filter(([name]) => name !== part) },
    }
  const written: [Text, readonly HashedField[]][] = [
    [
      { zh: '文本字段没有去掉首尾空白就签名', en: 'texts were signed without trimming them' },
      payload.map(([name, bytes]) => [name, sentAs.get(name)?.bytes ?? bytes]),
    ],
    [
      {
        zh: '字节字段去掉了首尾空白才签名；它们要按原样签',
        en: 'bytes were trimmed for signing; they are signed as they are',
      },
      payload.map(([name, bytes]) => [name, Buffer.from(bytes.toString().trim())]),
    ],
    [
      {
        zh: '签名时字段名保留了大小写；应全部小写',
        en: 'the names of fields were signed in their case; they are lower-cased',
      },
      payload.map(([name, bytes]) => [nameOf(name), bytes]),
    ],
    [
      {
        zh: '字段的签名顺序与 SignedParams 不同',
        en: 'the fields were signed in another order than SignedParams has',
      },
      [...payload].sort(([a], [b]) => (a < b ? -1 : 1)),
    ],
    [
      {
        zh: '字段按发送的顺序签名；应按 SignedParams 的顺序',
        en: 'the fields were signed as they are sent; SignedParams has their order',
      },
      [...sentAs.keys()].flatMap((name) => payload.filter(([field]) => field === name)),
    ],
  ]
  for (const [{ zh, en }, changed] of written)
    if (!isSamePayload(changed, payload)) yield { part: 'fields', zh, en, signing: { payload: changed } }
}

const daySeconds = 86_400

function* timeMistakes(request: SignedRequest, { timestamp, date }: Signing): Generator<Mistake> {
  const seconds = Number(timestamp)
  for (const days of [1, -1])
    yield {
      part: 'date',
      zh: `签名用的日期是 ${utcDate(seconds + days * daySeconds)}，应为 X-Timestamp 的 UTC 日期 ${date}；不要用当地日期`,
      en: `it was signed with the date ${utcDate(seconds + days * daySeconds)}; it should be the UTC date of X-Timestamp, ${date}, not the local one`,
      signing: { date: utcDate(seconds + days * daySeconds) },
    }
  const clientMs = textHeader(request, 'x-client-timestamp') ?? ''
  for (const ms of new Set([`${timestamp}000`, ...(/^\d{13}$/.test(clientMs) ? [clientMs] : [])]))
    yield {
      part: 'timestamp',
      zh: '签名用的时间戳是毫秒；应为 X-Timestamp 里的秒数',
      en: 'the timestamp that was signed is in milliseconds; it is the seconds of X-Timestamp',
      signing: { timestamp: ms },
    }
  for (const other of [seconds + 1, seconds - 1])
    yield {
      part: 'timestamp',
      zh: '签名用的时间戳与 X-Timestamp 差一秒；两处应取同一个值',
      en: 'the timestamp that was signed is a second from X-Timestamp; take it once for both',
      signing: { timestamp: `${other}` },
    }
}

/**
 * The likeliest first; those that others' settings lengthen last.
 * @param isSmall whether the fields may be hashed again and again
 */
export function* mistakes(
  request: SignedRequest,
  right: Signing,
  { own, others, hide }: Evidence,
  isSmall: boolean,
): Generator<Mistake> {
  const [first, ...foreign] = others
  yield* keyMistakes(own)
  if (first !== undefined) yield keyOf(first, own)
  yield* addressMistakes(request, right, (text) => quoted(hide(text)))
  yield* headerMistakes(request, right)
  yield* timeMistakes(request, right)
  if (isSmall) yield* fieldMistakes(request, right)
  for (const known of foreign) yield keyOf(known, own)
}

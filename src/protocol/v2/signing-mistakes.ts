/**
 * How v2 signatures go wrong in practice. Owns those mistakes and their words, and how each of them signs. Pure.
 * Source: v2-wire §5, "frequent mistakes", and what is asked in the field's forums.
 */
import { createHash, createHmac } from 'node:crypto'
import type { SignType } from '../sign.ts'
import type { Evidence, KnownKey } from '../signature-check.ts'
import type { Text } from '../text.ts'
import { gbkOf } from './gbk.ts'

export type Pair = readonly [name: string, value: string]
type Digest = SignType | 'SHA-256'

/** One way to sign: every mistake is the right way but for one of these. */
export interface Signing {
  readonly pairs: readonly Pair[]
  readonly key: string
  readonly digest: Digest
  /** What follows the fields; called with a mask instead of the key as well. */
  readonly end: (key: string) => string
  /** The whole text, key included, as it goes into the digest. */
  readonly whole: (text: string) => string | Uint8Array
}

export type Finding = Text & { readonly part: string }
export type Mistake = Finding & { readonly signing: Partial<Signing> }

export const textOf = ({ pairs, end }: Pick<Signing, 'pairs' | 'end'>, key: string) =>
  pairs.map(([name, value]) => `${name}=${value}`).join('&') + end(key)

export function digestOf(signing: Signing): Uint8Array {
  const { key, digest, whole } = signing
  const text = whole(textOf(signing, key))
  if (digest === 'HMAC-SHA256') return createHmac('sha256', key).update(text).digest()
  return createHash(digest === 'MD5' ? 'md5' : 'sha256')
    .update(text)
    .digest()
}

export const byName = ([a]: Pair, [b]: Pair) => (a < b ? -1 : 1)

const valuesAs = (pairs: readonly Pair[], write: (value: string, name: string) => string): Pair[] =>
  pairs.map(([name, value]) => [name, write(value, name)])

/** Halves of characters cannot be encoded; XML holds none. */
const urlEncoded = (value: string) => encodeURIComponent(value.toWellFormed())
const formEncoded = (value: string) => new URLSearchParams([['', value]]).toString().slice(1)
const lowerEscapes = (value: string) => value.replace(/%[0-9A-F]{2}/g, (found) => found.toLowerCase())
const xmlEscaped = (value: string) =>
  value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;')

const key = (zh: string, en: string, signing: Partial<Signing>): Mistake => ({ part: 'key', zh, en, signing })

const withKey = (zh: string, en: string, used: string) => key(zh, en, { key: used })

function* keyWronglyWritten(right: string, whose: Text): Generator<Mistake> {
  for (const blank of [`${right}\n`, `${right} `, ` ${right}`, `${right}\r\n`, ` ${right} `])
    yield withKey(
      `签名所用的密钥首尾带有空格或换行；请从配置中去掉（${whose.zh}）`,
      `the key that was signed with has a blank or a line break at its end; take it out of your configuration (${whose.en})`,
      blank,
    )
  for (const quotes of [`"${right}"`, `'${right}'`])
    yield withKey(
      `签名所用的密钥带着引号；请从配置中去掉（${whose.zh}）`,
      `the key that was signed with still has its quotes; take them out of your configuration (${whose.en})`,
      quotes,
    )
  for (const other of [right.toUpperCase(), right.toLowerCase()])
    yield withKey(
      `签名所用密钥的大小写不对；密钥区分大小写（${whose.zh}）`,
      `the key that was signed with is in another case; keys are case-sensitive (${whose.en})`,
      other,
    )
}

function* keyWronglyAppended(digest: Digest): Generator<Mistake> {
  const words: Text = {
    zh: '密钥没有以“&key=密钥”接在原文末尾',
    en: 'the key is not appended to the text as "&key=<key>"',
  }
  const ends: ((key: string) => string)[] = [
    (used) => used,
    (used) => `&${used}`,
    (used) => `key=${used}`,
    (used) => `&Key=${used}`,
    (used) => `&KEY=${used}`,
    (used) => `&apiKey=${used}`,
  ]
  for (const end of ends) yield key(words.zh, words.en, { end })
  yield key(
    digest === 'MD5'
      ? '原文末尾没有接上“&key=密钥”，签名没有用到密钥'
      : 'HMAC-SHA256 的原文末尾同样要接上“&key=密钥”，这里没有',
    digest === 'MD5'
      ? '"&key=<key>" is missing at the end of the text: no key was used'
      : 'the text of HMAC-SHA256 ends with "&key=<key>" as well, here it does not',
    { end: () => '' },
  )
}

/** The key among the fields, where the sort puts it: `key` is no field. */
const keySorted = (pairs: readonly Pair[], right: string): Mistake => ({
  ...key(
    '密钥被当作字段 key 一起排序了；应在排序之后接在末尾',
    'the key was sorted among the fields as one named key; it is appended after sorting',
    {},
  ),
  signing: { pairs: [...pairs, ['key', right] as const].sort(byName), end: () => '' },
})

function* signTypeMistakes(pairs: readonly Pair[]): Generator<Mistake> {
  if (pairs.some(([name]) => name === 'sign_type'))
    yield {
      part: 'sign_type',
      zh: '发送了 sign_type，签名原文里却没有；发送的字段都要参与签名',
      en: 'sign_type was sent but not signed; every field that is sent is signed',
      signing: { pairs: pairs.filter(([name]) => name !== 'sign_type') },
    }
  else
    for (const type of ['MD5', 'HMAC-SHA256'])
      yield {
        part: 'sign_type',
        zh: `签名原文里有 sign_type=${type}，请求里却没有发送它`,
        en: `sign_type=${type} was signed but not sent`,
        signing: { pairs: [...pairs, ['sign_type', type] as const].sort(byName) },
      }
}

function* fieldsWronglyChosen(sent: readonly Pair[], pairs: readonly Pair[]): Generator<Mistake> {
  const empty = sent.filter(([, value]) => value === '').map(([name]) => name)
  if (empty.length > 0)
    yield {
      part: 'empty-fields',
      zh: `空字段也参与了签名（${empty.slice(0, 5).join('、')}）；值为空的字段不参与签名`,
      en: `empty fields were signed (${empty.slice(0, 5).join(', ')}); a field without a value is not`,
      signing: { pairs: [...sent].sort(byName) },
    }
  const orders = [
    sent.filter(([, value]) => value !== ''),
    [...pairs].sort(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)),
    [...pairs].reverse(),
  ]
  for (const order of orders)
    yield {
      part: 'order',
      zh: '字段没有按名称的 ASCII 码从小到大排序（区分大小写）',
      en: 'the fields are not sorted by name, byte by byte (case-sensitive)',
      signing: { pairs: order },
    }
}

function* valuesWronglyWritten(pairs: readonly Pair[]): Generator<Mistake> {
  const encoding: Text = {
    zh: '字段值经过了 URL 编码再签名；应以原值签名',
    en: 'the values were URL-encoded before signing; sign them as they are',
  }
  const encoders = [urlEncoded, formEncoded, (value: string) => lowerEscapes(formEncoded(value))]
  for (const encode of encoders)
    yield { part: 'encoding', ...encoding, signing: { pairs: valuesAs(pairs, encode) } }
  const wrapped = (value: string) => `<![CDATA[${value}]]>`
  for (const write of [xmlEscaped, wrapped])
    yield {
      part: 'encoding',
      zh: '签名用了写进 XML 之后的值（转义或 CDATA）；应以原值签名',
      en: 'the values were signed as XML writes them (escapes or CDATA); sign them as they are',
      signing: { pairs: valuesAs(pairs, write) },
    }
  yield {
    part: 'blanks',
    zh: '签名时去掉了值首尾的空白，发送时却保留着；两处须一致',
    en: 'the values were signed without the blanks around them, but sent with them; both must be the same',
    signing: { pairs: valuesAs(pairs, (value) => value.trim()) },
  }
  yield {
    part: 'case',
    zh: '整段原文转成大写后才签名；只有结果的十六进制要大写',
    en: 'the whole text was upper-cased before signing; only the digits of the result are',
    signing: { whole: (text) => text.toUpperCase() },
  }
}

const amounts = ['total_fee', 'refund_fee']

/** Fen and yuan, and how programs write numbers. */
const amountsAs: readonly ((value: string) => string)[] = [
  (value) => (Number(value) / 100).toFixed(2),
  (value) => String(Number(value) / 100),
  (value) => `${value}.0`,
  (value) => `${value}.00`,
  (value) => String(Math.round(Number(value) * 100)),
]

function* amountMistakes(pairs: readonly Pair[]): Generator<Mistake> {
  const there = pairs.filter(
    ([name, value]) => amounts.includes(name) && /^\d{1,12}(\.\d{1,2})?$/.test(value),
  )
  const [part] = there.at(-1) ?? []
  if (part === undefined) return
  for (const write of amountsAs)
    yield {
      part,
      zh: '签名时的金额与发送的写法不同（元与分，或带小数）；两处都应为整数分',
      en: 'the amount was signed otherwise than it was sent (yuan for fen, or with decimals); both are whole fen',
      signing: {
        pairs: valuesAs(pairs, (value, name) =>
          there.some(([amount]) => amount === name) ? write(value) : value,
        ),
      },
    }
}

/** Only of what ASCII does not hold: everything else is the same bytes in all of them. */
function* charsetMistakes(text: string): Generator<Mistake> {
  if (!/[^\0-\x7f]/.test(text)) return
  const charset = (zh: string, en: string, whole: Signing['whole']): Mistake => ({
    part: 'charset',
    zh: `${zh}；签名与发送都用 UTF-8`,
    en: `${en}; sign and send in UTF-8`,
    signing: { whole },
  })
  yield charset('签名时把文字按 GBK 编码', 'the text was encoded as GBK for signing', gbkOf)
  yield charset(
    '签名时默认字符集不含中文，文字成了“?”',
    'the text became "?" for signing: the default character set holds no Chinese',
    (whole) => whole.replace(/[^\0-\x7f]/g, '?'),
  )
  yield charset(
    '签名时把 UTF-8 当作 ISO-8859-1 又编码了一次',
    'the text was taken for ISO-8859-1 and encoded twice for signing',
    (whole) => Buffer.from(Buffer.from(whole).toString('latin1')),
  )
  yield charset(
    '签名时文字写成了 \\u 转义（JSON 序列化）',
    'the text was signed as \\u escapes, as JSON is written by default in some languages',
    (whole) =>
      whole.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  )
}

const mostFields = 24

function* leftOut(pairs: readonly Pair[]): Generator<Mistake> {
  for (const [part] of pairs.slice(0, mostFields))
    yield {
      part,
      zh: `字段 ${part} 没有参与签名：签名时漏了它，或签名之后才加上`,
      en: `the field ${part} was not signed: it was forgotten, or added after signing`,
      signing: { pairs: pairs.filter(([name]) => name !== part) },
    }
}

const keyOf = ({ key: used, zh, en }: KnownKey, own: Text): Mistake =>
  withKey(`签名用的是${zh}，应为${own.zh}`, `it was signed with ${en}; it should be ${own.en}`, used)

/** Of the keys of others, those before what is rarer than to take one. */
const likelyKeys = 8

/** The likeliest first; those that others' settings lengthen last. */
export function* mistakes(
  sent: readonly Pair[],
  right: Signing,
  { own, others }: Evidence,
): Generator<Mistake> {
  const { pairs, digest } = right
  yield* keyWronglyWritten(own.key, own)
  for (const known of others.slice(0, likelyKeys)) yield keyOf(known, own)
  yield* signTypeMistakes(pairs)
  yield* fieldsWronglyChosen(sent, pairs)
  yield* keyWronglyAppended(digest)
  yield keySorted(pairs, own.key)
  if (digest === 'HMAC-SHA256')
    yield {
      part: 'algorithm',
      zh: '签名是普通的 SHA-256，应为以密钥计算的 HMAC-SHA256',
      en: 'it is a plain SHA-256, HMAC-SHA256 is computed with the key',
      signing: { digest: 'SHA-256' },
    }
  yield* amountMistakes(pairs)
  yield* valuesWronglyWritten(pairs)
  yield* charsetMistakes(textOf(right, ''))
  yield* leftOut(pairs)
  for (const known of others.slice(likelyKeys)) yield keyOf(known, own)
}

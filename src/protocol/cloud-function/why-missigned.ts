/**
 * Why a TC3 signature does not hold: tries the mistakes that are made in practice until one of them comes to the very
 * signature that was sent. Pure. Never decides whether a call is let in: that is `verify-signed.ts`.
 */
import {
  checkOf,
  type Evidence,
  firstThatHolds,
  type Guess,
  type Hide,
  hidden,
  mostGuessedBytes,
  type SignatureCheck,
  shortened,
} from '../signature-check.ts'
import type { Text } from '../text.ts'
import type { Refused } from './refusal.ts'
import { type Finding, mistakes, payloadOf, type Signing } from './signing-mistakes.ts'
import {
  canonicalHeader,
  canonicalText,
  sha256Hex,
  signatureOf,
  signingKeys,
  stringToSign,
  utcDate,
} from './tc3.ts'
import { type SignatureReason, type SignedRequest, signedHeaders, textHeader } from './verify-signed.ts'

const preimageOf = (payload: Signing['payload']) =>
  Buffer.concat(payload.flatMap(([name, bytes]) => [Buffer.from(`&${name}=`), bytes, Buffer.from('\r\n')]))

/** What a body may say aloud; the rest is what is bought, or proves who a user is. */
const plainFields = ['action', 'apiname', 'envname', 'function_name', 'apioptions']
const bodyFields = ['requestdata', 'request_data', 'eventid', 'seqid', 'qualifier']
const plainHeaders = [
  'content-type',
  'host',
  'user-agent',
  'x-client-timestamp',
  'x-sdk-version',
  'x-tcb-source',
  'x-tcb-region',
]
const plainParameters = ['env', 'seqId', 'eventId', '']

/** Who comes from v2 may still send one. */
const signInJson = /("\w{0,16}sign"\s*:\s*")[^"]*/gi

function shownPayload(payload: Signing['payload'], { keepsBodies, hide }: Evidence): string {
  const shown = keepsBodies ? [...plainFields, ...bodyFields] : plainFields
  return payload
    .map(([name, bytes]) => {
      if (!shown.includes(name.toLowerCase())) return `&${name}=${hidden}`
      const withoutSigns: Hide = (text) => hide(text).replace(signInJson, `$1${hidden}`)
      return `&${name}=${shortened(bytes.toString(), withoutSigns)}`
    })
    .join('\n')
}

const shownQuery = (query: string) =>
  query
    .split('&')
    .map((parameter) => {
      const [name = ''] = parameter.split('=', 1)
      return plainParameters.includes(name) ? parameter : `${name}=${hidden}`
    })
    .join('&')

const canonicalOf = (signing: Signing, payloadHash: string) =>
  canonicalText({ ...signing, signedUrl: `${signing.scheme}//${signing.host}${signing.path}`, payloadHash })

/** Its parts under the names that the rules of TC3 give them; what is only hashed there is shown last. */
function shownText(signing: Signing, payloadHash: string, evidence: Evidence): string {
  const shown: Signing = {
    ...signing,
    host: shortened(signing.host, evidence.hide),
    query: shortened(shownQuery(signing.query), evidence.hide),
    headers: signing.headers.map(([name, value]) => [
      name,
      plainHeaders.includes(name) ? shortened(value, evidence.hide) : hidden,
    ]),
  }
  return [
    `StringToSign:\n${stringToSign(signing.timestamp, signing.date, canonicalOf(signing, payloadHash))}`,
    `CanonicalRequest:\n${canonicalOf(shown, payloadHash)}`,
    `Payload:\n${shownPayload(signing.payload, evidence)}`,
  ].join('\n\n')
}

/** Keys are derived once for all guesses that sign with the same. */
function deriving(): (key: string, date: string) => Buffer {
  const derived = new Map<string, Buffer>()
  return (key, date) => {
    const name = `${date}/${key}`
    const known = derived.get(name) ?? signingKeys(key, date).kSigning
    derived.set(name, known)
    return known
  }
}

/** Fields are hashed once for all guesses that leave them as they are. */
function hashing(): (payload: Signing['payload']) => string {
  const hashes = new Map<Signing['payload'], string>()
  return (payload) => {
    const known = hashes.get(payload) ?? sha256Hex(preimageOf(payload))
    hashes.set(payload, known)
    return known
  }
}

const unknown: Finding = {
  part: 'unknown',
  zh: '很可能是 secretKey 不对：没有其他常见错误能解释它。请核对 secretKey，以及代理是否改动了请求；自己签名的程序：请把 CanonicalRequest 与 StringToSign 逐字比较，若逐字相同，就是密钥不同',
  en: 'most likely the secretKey is another one: no other usual mistake explains it. Compare it, and see whether a proxy changes the request. Who signs by hand: compare CanonicalRequest and StringToSign character by character; if they are the same, the key differs',
}

/**
 * Every way that is right, the likeliest first: the SDK signs `post`, other users of its library `POST`; an address
 * without a path is signed so and travels as `/`. Something else may be wrong in each.
 */
function rightWays(request: SignedRequest, key: string): readonly [Signing, ...Signing[]] {
  const { authorization, path, query } = request
  const right: Signing = {
    key,
    method: 'post',
    scheme: '',
    host: textHeader(request, 'host') ?? '',
    path,
    query,
    headers: signedHeaders(request).map(([name, value]) => [name, canonicalHeader(name, value)]),
    payload: payloadOf(request),
    timestamp: textHeader(request, 'x-timestamp') ?? '',
    date: authorization.date,
  }
  const isSdk = textHeader(request, 'user-agent')?.startsWith('tcb-node-sdk/') === true
  const [method, other] = isSdk ? ['post', 'POST'] : ['POST', 'post']
  const ends = path === '/' ? ['', '/'] : [path]
  const [likeliest = path] = ends
  return [
    { ...right, method, path: likeliest },
    ...ends.slice(1).map((end) => ({ ...right, method, path: end })),
    ...ends.map((end) => ({ ...right, method: other, path: end })),
  ]
}

/**
 * @param request one whose shape `verifySigned` has found right, and its signature wrong
 * @returns the first mistake that comes to the signature that was sent, or `unknown` with what to compare
 */
export function whyMissigned(request: SignedRequest, evidence: Evidence): SignatureCheck {
  const ways = rightWays(request, evidence.own.key)
  const [first] = ways
  const hashOf = hashing()
  const keyFor = deriving()
  const shown = (signing: Signing) => shownText(signing, hashOf(signing.payload), evidence)
  const isSmall = preimageOf(first.payload).length <= mostGuessedBytes
  function* guesses(): Generator<Guess & { readonly right: Signing }> {
    for (const right of ways)
      for (const { part, zh, en, signing } of mistakes(request, right, evidence, isSmall)) {
        const guessed = { ...right, ...signing }
        const { key, date, timestamp, payload } = guessed
        const toSign = () => stringToSign(timestamp, date, canonicalOf(guessed, hashOf(payload)))
        const signature = () => signatureOf(keyFor(key, date), toSign())
        yield { part, zh, en, right, signature, shown: () => shown(guessed) }
      }
  }
  const found = firstThatHolds(guesses(), Buffer.from(request.authorization.signature, 'hex'))
  return found === undefined
    ? checkOf(unknown, { canonical: shown(first) }, evidence.hide)
    : checkOf(found, { canonical: shown(found.right), signed: found.shown() }, evidence.hide)
}

/** What would have had to be signed, whoever signed it. */
export function expectedText(request: SignedRequest, evidence: Evidence): string {
  const [right] = rightWays(request, evidence.own.key)
  return shownText(right, sha256Hex(preimageOf(right.payload)), evidence)
}

/** Faults of time, whose own texts say all. Others repeat what was sent, in which a key may stand. */
const partOfTime: Partial<Record<SignatureReason, string>> = {
  'malformed-timestamp': 'timestamp',
  'timestamp-outside-window': 'timestamp',
  'wrong-date': 'date',
}

const inMilliseconds: Text = {
  zh: 'X-Timestamp 是毫秒，应为 1970 年以来的秒数；签名也用秒数',
  en: 'X-Timestamp is in milliseconds; it is the seconds since 1970, and they are what is signed',
}

/** Of a signature that was not even computed, because its time is wrong; undefined: of all other reasons. */
export function whyUntimely(
  request: SignedRequest,
  { refused, text }: Refused<SignatureReason>,
  evidence: Evidence,
): SignatureCheck | undefined {
  const part = partOfTime[refused]
  const timestamp = textHeader(request, 'x-timestamp') ?? ''
  if (part === undefined || !/^\d{1,14}$/.test(timestamp)) return undefined
  const [signed] = rightWays(request, evidence.own.key)
  const isMs = timestamp.length > 11
  const seconds = Math.floor(isMs ? Number(timestamp) / 1000 : Number(timestamp))
  const right = { ...signed, timestamp: `${seconds}`, date: utcDate(seconds) }
  const shown = (signing: Signing) => shownText(signing, sha256Hex(preimageOf(signing.payload)), evidence)
  return checkOf(
    { part, ...(isMs ? inMilliseconds : text) },
    { canonical: shown(right), signed: shown(signed) },
    evidence.hide,
  )
}

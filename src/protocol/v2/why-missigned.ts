/**
 * Why a v2 signature does not hold: tries the mistakes that are made in practice until one of them comes to the very
 * signature that was sent. Pure. Never decides whether a call is let in.
 */
import type { SignType } from '../sign.ts'
import {
  checkOf,
  type Evidence,
  firstThatHolds,
  type Guess,
  hidden,
  mostGuessedBytes,
  type SignatureCheck,
  shortened,
} from '../signature-check.ts'
import type { Text } from '../text.ts'
import {
  byName,
  digestOf,
  type Finding,
  mistakes,
  type Pair,
  type Signing,
  textOf,
} from './signing-mistakes.ts'
import type { XmlFields } from './xml.ts'

/** What names a call, but says nothing of what is bought. */
const alwaysShown = [
  'appid',
  'mch_id',
  'sub_appid',
  'sub_mch_id',
  'nonce_str',
  'sign_type',
  'out_trade_no',
  'out_refund_no',
  'total_fee',
  'refund_fee',
  'fee_type',
  'trade_type',
]
/** Keys, and signatures of other things, that may travel along. */
const neverShown = /sign(?!_type$)|key|token|secret|password/i

const mostShown = 4_000

/** The first of them, as many as a log has room for: what ends the text must stay in sight. */
function shownPairs(pairs: readonly Pair[], { keepsBodies, hide }: Evidence): Pair[] {
  const shown: Pair[] = []
  let length = 0
  for (const [name, value] of pairs) {
    const isShown = !neverShown.test(name) && (keepsBodies || alwaysShown.includes(name))
    const text = isShown ? shortened(value, hide) : hidden
    length += name.length + text.length
    if (length > mostShown) return [...shown, ['…', `(${pairs.length - shown.length})`]]
    shown.push([name, text])
  }
  return shown
}

const shownText = (signing: Signing, evidence: Evidence): string => {
  const text = textOf({ ...signing, pairs: shownPairs(signing.pairs, evidence) }, hidden)
  const whole = signing.whole(text)
  return typeof whole === 'string' ? whole : text
}

function* guessesOf(sent: readonly Pair[], right: Signing, evidence: Evidence): Generator<Guess> {
  // Of values without blanks, "without blanks" is the same text again: such a guess is none.
  const tried = new Set([textOf(right, right.key)])
  for (const { part, zh, en, signing: changes } of mistakes(sent, right, evidence)) {
    const signing = { ...right, ...changes }
    if (changes.whole === undefined && changes.digest === undefined) {
      const text = textOf(signing, signing.key)
      if (tried.has(text)) continue
      tried.add(text)
    }
    yield { part, zh, en, signature: () => digestOf(signing), shown: () => shownText(signing, evidence) }
  }
}

interface Claimed {
  readonly bytes: Buffer
  /** What is wrong with how it is written. */
  readonly wrong: readonly Text[]
}

/** A signature as it was sent; undefined: it cannot be one. */
function claimedBy(sign: string): Claimed | undefined {
  if (sign.trim() !== sign) {
    const inner = claimedBy(sign.trim())
    const blanks = { zh: 'sign 首尾带有空白', en: 'sign has blanks around it' }
    return inner && { ...inner, wrong: [blanks, ...inner.wrong] }
  }
  if (/^(?:[0-9A-Fa-f]{32}){1,2}$/.test(sign)) {
    const lower = {
      zh: 'sign 须为大写的十六进制，收到的含小写',
      en: 'sign is upper-case hex, this one has lower-case digits',
    }
    return { bytes: Buffer.from(sign, 'hex'), wrong: /[a-f]/.test(sign) ? [lower] : [] }
  }
  const bytes = Buffer.from(sign, 'base64')
  const base64 = {
    zh: 'sign 须为大写的十六进制，收到的是 Base64',
    en: 'sign is upper-case hex, this one is base64',
  }
  return [16, 32].includes(bytes.length) && bytes.toString('base64') === sign
    ? { bytes, wrong: [base64] }
    : undefined
}

const noSignature: Finding = {
  part: 'sign',
  zh: 'sign 须为 32 位（MD5）或 64 位（HMAC-SHA256）大写十六进制，收到的不是',
  en: 'sign is 32 (MD5) or 64 (HMAC-SHA256) upper-case hex digits, this is neither',
}

const unknown: Finding = {
  part: 'unknown',
  zh: '没有找到原因。请把程序里的签名原文与标为 canonical 的文本逐字比较：字段、顺序、空值、是否编码、末尾的 &key=；若逐字相同，就是密钥不同',
  en: 'no cause was found. Compare the text your program signs with the text marked canonical, character by character: fields, order, empty values, encoding, the &key= at the end; if they are the same, the key differs',
}

/** What `sign_type` says against what the signature's length says, which cannot be wrong. */
function wrongTypeOf(said: string, madeWith: SignType): Text | undefined {
  if (said !== '' && said !== 'MD5' && said !== 'HMAC-SHA256')
    return {
      zh: 'sign_type 只能是 MD5 或 HMAC-SHA256，一字不差（区分大小写）',
      en: 'sign_type is MD5 or HMAC-SHA256, in this very case',
    }
  const saidType = said === '' ? 'MD5' : said
  return saidType === madeWith
    ? undefined
    : {
        zh: `sign 的长度是 ${madeWith} 的，而 sign_type 是 ${saidType}（默认即 MD5）；两者须一致`,
        en: `sign has the length of ${madeWith}, but sign_type says ${saidType} (MD5 when absent); they must agree`,
      }
}

const joined = ({ part, zh, en }: Finding, more: readonly Text[]): Finding => ({
  part,
  zh: [zh, ...more.map((text) => text.zh)].join('；此外：'),
  en: [en, ...more.map((text) => text.en)].join('; besides, '),
})

/**
 * @param fields as they were sent, `sign` among them
 * @returns the first mistake that comes to the signature that was sent, or `unknown` with what to compare
 */
export function whyMissigned(fields: XmlFields, evidence: Evidence): SignatureCheck {
  const sent = [...fields].filter(([name]) => name !== 'sign')
  const claimed = claimedBy(fields.get('sign') ?? '')
  const right: Signing = {
    pairs: sent.filter(([, value]) => value !== '').sort(byName),
    key: evidence.own.key,
    digest: claimed?.bytes.length === 32 ? 'HMAC-SHA256' : 'MD5',
    end: (key) => `&key=${key}`,
    whole: (text) => text,
  }
  const canonical = shownText(right, evidence)
  const answer = (found: Finding, signed?: string) => checkOf(found, { canonical, signed }, evidence.hide)
  if (claimed === undefined) return answer(noSignature)

  const wrongType = wrongTypeOf(
    fields.get('sign_type') ?? '',
    claimed.bytes.length === 32 ? 'HMAC-SHA256' : 'MD5',
  )
  const formal: Finding[] = [
    ...(wrongType === undefined ? [] : [{ part: 'sign_type', ...wrongType }]),
    ...claimed.wrong.map((text) => ({ part: 'sign', ...text })),
  ]
  const holds = (guesses: Iterable<Guess>) => firstThatHolds(guesses, claimed.bytes)
  const [first, ...more] = formal
  const asItShouldBe = { ...unknown, signature: () => digestOf(right), shown: () => canonical }
  if (first !== undefined && holds([asItShouldBe]) !== undefined) return answer(joined(first, more))
  const isSmall = textOf(right, '').length <= mostGuessedBytes
  const found = isSmall ? holds(guessesOf(sent, right, evidence)) : undefined
  return found === undefined ? answer(joined(unknown, formal)) : answer(joined(found, formal), found.shown())
}

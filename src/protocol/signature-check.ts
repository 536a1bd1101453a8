/**
 * Why a signature does not hold: what every protocol's search for the mistake shares. Owns how many guesses are tried,
 * how they are compared, and what is hidden of the texts that people get to see. Never: what a protocol signs.
 */
import { timingSafeEqual } from 'node:crypto'
import type { Text } from './text.ts'

/** Of a signature that does not hold: what differs, as far as it can be told. Never a key, never a signature. */
export interface SignatureCheck extends Text {
  readonly part: string
  /** The text whose signature was expected. */
  readonly canonical: string
  /** The text that was signed in its place, where that was found and is another. */
  readonly signed?: string | undefined
}

/** A key that may have been taken for the right one, and in words whose it is. */
export interface KnownKey extends Text {
  readonly key: string
}

/** What one search works with beside the call itself. */
export interface Evidence {
  /** The key of whom the call speaks for, and in words whose it is. */
  readonly own: KnownKey
  /** Keys of others, the likeliest first. */
  readonly others: readonly KnownKey[]
  /** All that must never be shown, wherever a call may hold it. */
  readonly secrets: readonly string[]
  /** Whether the environment's calls are kept with all that they say; otherwise only what names them is shown. */
  readonly keepsBodies: boolean
}

/** One mistake that is made in practice. */
export interface Guess extends Text {
  readonly part: string
  /** The signature that it leads to. */
  readonly signature: () => Uint8Array
  /** The text that is signed so, keys masked. */
  readonly shown: () => string
}

/** Most guesses for one call: what a stranger's call may cost is bounded. The smallest number tried is that of a real mistake. */
export const mostGuesses = 64
/** Beyond it what is signed is not hashed again: the largest legal request is about 20 kB. */
export const mostGuessedBytes = 64 * 1024

const isSame = (one: Uint8Array, other: Uint8Array) =>
  one.length === other.length && timingSafeEqual(one, other)

/** The first of the guesses that explains `claimed`. They are made one by one: what is not needed costs nothing. */
export function firstThatHolds<G extends Guess>(guesses: Iterable<G>, claimed: Uint8Array): G | undefined {
  let tried = 0
  for (const guess of guesses) {
    if (tried++ >= mostGuesses) return undefined
    if (isSame(claimed, guess.signature())) return guess
  }
  return undefined
}

/** Stands in the place of a key, a token, or whatever nobody is to read. */
export const hidden = '***'

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')

/** Takes every secret out of a text, however it is written: as it is, in another case, or encoded for a URL. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  const written = secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
  const lower = text.toLowerCase()
  const there = [...new Set(written)]
    .filter((secret) => lower.includes(secret.toLowerCase()))
    // A key that holds another is hidden whole.
    .sort((a, b) => b.length - a.length)
  return there.length === 0 ? text : text.replaceAll(new RegExp(there.map(literally).join('|'), 'gi'), hidden)
}

const mostOfValue = 512
const mostOfText = 4_096

/** A long value's beginning, and how long it is: two texts stay comparable. */
export const shortened = (value: string): string =>
  value.length <= mostOfValue ? value : `${value.slice(0, mostOfValue)}…(${value.length})`

/** Secrets go before anything is cut: half a key is no longer found. The end is kept, there the key stands. */
export function fitForLog(text: string, secrets: readonly string[]): string {
  const safe = withoutSecrets(text, secrets)
  return safe.length <= mostOfText ? safe : `${safe.slice(0, mostOfText - 300)}\n…\n${safe.slice(-256)}`
}

/** Puts the check together: both sides where they differ. */
export function checkOf(
  { part, zh, en }: Text & { readonly part: string },
  { canonical, signed }: { readonly canonical: string; readonly signed?: string | undefined },
  secrets: readonly string[],
): SignatureCheck {
  const safe = (text: string) => withoutSecrets(text, secrets)
  const expected = fitForLog(canonical, secrets)
  const found = signed === undefined ? undefined : fitForLog(signed, secrets)
  return {
    part: safe(part),
    zh: safe(zh),
    en: safe(en),
    canonical: expected,
    ...(found === undefined || found === expected ? {} : { signed: found }),
  }
}

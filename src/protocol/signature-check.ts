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
  /** Takes all that must never be shown out of a text, wherever a call may hold it; see {@link hiding}. */
  readonly hide: Hide
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
export const mostGuessedBytes = 24 * 1024

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

/** Of a setting; a URL writes each of its characters as nine at most. */
const mostOfSecret = 9 * 256

export type Hide = (text: string) => string

/**
 * Masks every one of the secrets in a text, however it is written: as it is, in another case, or encoded for a URL.
 * @param secrets each of at most 256 characters
 */
export function hiding(secrets: readonly string[]): Hide {
  const written = secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [secret, encodeURIComponent(secret.toWellFormed())])
    // A key that holds another is hidden whole.
    .sort((a, b) => b.length - a.length)
  const any = new RegExp([...new Set(written)].map(literally).join('|'), 'gi')
  return written.length === 0 ? (text) => text : (text) => text.replaceAll(any, hidden)
}

/**
 * A text without secrets, and of a long one the beginning and how long it is: two texts stay comparable. Half a key would
 * not be found: it is cut far behind what is kept, and what may be half a key there is cut again.
 */
export function shortened(text: string, hide: Hide, most = 512): string {
  if (text.length <= most) return hide(text)
  const read = text.slice(0, most + 2 * mostOfSecret)
  const safe = hide(read)
  const certain = read.length < text.length ? safe.length - mostOfSecret : safe.length
  return `${safe.slice(0, Math.max(0, Math.min(most, certain)))}…(${text.length})`
}

const mostOfText = 6_000

/** Puts the check together: both sides where they differ. */
export function checkOf(
  { part, zh, en }: Text & { readonly part: string },
  { canonical, signed }: { readonly canonical: string; readonly signed?: string | undefined },
  hide: Hide,
): SignatureCheck {
  const expected = shortened(canonical, hide, mostOfText)
  const found = signed === undefined ? undefined : shortened(signed, hide, mostOfText)
  return {
    part: hide(part),
    zh: hide(zh),
    en: hide(en),
    canonical: expected,
    ...(found === undefined || found === expected ? {} : { signed: found }),
  }
}

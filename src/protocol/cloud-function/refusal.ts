/** What the files of this folder answer instead of throwing: a reason for programs and a text for people. */
import type { Text } from '../text.ts'

/**
 * A refused request. It is told apart by `'refused' in result`; `refused` is for code, `text` for the caller,
 * who sees nothing but the text (observed: wx-server-sdk 4.0.2 drops other fields).
 */
export type Refused<Reason extends string> = { readonly refused: Reason; readonly text: Text }

export const refuse = <const Reason extends string>(reason: Reason, text: Text): Refused<Reason> => ({
  refused: reason,
  text,
})

/** Longest piece of a request that a text repeats, in characters. */
export const quotedLimit = 64

/** Control, direction and line characters, and halves of characters, become `?`: texts land in terminals and logs. */
export const printable = (text: string): string => text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')

/**
 * A piece of a request, safe to repeat in a text: at most {@link quotedLimit} characters, a cut one ends in `…`.
 */
export const quoted = (found: string): string => {
  // Cut before the scan: a request may hold megabytes. A character takes at most two code units.
  const characters = [...found.slice(0, 2 * quotedLimit + 2)]
  const kept = characters.length > quotedLimit ? [...characters.slice(0, quotedLimit - 1), '…'] : characters
  return printable(kept.join(''))
}

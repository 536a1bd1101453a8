/** Amounts as people write them, in yuan, without a detour by floating point; and what is wrong with one. */
import { maxFen } from '../protocol/fen.ts'
import { yuan } from './format.ts'
import { t } from './language.ts'
import { amounts as words } from './texts/amounts.ts'

export type AmountRead = { readonly fen: number } | { readonly problem: string }

/** @param tooMuch what is said of more than `most`: `{most}` is that amount */
export function readAmount(
  text: string,
  {
    most = maxFen,
    tooMuch = words.tooMuch,
  }: { readonly most?: number; readonly tooMuch?: typeof words.tooMuch } = {},
): AmountRead {
  const match = /^(\d*)(?:\.(\d*))?$/.exec(text.trim())
  const [, whole = '', parts = ''] = match ?? []
  if (match === null || whole + parts === '') return { problem: t(words.notANumber) }
  if (parts.length > 2) return { problem: t(words.tooFine) }
  // Longer ones lose digits, and are too much anyway.
  const fen =
    whole.replace(/^0+/, '').length > 12 ? Infinity : Number(whole) * 100 + Number(parts.padEnd(2, '0'))
  if (fen === 0) return { problem: t(words.nothing) }
  return fen > most ? { problem: t(tooMuch, { most: yuan(most) }) } : { fen }
}

/** Values of a flag that takes words of a fixed set, separated by commas. */
import { brokenSetting } from '../app/refusals.ts'

/** @throws StartRefused naming the words that there are */
export function wordsOf<const Word extends string>(
  flag: string,
  given: string | undefined,
  words: readonly Word[],
): Word[] | undefined {
  if (given === undefined) return undefined
  const isWord = (word: string): word is Word => words.some((known) => known === word)
  const asked = given.split(',').map((word) => word.trim())
  const known = asked.filter(isWord)
  if (known.length === asked.length) return known
  throw brokenSetting(flag, given, {
    zh: `应为 ${words.join('、')}，多个用逗号分隔`,
    en: `it must be ${words.join(', ')}, several separated by commas`,
  })
}

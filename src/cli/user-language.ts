/** The language that the command line speaks: asked for by a flag, or that of the user's system. */
import type { Language } from '../protocol/text.ts'

export const languageFlag = '--lang'
export const languages = ['zh', 'en'] as const

/**
 * Read before anything is parsed, for a wrong command line is told of in it as well. What stands behind `--` is another
 * program's.
 */
function askedFor(args: readonly string[]): string | undefined {
  const end = args.indexOf('--')
  const own = end === -1 ? args : args.slice(0, end)
  const at = own.findLastIndex((arg) => arg === languageFlag || arg.startsWith(`${languageFlag}=`))
  return own[at] === languageFlag ? own[at + 1] : own[at]?.slice(languageFlag.length + 1)
}

/** Where no variable says it, as on Windows. */
const ofSystem = () => Intl.DateTimeFormat().resolvedOptions().locale

/** Variables as POSIX ranks them: the first that is set decides. */
export function userLanguage(
  variables: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
): Language {
  const asked = languages.find((language) => language === askedFor(args))
  const { LC_ALL, LC_MESSAGES, LANG } = variables
  return asked ?? (/^zh/i.test(LC_ALL || LC_MESSAGES || LANG || ofSystem()) ? 'zh' : 'en')
}

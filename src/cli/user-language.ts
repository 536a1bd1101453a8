/** The language of help texts. What matters to everyone (refusals, the banner) is always said in both. */
import type { Language } from '../protocol/text.ts'

/** As POSIX ranks them: the first that is set decides. */
export function userLanguage(variables: Readonly<Record<string, string | undefined>>): Language {
  const { LC_ALL, LC_MESSAGES, LANG } = variables
  const locale = LC_ALL || LC_MESSAGES || LANG || ''
  return /^zh/i.test(locale) ? 'zh' : 'en'
}

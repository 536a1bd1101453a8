/** Whether arguments without a command are meant for `start`. */
import { settings } from '../app/settings.ts'
import { languageFlag } from './user-language.ts'

const flags: ReadonlySet<string> = new Set([languageFlag, ...Object.values(settings).map(({ flag }) => flag)])

/** Help and the version are flags as well, but none of the server's. */
export const startsServer = ([first]: readonly string[]): boolean =>
  first === undefined || flags.has(first.replace(/=.*$/s, ''))

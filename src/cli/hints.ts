/**
 * Commands as they are named to the reader: called as this one was, about the same server and environment, so that they can
 * be copied. The one place that spells them.
 */
import { isLoopback } from '../app/exposure.ts'
import { defaults } from '../app/settings.ts'
import { defaultServerUrl } from '../client/sdk-variables.ts'
import { lastArgument, shellQuoted } from '../protocol/shell-quoted.ts'

/** What the command was about, where that does not go without saying: a merchant does where its number alone was enough. */
export interface About {
  readonly origin?: string | undefined
  readonly envId?: string | undefined
  readonly subMchId?: string | undefined
}

const flag = (name: string, value: string | undefined) =>
  value === undefined ? '' : ` ${name} ${shellQuoted(value)}`

const flagsOf = ({ origin, envId, subMchId }: About) =>
  `${flag('--url', origin === defaultServerUrl ? undefined : origin)}${flag('--env-id', envId)}${flag('--sub-mch-id', subMchId)}`

/** What begins like a flag stands behind those that are. */
const withArgument = (command: string, argument: string, flags: string) =>
  argument.startsWith('-')
    ? `${command}${flags} ${lastArgument(argument)}`
    : `${command} ${lastArgument(argument)}${flags}`

export interface Hints {
  /** As it is typed without `cloudpay`: about no server. */
  bare(args: string): string
  /** About the same server and environment. */
  same(args: string): string
  /** The same, with something of anybody's as its argument. */
  last(command: string, argument: string): string
  /** About a number, of the same merchant where one was named; of commands that have `--sub-mch-id`. */
  ofNumber(command: string, number: string, how?: OfNumber): string
  /** What starts a server there; undefined: it is not this machine's to start. */
  start(): string | undefined
  /** A text of the server's, which cannot know how its reader calls this program. @param subMchId left out: the same */
  told(text: string, subMchId?: string): string
}

interface OfNumber {
  /** Flags of the command's own, as they are typed. */
  readonly more?: string
  /** Left out: the same. */
  readonly subMchId?: string | undefined
}

/** @param command how this program is called where the reader is */
export function hintsOf(command: string, about: About = {}): Hints {
  const { origin = defaultServerUrl, envId } = about
  const where = flagsOf({ origin, envId })
  return {
    bare: (args) => `${command} ${args}`,
    same: (args) => `${command} ${args}${where}`,
    last: (name, argument) => withArgument(`${command} ${name}`, argument, where),
    ofNumber: (name, number, { more = '', subMchId = about.subMchId } = {}) =>
      withArgument(`${command} ${name}`, number, `${more}${flagsOf({ origin, envId, subMchId })}`),
    start() {
      const { protocol, hostname, port } = new URL(origin)
      const host = hostname.replace(/^\[(.*)\]$/, '$1')
      if (protocol !== 'http:' || !isLoopback(host)) return undefined
      const other = host === defaults.host || host === 'localhost' ? undefined : host
      const its = port === '' ? '80' : port
      return `${command} start${flag('--port', its === String(defaults.port) ? undefined : its)}${flag('--host', other)}`
    },
    // Right behind the command: what follows may be the end of a sentence, or a program of the reader's.
    told: (text, subMchId = about.subMchId) =>
      text.replace(
        /\bcloudpay (close|dev|run)\b/g,
        (_, word: string) =>
          `${command} ${word}${word === 'close' ? flagsOf({ origin, envId, subMchId }) : where}`,
      ),
  }
}

/**
 * Commands as they are named to the reader: called as this one was, about the same server and environment, so that they can
 * be copied. The one place that spells them.
 */
import { isLoopback } from '../app/exposure.ts'
import { defaults } from '../app/settings.ts'
import { defaultServerUrl } from '../client/sdk-variables.ts'
import { demoMerchant } from '../protocol/demo-merchant.ts'
import { shellQuoted } from '../protocol/shell-quoted.ts'

/** What the command was about, where that is not what goes without saying. */
export interface About {
  readonly origin?: string | undefined
  readonly envId?: string | undefined
  readonly subMchId?: string | undefined
}

const flag = (name: string, value: string | undefined) =>
  value === undefined ? '' : ` ${name} ${shellQuoted(value)}`

const flagsOf = ({ origin, envId, subMchId }: About) =>
  `${flag('--url', origin === defaultServerUrl ? undefined : origin)}${flag('--env-id', envId)}${flag('--sub-mch-id', subMchId === demoMerchant ? undefined : subMchId)}`

export interface Hints {
  /** As it is typed without `cloudpay`: about no server. */
  bare(args: string): string
  /** About the same server and environment. */
  same(args: string): string
  /** And about a merchant, left out: the same; of those that have `--sub-mch-id`. */
  ofMerchant(args: string, subMchId?: string): string
  /** What starts a server there; undefined: it is not this machine's to start. */
  start(): string | undefined
  /** A text of the server's, which cannot know how its reader calls this program. */
  told(text: string): string
}

/** @param command how this program is called where the reader is */
export function hintsOf(command: string, about: About = {}): Hints {
  const { origin = defaultServerUrl, envId } = about
  const where = flagsOf({ origin, envId })
  return {
    bare: (args) => `${command} ${args}`,
    same: (args) => `${command} ${args}${where}`,
    ofMerchant: (args, subMchId = about.subMchId) =>
      `${command} ${args}${flagsOf({ origin, envId, subMchId })}`,
    start() {
      const { protocol, hostname, port } = new URL(origin)
      const host = hostname.replace(/^\[(.*)\]$/, '$1')
      if (protocol !== 'http:' || !isLoopback(host)) return undefined
      const other = host === defaults.host || host === 'localhost' ? undefined : host
      const its = port === '' ? '80' : port
      return `${command} start${flag('--port', its === String(defaults.port) ? undefined : its)}${flag('--host', other)}`
    },
    // Right behind the command: what follows may be the end of a sentence, or a program of the reader's.
    told: (text) =>
      text.replace(/\bcloudpay (close|dev|run)\b/g, (_, word: string) => `${command} ${word}${where}`),
  }
}

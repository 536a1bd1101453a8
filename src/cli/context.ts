/** What a command is given beside its flags: who calls it, and where it speaks. */
import type { Variables } from '../client/without-proxy.ts'
import type { Language, Text } from '../protocol/text.ts'
import type { Terminal } from './terminal.ts'

export interface Context {
  readonly language: Language
  /** Of the package. */
  readonly version: string
  readonly variables: Variables
  /** How this program is called from where the reader is (how-called.ts). */
  readonly command: string
  /** To standard error, a line; for those that leave the terminal to another program. */
  readonly warn: (text: Text) => void
  readonly terminal: () => Promise<Terminal>
}

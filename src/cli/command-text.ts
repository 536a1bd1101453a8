/** What a command says of itself, in both languages: the form that `--help` and docs/cli.md are made from. */
import type { Text } from '../protocol/text.ts'
import type { Exits } from './exit-codes.ts'

export type Flag = readonly [form: string, meaning: Text]

export interface CommandText {
  readonly about: Text
  readonly flags: readonly Flag[]
  /** What the flags do not say. */
  readonly notes?: Text
  /** As they are typed, without `cloudpay`. */
  readonly examples: readonly string[]
  readonly exits: Exits
}

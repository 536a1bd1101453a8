/** What every control of the sandbox shares: whose sandbox is meant, and the form of an answer. */
import { envIdAsked } from '../../protocol/api/fields.ts'
import type { Text } from '../../protocol/text.ts'

/** Whose sandbox; environment-asked.ts says whose it is when not said. */
export const env_id = envIdAsked

/** A status and JSON, or a code and a text that say why not. */
export type Answer =
  | {
      readonly status: 200
      readonly body: Readonly<Record<string, unknown>>
      /** For the record of the call, one of a few words; left out: the body's, or `ok`. */
      readonly outcome?: string
    }
  | {
      readonly status: 400 | 401 | 403 | 404 | 409 | 413 | 415 | 500 | 502 | 503
      readonly code: string
      readonly text: Text
      readonly more?: Readonly<Record<string, unknown>>
    }

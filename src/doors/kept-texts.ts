/** What was asked and what was answered, as the request log keeps it: without keys, signatures, and what is a right in itself. */
import type { Environment } from '../ledger/environments.ts'
import { type Hide, hiding } from '../protocol/signature-check.ts'
import { secretsOf } from './evidence.ts'
import { hidden, isSecretField } from './secret-fields.ts'

/** For `JSON.stringify`. */
export const withoutSecrets = (name: string, value: unknown): unknown =>
  isSecretField(name) ? hidden : value

/** By what stays the same object however an environment is passed on. */
const hides = new WeakMap<Environment['provider'], Hide>()

/** The environment's own keys are hidden wherever they stand. */
export function keptText(environment: Environment, fields: unknown): string {
  const hide = hides.get(environment.provider) ?? hiding(secretsOf(environment))
  hides.set(environment.provider, hide)
  return hide(JSON.stringify(fields, withoutSecrets))
}

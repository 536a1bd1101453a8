/** Outcomes that every pay method can have, and how they are spelled. */
import { type AnswerContext, refusal, refusalAsSaid, type WireAnswer } from './answer.ts'
import type { Text } from './text.ts'

export type CommonOutcome =
  /** A field is missing or malformed; nothing was asked of anyone. */
  | { readonly outcome: 'malformed'; readonly problem: Text }
  /** The environment lists its merchants, and this one is not among them. */
  | { readonly outcome: 'merchant-unbound'; readonly envId: string }
  /** The merchant is listed with another app id. */
  | { readonly outcome: 'app-mismatch'; readonly boundSubAppid: string }
  /** The environment insists on callback targets that somebody hosts. */
  | { readonly outcome: 'target-not-hosted'; readonly envId: string; readonly target: string }
  /** Whoever moves the money refuses, for certain; code and text are theirs. */
  | { readonly outcome: 'channel-refused'; readonly code: string; readonly message: string }
  /** Nothing is known of what happened: the same call is safe and finds out. `id` is in our log. */
  | { readonly outcome: 'unknown'; readonly id: string }

const names: readonly string[] = [
  'malformed',
  'merchant-unbound',
  'app-mismatch',
  'target-not-hosted',
  'channel-refused',
  'unknown',
] satisfies CommonOutcome['outcome'][]

export const isCommon = <Other extends { readonly outcome: string }>(
  outcome: CommonOutcome | Other,
): outcome is CommonOutcome => names.includes(outcome.outcome)

export function encodeCommon(outcome: CommonOutcome, context: AnswerContext): WireAnswer {
  switch (outcome.outcome) {
    case 'malformed':
      return refusal(context, 'parameterFormat', { problem: outcome.problem[context.language] })
    case 'merchant-unbound':
      return refusal(context, 'merchantUnbound', { env: outcome.envId })
    case 'app-mismatch':
      return refusal(context, 'appMismatch', { bound: outcome.boundSubAppid })
    case 'target-not-hosted':
      return refusal(context, 'targetNotHosted', { env: outcome.envId, target: outcome.target })
    case 'channel-refused':
      return refusalAsSaid(context, outcome)
    case 'unknown':
      return refusal(context, 'systemError', { id: outcome.id })
  }
}

/** The form of an entry of the error catalogue (catalogue.ts), and the methods that entries and faults speak of. */
import type { Basis } from './rule-profiles.ts'
import type { Text } from './text.ts'

export interface CatalogueEntry {
  /** `return_code`: communication and format; `result_code`: business. */
  readonly layer: 'return_code' | 'result_code'
  /** As on the wire; absent where none is documented. */
  readonly errCode?: string
  /** What was found. `{name}` stands for a fact of the call. */
  readonly cause: Text
  /** What the caller should do. */
  readonly remedy: Text
  /** Texts recorded of the real service; the profile `observed` answers them verbatim. By method, or for all. */
  readonly recorded?: Partial<Record<MethodName | 'any', string>>
  /** `recorded` was not: no answer with that text was found, it is what the error lists call it. */
  readonly inferred?: true
  /** What it rests on that there is this refusal; its text where not recorded is always ours. */
  readonly follows: readonly Basis[]
  /** Which doors can answer it. */
  readonly doors: 'all' | 'v2'
  readonly source: string
}

export const methodNames = ['unifiedOrder', 'queryOrder', 'closeOrder', 'refund', 'queryRefund'] as const
export type MethodName = (typeof methodNames)[number]

/** What the faults that strike a call do to it: to its effect, its outcome, its answer, and the answer's way. */
import { type AskedFault, struckBy } from '../channels/sandbox/faults.ts'
import type { WireAnswer } from '../protocol/answer.ts'

/** How an answer goes wrong on its way. */
export type TransportFault =
  /** It comes so late. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** It never comes, and the connection hangs. */
  | { readonly kind: 'no-answer' }
  /** The connection is reset in its place. */
  | { readonly kind: 'answer-lost' }

export interface CallFaults {
  /** Nothing is to be done. */
  readonly preventsEffect: boolean
  /** It is done, and is said to be unknown. */
  readonly hidesEffect: boolean
  readonly transport: TransportFault | undefined
  /** The same answer, wrongly signed where that was asked for. */
  missigned(answer: WireAnswer): WireAnswer
}

function transportOf(faults: readonly AskedFault[]): TransportFault | undefined {
  if (struckBy(faults, 'no-answer') !== undefined) return { kind: 'no-answer' }
  if (struckBy(faults, 'answer-lost') !== undefined) return { kind: 'answer-lost' }
  const slow = struckBy(faults, 'slow')
  return slow === undefined ? undefined : { kind: 'slow', ms: slow.ms ?? 0 }
}

/** Of the same length, and nobody's. */
const wrongSign = (sign: string) => [...sign].map((digit) => (digit === '0' ? '1' : '0')).join('')

export function callFaults(faults: readonly AskedFault[]): CallFaults {
  const has = (name: Parameters<typeof struckBy>[1]) => struckBy(faults, name) !== undefined
  return {
    preventsEffect: has('systemerror-before') || has('no-answer'),
    hidesEffect: has('systemerror-after'),
    transport: transportOf(faults),
    missigned: (answer) =>
      has('bad-signature') && typeof answer.sign === 'string'
        ? { ...answer, sign: wrongSign(answer.sign) }
        : answer,
  }
}

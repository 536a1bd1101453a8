/**
 * What a row keeps of a channel that has to be asked: what is asked next, what is not certain yet, and what is known on which
 * evidence; and of a payment that came too late. Times are ISO 8601, on the clock of the row. Never: what follows from it
 * (engine/asking).
 */
import type { CloseWhy } from './deadlines.ts'

/**
 * On what an order that was closed by way of a channel rests. `never-sent`: the channel never heard of it. `never-made`: it
 * does not know the number, and nothing that was sent can reach it any more. `said-closed`: asked, it says that it is closed.
 * `expired`: it said that it closed it, still says unpaid, and the order's own time was over five minutes ago; or it does not say paid an hour
 * after that time, whatever else it says: nobody can pay it.
 */
export type Evidence = 'never-sent' | 'never-made' | 'said-closed' | 'expired'

export interface Asking {
  /** What the channel is asked next; absent: nothing. */
  readonly next?: 'create' | 'close' | 'query'
  /** How often in a row it gave no certain answer: paces the next. */
  readonly tries: number
  /** Something was sent of it. */
  readonly sent?: true
  /** What was sent without a certain answer may still take effect before this moment. */
  readonly unsureUntil?: string
  /** When the channel said last that it closed it. */
  readonly closeSaid?: string
  /** The last certain word about it, and when it was given. */
  readonly heard?: { readonly word: string; readonly at: string }
  /** When somebody said last that it was paid. */
  readonly hintedAt?: string
  /** The channel refused to make it, for this reason. */
  readonly refusal?: { readonly code: string; readonly message: string }
  /** When the order is closed by itself, and why; absent: never. */
  readonly closeAt?: string
  readonly closeWhy?: CloseWhy
  readonly evidence?: Evidence
  /** How often it was looked at since it was closed. */
  readonly watched?: number
  /** As the channel made them. */
  readonly codeUrl?: string
  readonly mwebUrl?: string
}

export const lateDecisions = ['refund', 'adopt'] as const
/** `refund`: the money goes back. `adopt`: the payment stays, and the order is paid. */
export type LateDecision = (typeof lateDecisions)[number]

export interface Payment {
  readonly transactionId: string
  readonly payerOpenid: string
  readonly bankType: string
  readonly paidAt: Date
}

/** A payment that nothing could prevent: of an order that was closed, or of a purchase that another attempt had paid. */
export interface Late {
  readonly transactionId: string
  readonly payerOpenid: string
  readonly bankType: string
  readonly paidAt: string
  readonly foundAt: string
  /** In fen. */
  readonly fee: number
  /** Absent: a person has to decide. */
  readonly decision?: LateDecision
  readonly by?: 'policy' | 'caller' | 'operator'
  /** Which return it is at, from 1; rises only once the last one is certainly over. Numbers derive from it. */
  readonly returns: number
  /** How often it was tried without success since the last return was begun. */
  readonly tries: number
  /** A return failed for certain, or the payer's account takes none: somebody should look. */
  readonly alarm?: 'failed' | 'account'
  /** All of it was returned, at this moment. */
  readonly returnedAt?: string
}

/** Of a refund: what the channel is asked next. */
export interface AskingRefund {
  readonly next?: 'refund' | 'query'
  readonly tries: number
  readonly unsureUntil?: string
  /** The channel took it on: it cannot be refused any more. */
  readonly accepted?: true
  /** The channel refused it for certain. */
  readonly refusal?: { readonly code: string; readonly message: string }
}

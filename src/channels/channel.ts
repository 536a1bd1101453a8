/**
 * A channel that has to be asked: whoever moves the money, at the other end of a line. Every call may be lost, late, repeated
 * or answered wrongly; what comes of one is a value, and nothing that a channel says is believed further than
 * engine/asking/order-steps.ts has it. The sandbox needs none: its own word decides.
 */
import type { Payment } from '../ledger/asking.ts'
import type { Environment } from '../ledger/environments.ts'
import type { Order } from '../ledger/order.ts'
import type { Refund } from '../ledger/refund.ts'
import type { RefundResult } from '../ledger/refund-rules.ts'

/** No answer, one that cannot be believed, SYSTEMERROR: it may have taken effect, or may yet. */
export interface Unsure {
  readonly unsure: string
}

export interface Refusal {
  readonly refused: { readonly code: string; readonly message: string }
}

export interface MadePrepay {
  readonly prepayId: string
  readonly codeUrl?: string
  readonly mwebUrl?: string
}

export type CreateAnswer = { readonly made: MadePrepay } | Refusal | Unsure

/** `closed`: it is, by this call or before. */
export type CloseAnswer = { readonly said: 'closed' | 'paid' | 'unknown-number' } | Refusal | Unsure

/** `PAID`, whatever was refunded of it since. */
export type QueryAnswer =
  | { readonly state: 'PAID'; readonly payment: Payment }
  | { readonly state: 'NOTPAY' | 'CLOSED' | 'unknown-number' }
  | Unsure

export type RefundAnswer = { readonly accepted: { readonly refundId: string } } | Refusal | Unsure

export type RefundQueryAnswer = { readonly state: RefundResult | 'PROCESSING' | 'unknown-number' } | Unsure

export interface Channel {
  /**
   * Makes the order, or hands out the prepay of the one that is there: the same request is the same order.
   * Sends the end of its own time (`expiresAt`) along, always: after it nobody can pay.
   */
  create(order: Order): Promise<CreateAnswer>
  close(order: Order): Promise<CloseAnswer>
  query(order: Order): Promise<QueryAnswer>
  /**
   * By its number: the same number is the same refund. A call is sent once, and arrives once or never: whoever implements it
   * repeats nothing by itself, for a refusal of what was sent first is told to the shop at once.
   */
  refund(refund: Refund): Promise<RefundAnswer>
  queryRefund(refund: Refund): Promise<RefundQueryAnswer>
}

/**
 * What was sent takes effect within so long, or never. **Assumed**: no page says it. Connections, proxies and queues of the
 * systems in between are over within a minute or two.
 */
export const flightMs = 5 * 60_000

/** Nobody works longer on an order, or a refund, without asking for it again. */
export const leaseMs = 20_000

/** What somebody may be sending at this moment takes effect before then, or never. */
export const takesEffectBefore = (at: Date): Date => new Date(at.getTime() + leaseMs + flightMs)

/** @returns undefined: its own word decides, nothing has to be asked */
export type ChannelOf = (environment: Environment) => Channel | undefined

/**
 * closeOrder on the wire: its request, what can come of it, and how each outcome is spelled.
 * Source: CloudPay.closeOrder page. Two uses: a payment failed and a new number is to be issued (close the old one,
 * so that nobody pays twice), or the customer's time ran out. Not within five minutes of creation.
 */
import { z } from 'zod'
import { type AnswerContext, refusal, success, type WireAnswer } from './answer.ts'
import { readableTime, wholeSecondFrom } from './beijing-time.ts'
import { type CamelKeys, camelKeys } from './camel-keys.ts'
import { nonce_str, out_trade_no, type Read, readWith, sub_mch_id } from './fields.ts'
import { type CommonOutcome, encodeCommon, isCommon } from './outcome.ts'
import { ruleOf } from './rule-profiles.ts'

const schema = z.object({ sub_mch_id, out_trade_no, nonce_str })

export type CloseOrderRequest = CamelKeys<z.output<typeof schema>>

/** @param body snake_case keys */
export function readCloseOrder(body: object): Read<CloseOrderRequest> {
  const read = readWith(schema, body)
  return 'problem' in read ? read : { request: camelKeys(read.request) }
}

export type CloseOrderOutcome =
  | CommonOutcome
  /** Closed by this very call. Final: it can never be paid. */
  | { readonly outcome: 'closed' }
  /** It was closed before, by whomever. */
  | { readonly outcome: 'already-closed' }
  /** It is paid, refunded perhaps; nothing was changed. */
  | { readonly outcome: 'paid' }
  /** `closableFrom`: the first moment at which the same call closes it. */
  | { readonly outcome: 'too-early'; readonly closableFrom: Date }
  /** Never ordered, and nothing was written. */
  | { readonly outcome: 'not-found' }
  /** Never ordered; the number is closed now, so that a create that arrives late is refused. */
  | { readonly outcome: 'remembered' }

export function encodeCloseOrder(outcome: CloseOrderOutcome, context: AnswerContext): WireAnswer {
  if (isCommon(outcome)) return encodeCommon(outcome, context)
  switch (outcome.outcome) {
    case 'closed':
    case 'remembered':
      return success(context)
    case 'already-closed':
      return ruleOf('closeOfClosedOrder', context.profile) === 'SUCCESS'
        ? success(context)
        : refusal(context, 'orderClosed')
    case 'paid':
      return refusal(context, 'orderPaid')
    case 'too-early':
      return refusal(context, 'closeTooEarly', { time: readableTime(wholeSecondFrom(outcome.closableFrom)) })
    case 'not-found':
      return refusal(context, 'orderNotExist')
  }
}

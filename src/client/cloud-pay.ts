/**
 * `new CloudPay(...)`: orders of an environment, for operators' programs. What can come of a call is a value; what could
 * not be asked, or is not known, is an error (errors.ts). Speaks the HTTP API and nothing else.
 */
import { z } from 'zod'
import { type CloseResult, closedAnswer, notClosedAnswer, notFoundAnswer } from '../protocol/api/close.ts'
import {
  type DecideLateResult,
  decidedAnswer,
  type lateDecision,
  notDecidedAnswer,
} from '../protocol/api/late.ts'
import { type ApiOrderDetail, orderDetail } from '../protocol/api/orders.ts'
import { type Proof, proof } from '../protocol/api/proof.ts'
import { ask, type Call, type Server } from './ask.ts'
import { CloudPayRefused } from './errors.ts'
import { type OrderFilter, OrderList } from './order-list.ts'
import { defaultServerUrl, serverOrigin } from './sdk-variables.ts'

type LateDecision = z.output<typeof lateDecision>

export interface CloudPayOptions {
  /** Of the server, without a path; `http://127.0.0.1:8688` when left out. */
  readonly baseUrl?: string | undefined
  /** The administrator's, where the server has one. */
  readonly token?: string | undefined
  /** Whose orders; `sandbox` when left out. */
  readonly envId?: string | undefined
  /** Whose orders are meant where a call names no merchant; left out: the demo's. */
  readonly subMchId?: string | undefined
  /** How long one try of a call may take; 10 s when left out. */
  readonly timeoutMs?: number | undefined
  /** Pauses before a call is tried again, when nothing was heard of it; a quarter of a second and one second when left out. */
  readonly retryPausesMs?: readonly number[] | undefined
}

/** Of one call. */
export interface CallOptions {
  readonly subMchId?: string | undefined
  /** Gives the call up; what it asked for may be done all the same. */
  readonly signal?: AbortSignal | undefined
}

export type GetResult =
  | { readonly outcome: 'found'; readonly order: ApiOrderDetail }
  | { readonly outcome: 'not-found' }

export type ProveResult =
  | { readonly outcome: 'proved'; readonly proof: Proof }
  | { readonly outcome: 'not-found' }

export interface Orders {
  /** Newest first: `for await (const order of cloudPay.orders.list({ unpaid: true }))`, or `.pages()`. */
  list(filter?: OrderFilter, options?: Pick<CallOptions, 'signal'>): OrderList
  get(outTradeNo: string, options?: CallOptions): Promise<GetResult>
}

const decideAnswer = z.union([decidedAnswer, notDecidedAnswer, notFoundAnswer])
const closeAnswer = z.union([closedAnswer, notClosedAnswer, notFoundAnswer])

/** @returns undefined: the server says that there is no such order */
async function unlessNotFound<Result>(asking: Promise<Result>): Promise<Result | undefined> {
  try {
    return await asking
  } catch (error) {
    if (error instanceof CloudPayRefused && error.code === 'ORDER_NOT_FOUND') return undefined
    throw error
  }
}

export class CloudPay {
  readonly envId: string
  readonly orders: Orders
  readonly #server: Server
  readonly #subMchId: string | undefined

  /** @throws TypeError `baseUrl` is no address of a server */
  constructor(options: CloudPayOptions = {}) {
    const { baseUrl = defaultServerUrl, token, envId = 'sandbox', subMchId } = options
    const origin = serverOrigin(baseUrl)
    if (origin === undefined)
      throw new TypeError(`baseUrl must be the server's address without a path, such as ${defaultServerUrl}`)
    const { timeoutMs = 10_000, retryPausesMs: pausesMs = [250, 1_000] } = options
    this.#server = { origin, token, timeoutMs, pausesMs }
    this.#subMchId = subMchId
    this.envId = envId
    this.orders = {
      list: (filter = {}, { signal } = {}) =>
        new OrderList(this.#server, envId, { ...filter, subMchId: filter.subMchId ?? subMchId }, signal),
      get: (outTradeNo, asked) => this.#get(outTradeNo, asked),
    }
  }

  /**
   * Closes an unpaid order for good. Idempotent: after any failure the same call is safe, and finds out; an order that was
   * closed by a call whose answer was lost is `already-closed` then.
   *
   * @throws CloudPayRefused; @throws CloudPayUnanswered nothing is known
   */
  async closeOrder(
    outTradeNo: string,
    { subMchId = this.#subMchId, signal }: CallOptions = {},
  ): Promise<CloseResult> {
    const body = { env_id: this.envId, sub_mch_id: subMchId, out_trade_no: outTradeNo }
    const call: Call = { path: '/api/orders/close', repeatable: 'idempotent', body }
    const answer = await ask(this.#server, call, closeAnswer, signal)
    switch (answer.outcome) {
      case 'closed':
      case 'already-closed':
      case 'remembered':
        return { outcome: answer.outcome, order: answer.order }
      case 'paid':
        return { outcome: 'paid', order: answer.order }
      case 'too-early':
        return { outcome: 'too-early', order: answer.order, closableFrom: answer.closableFrom }
      case 'not-found':
        return { outcome: 'not-found' }
    }
  }

  /**
   * Decides what becomes of a payment that came after its order was closed, where `latePayments` is `ask`. Idempotent; what is
   * decided is not taken back.
   * @throws CloudPayRefused; @throws CloudPayUnanswered nothing is known
   */
  async decideLate(
    outTradeNo: string,
    decision: LateDecision,
    { subMchId = this.#subMchId, signal }: CallOptions = {},
  ): Promise<DecideLateResult> {
    const body = { env_id: this.envId, sub_mch_id: subMchId, out_trade_no: outTradeNo, decision }
    const call: Call = { path: '/api/orders/late', repeatable: 'idempotent', body }
    const answer = await ask(this.#server, call, decideAnswer, signal)
    switch (answer.outcome) {
      case 'decided':
        return { outcome: 'decided', order: answer.order }
      case 'purchase-paid':
        return { outcome: 'purchase-paid', paid: answer.paid }
      default:
        return { outcome: answer.outcome }
    }
  }

  /**
   * Whether a new number can be ordered in the place of this one, and why.
   * @throws CloudPayRefused; @throws CloudPayUnanswered
   */
  async prove(outTradeNo: string, options?: CallOptions): Promise<ProveResult> {
    const found = await unlessNotFound(
      ask(this.#server, this.#of(outTradeNo, '/proof', options), proof, options?.signal),
    )
    return found === undefined ? { outcome: 'not-found' } : { outcome: 'proved', proof: found }
  }

  async #get(outTradeNo: string, options?: CallOptions): Promise<GetResult> {
    const found = await unlessNotFound(
      ask(this.#server, this.#of(outTradeNo, '', options), orderDetail, options?.signal),
    )
    return found === undefined ? { outcome: 'not-found' } : { outcome: 'found', order: found }
  }

  #of(outTradeNo: string, more: string, { subMchId = this.#subMchId }: CallOptions = {}): Call {
    return {
      path: `/api/orders/${encodeURIComponent(outTradeNo)}${more}`,
      repeatable: 'reads',
      query: { env_id: this.envId, sub_mch_id: subMchId },
    }
  }
}

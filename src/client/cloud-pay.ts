/**
 * `new CloudPay(...)`: one environment, for operators' programs and for back ends that are no cloud functions. What can come
 * of a call is a value; what could not be asked, or is not known, is an error (errors.ts). Speaks the HTTP API and nothing else.
 */
import { z } from 'zod'
import { type ApiAuditEntry, auditPage } from '../protocol/api/audit.ts'
import { type ApiTold, callbacksPage, type ResendResult, resentAnswer } from '../protocol/api/callbacks.ts'
import { type CloseResult, closedAnswer, notClosedAnswer, notFoundAnswer } from '../protocol/api/close.ts'
import {
  type CreateAsked,
  type CreateResult,
  createdAnswer,
  notCreatedAnswer,
} from '../protocol/api/create.ts'
import {
  type ApiConnect,
  type ApiEnvironments,
  connectAnswer,
  environmentsAnswer,
} from '../protocol/api/environments.ts'
import type { ApiChange } from '../protocol/api/events.ts'
import { out_trade_no } from '../protocol/api/fields.ts'
import {
  type DecideLateResult,
  decidedAnswer,
  type lateDecision,
  notDecidedAnswer,
} from '../protocol/api/late.ts'
import type { noticeStates } from '../protocol/api/notices.ts'
import { type ApiOrderDetail, orderDetail } from '../protocol/api/order-detail.ts'
import { type ApiOverview, overviewAnswer } from '../protocol/api/overview.ts'
import { type Proof, proof } from '../protocol/api/proof.ts'
import { notRefundedAnswer, type RefundResult, refundedAnswer } from '../protocol/api/refund.ts'
import { type ApiRequest, nobody, requestsPage } from '../protocol/api/requests.ts'
import { snakeKeys } from '../protocol/camel-keys.ts'
import { ask, type Call, type Server } from './ask.ts'
import { CloudPayRefused } from './errors.ts'
import {
  type CallbackFilter,
  namesOfCallbackFilter,
  namesOfRequestFilter,
  type RequestFilter,
} from './filters.ts'
import { refuseUnknown } from './known-names.ts'
import { List } from './lists.ts'
import { type OrderFilter, OrderList } from './order-list.ts'
import { Sandbox } from './sandbox.ts'
import { defaultServerUrl, serverOrigin } from './sdk-variables.ts'
import { type WatchOptions, watch } from './watch.ts'

type LateDecision = z.output<typeof lateDecision>

export interface CloudPayOptions {
  /** Of the server, without a path; `http://127.0.0.1:8688` when left out. */
  readonly baseUrl?: string | undefined
  /** The administrator's, where the server has one. */
  readonly token?: string | undefined
  /** Whose orders; left out: the only environment that the server has, or `sandbox` among several. */
  readonly envId?: string | undefined
  /** Whose orders are meant where a call names no merchant; left out: those of whoever has the number, or the only merchant that the environment lists, or the demo's. */
  readonly subMchId?: string | undefined
  /** How long one try of a call may take; 10 s when left out. */
  readonly timeoutMs?: number | undefined
  /** In which refusals are told; the environment's when left out. */
  readonly language?: 'zh' | 'en' | undefined
  /** The program that a person uses; stands in the audit log beside what it changed. */
  readonly client?: string | undefined
  /** Pauses before a call is tried again, when nothing was heard of it; a quarter of a second and one second when left out. */
  readonly retryPausesMs?: readonly number[] | undefined
}

/** Of one call. */
export interface CallOptions {
  readonly subMchId?: string | undefined
  /** Gives the call up; what it asked for may be done all the same. */
  readonly signal?: AbortSignal | undefined
}

/** An order of a list, or a number; that alone is one of the merchant that the call or the client names, else of whoever has it. */
export type OrderNamed = string | { readonly outTradeNo: string; readonly subMchId: string }

export type GetResult =
  | { readonly outcome: 'found'; readonly order: ApiOrderDetail }
  | { readonly outcome: 'not-found' }

export type ProveResult =
  | { readonly outcome: 'proved'; readonly proof: Proof }
  | { readonly outcome: 'not-found' }

export interface Orders {
  /** Newest first: `for await (const order of cloudPay.orders.list({ unpaid: true }))`, or `.pages()`. */
  list(filter?: OrderFilter, options?: Pick<CallOptions, 'signal'>): OrderList
  get(order: OrderNamed, options?: CallOptions): Promise<GetResult>
}

type Signal = Pick<CallOptions, 'signal'>

/** One order's or refund's, or all that stand so. */
export type ResendAsked =
  | { readonly outTradeNo: string }
  | { readonly outRefundNo: string }
  | { readonly state: (typeof noticeStates)[number] }

export interface Callbacks {
  list(filter?: CallbackFilter, options?: Signal): List<typeof callbacksPage, ApiTold>
  /** Sends again what is not delivered; of an order whose notices all are, the last one. */
  resend(asked: ResendAsked, options?: CallOptions): Promise<ResendResult>
}

export interface Requests {
  list(filter?: RequestFilter, options?: Signal): List<typeof requestsPage, ApiRequest>
}

export interface RefundAsked {
  readonly outTradeNo: string
  /** Chosen by the caller, and kept for the same refund: the same number again returns nothing twice. */
  readonly outRefundNo: string
  /** In fen; left out: all that was not refunded yet. */
  readonly refundFee?: number | undefined
  readonly refundDesc?: string | undefined
}

const createAnswer = z.union([createdAnswer, notCreatedAnswer])
const refundAnswer = z.union([refundedAnswer, notRefundedAnswer, notFoundAnswer])
const resendAnswer = z.union([resentAnswer, notFoundAnswer])
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

const knownOptions: Readonly<Record<keyof CloudPayOptions, true>> = {
  baseUrl: true,
  token: true,
  envId: true,
  subMchId: true,
  timeoutMs: true,
  language: true,
  client: true,
  retryPausesMs: true,
}

export class CloudPay {
  /** As it was given; `connect()` says which one it is where it was not. */
  readonly envId: string | undefined
  readonly orders: Orders
  readonly callbacks: Callbacks
  readonly requests: Requests
  /** Where the environment is a sandbox. */
  readonly sandbox: Sandbox
  readonly #server: Server
  readonly #subMchId: string | undefined

  /** @throws TypeError an option that there is not, or a value that cannot be, such as a `baseUrl` with a path */
  constructor(options: CloudPayOptions = {}) {
    refuseUnknown('CloudPay', options, knownOptions)
    const { baseUrl = defaultServerUrl, token, envId, subMchId } = options
    const origin = serverOrigin(baseUrl)
    if (origin === undefined)
      throw new TypeError(`baseUrl must be the server's address without a path, such as ${defaultServerUrl}`)
    if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
      throw new TypeError('token must be visible ASCII without blanks, as a header can carry it')
    const { timeoutMs = 10_000, retryPausesMs: pausesMs = [250, 1_000] } = options
    if (!(Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs < 2 ** 31))
      throw new TypeError('timeoutMs must be a whole number of milliseconds, at most 24 days')
    this.#server = { origin, token, client: options.client, language: options.language, timeoutMs, pausesMs }
    this.#subMchId = subMchId
    this.envId = envId
    this.orders = {
      list: (filter = {}, { signal } = {}) =>
        new OrderList(this.#server, envId, { ...filter, subMchId: filter.subMchId ?? subMchId }, signal),
      get: (order, asked) => this.#get(order, asked),
    }
    this.callbacks = {
      list: (filter = {}, { signal } = {}) => {
        refuseUnknown('callbacks.list', filter, namesOfCallbackFilter)
        const { states, pageSize } = filter
        const query = { env_id: envId, state: states?.join(','), limit: pageSize?.toString() }
        const itemsOf = ({ callbacks }: { callbacks: ApiTold[] }) => callbacks
        return new List(
          this.#server,
          { path: '/api/callbacks', query, schema: callbacksPage, itemsOf },
          signal,
        )
      },
      resend: (asked, given) => this.#resend(asked, given),
    }
    this.requests = {
      list: (filter = {}, { signal } = {}) => {
        refuseUnknown('requests.list', filter, namesOfRequestFilter)
        const { door, method, outTradeNo, failed, nobodys, withNobodys, pageSize } = filter
        const query = {
          env_id: nobodys === true ? nobody : envId,
          with_nobodys: withNobodys === true ? 'true' : undefined,
          door,
          method,
          out_trade_no: outTradeNo,
          failed: failed === true ? 'true' : undefined,
          limit: pageSize?.toString(),
        }
        const itemsOf = ({ requests }: { requests: ApiRequest[] }) => requests
        return new List(this.#server, { path: '/api/requests', query, schema: requestsPage, itemsOf }, signal)
      },
    }
    this.sandbox = new Sandbox(this.#server, envId, subMchId)
  }

  /** Which environments the server has. @throws CloudPayRefused; @throws CloudPayUnanswered */
  environments({ signal }: Signal = {}): Promise<ApiEnvironments> {
    return ask(this.#server, { path: '/api/environments', repeatable: 'reads' }, environmentsAnswer, signal)
  }

  /** What an SDK needs to reach this environment; keys only of the demo's. @throws CloudPayRefused; @throws CloudPayUnanswered */
  connect({ signal }: Signal = {}): Promise<ApiConnect> {
    return ask(this.#server, this.#read('/api/connect'), connectAnswer, signal)
  }

  /** What happened lately, and what needs somebody. @throws CloudPayRefused; @throws CloudPayUnanswered */
  overview({ hours }: { readonly hours?: number } = {}, { signal }: Signal = {}): Promise<ApiOverview> {
    return ask(
      this.#server,
      this.#read('/api/overview', { hours: hours?.toString() }),
      overviewAnswer,
      signal,
    )
  }

  /** What people changed, the newest first. */
  audit(
    { pageSize }: { readonly pageSize?: number } = {},
    { signal }: Signal = {},
  ): List<typeof auditPage, ApiAuditEntry> {
    const query = { env_id: this.envId, limit: pageSize?.toString() }
    const itemsOf = ({ entries }: { entries: ApiAuditEntry[] }) => entries
    return new List(this.#server, { path: '/api/audit', query, schema: auditPage, itemsOf }, signal)
  }

  /**
   * What changes, as it does: at first how things stand, then at most once a second. Goes on by itself after a broken line;
   * `onBroken` hears of each.
   * @throws CloudPayRefused; @throws CloudPayUnanswered (`unreadable`) what answers there has no such events
   */
  watch(options: WatchOptions = {}): AsyncGenerator<ApiChange> {
    return watch(this.#server, this.envId, options)
  }

  /**
   * unifiedOrder: makes an order, or hands the same one out again. Idempotent by its number and parameters: after any failure
   * the same call is safe.
   *
   * @throws CloudPayRefused; @throws CloudPayUnanswered nothing is known, and nothing is payable twice
   */
  async createOrder(
    asked: CreateAsked,
    { subMchId = this.#subMchId, signal }: CallOptions = {},
  ): Promise<CreateResult> {
    const body = { ...snakeKeys(asked), env_id: this.envId, sub_mch_id: subMchId }
    const call: Call = { path: '/api/orders/create', repeatable: 'idempotent', body }
    const answer = await ask(this.#server, call, createAnswer, signal)
    if (answer.outcome === 'created') return answer
    return { outcome: answer.outcome, code: answer.error.code, message: answer.error.message }
  }

  /**
   * Gives the money of a paid order back. Idempotent by its number.
   * @throws CloudPayRefused; @throws CloudPayUnanswered nothing is known: the same call is safe
   */
  async refund(
    asked: RefundAsked,
    { subMchId = this.#subMchId, signal }: CallOptions = {},
  ): Promise<RefundResult> {
    const body = { ...snakeKeys(asked), env_id: this.envId, sub_mch_id: subMchId }
    const call: Call = { path: '/api/orders/refund', repeatable: 'idempotent', body }
    const answer = await ask(this.#server, call, refundAnswer, signal)
    switch (answer.outcome) {
      case 'accepted':
        return { outcome: 'accepted', refund: answer.refund }
      case 'refused':
        return { outcome: 'refused', code: answer.error.code, message: answer.error.message }
      case 'not-found':
        return { outcome: 'not-found' }
    }
  }

  /**
   * Closes an unpaid order for good. Idempotent: after any failure the same call is safe, and finds out; an order that was
   * closed by a call whose answer was lost is `already-closed` then.
   *
   * @throws CloudPayRefused; @throws CloudPayUnanswered nothing is known
   */
  async closeOrder(order: OrderNamed, options: CallOptions = {}): Promise<CloseResult> {
    const { outTradeNo, subMchId } = this.#named(order, options)
    const body = { env_id: this.envId, sub_mch_id: subMchId, out_trade_no: outTradeNo }
    const call: Call = { path: '/api/orders/close', repeatable: 'idempotent', body }
    const answer = await ask(this.#server, call, closeAnswer, options.signal)
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
    order: OrderNamed,
    decision: LateDecision,
    options: CallOptions = {},
  ): Promise<DecideLateResult> {
    const { outTradeNo, subMchId } = this.#named(order, options)
    const body = { env_id: this.envId, sub_mch_id: subMchId, out_trade_no: outTradeNo, decision }
    const call: Call = { path: '/api/orders/late', repeatable: 'idempotent', body }
    const answer = await ask(this.#server, call, decideAnswer, options.signal)
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
  async prove(order: OrderNamed, options?: CallOptions): Promise<ProveResult> {
    const found = await unlessNotFound(
      ask(this.#server, this.#of(order, '/proof', options), proof, options?.signal),
    )
    return found === undefined ? { outcome: 'not-found' } : { outcome: 'proved', proof: found }
  }

  async #get(order: OrderNamed, options?: CallOptions): Promise<GetResult> {
    const found = await unlessNotFound(
      ask(this.#server, this.#of(order, '', options), orderDetail, options?.signal),
    )
    return found === undefined ? { outcome: 'not-found' } : { outcome: 'found', order: found }
  }

  async #resend(
    asked: ResendAsked,
    { subMchId = this.#subMchId, signal }: CallOptions = {},
  ): Promise<ResendResult> {
    const body = { ...snakeKeys(asked), env_id: this.envId, sub_mch_id: subMchId }
    const call: Call = { path: '/api/callbacks/resend', repeatable: 'idempotent', body }
    const answer = await ask(this.#server, call, resendAnswer, signal)
    return answer.outcome === 'resent' ? { outcome: 'resent', count: answer.count } : { outcome: 'not-found' }
  }

  #read(path: string, query: Call['query'] = {}): Call {
    return { path, repeatable: 'reads', query: { env_id: this.envId, ...query } }
  }

  /** One of a list names its merchant itself; a number alone means the merchant of the call, of the client, or the demo's. */
  #named(order: OrderNamed, { subMchId = this.#subMchId }: CallOptions = {}) {
    const named = typeof order === 'string' ? { outTradeNo: order, subMchId } : order
    if (!out_trade_no.safeParse(named.outTradeNo).success)
      throw new TypeError('outTradeNo must have 1 to 32 digits, letters and _-|*@')
    return named
  }

  #of(order: OrderNamed, more: string, options?: CallOptions): Call {
    const { outTradeNo, subMchId } = this.#named(order, options)
    return {
      path: `/api/orders/${encodeURIComponent(outTradeNo)}${more}`,
      repeatable: 'reads',
      query: { env_id: this.envId, sub_mch_id: subMchId },
    }
  }
}

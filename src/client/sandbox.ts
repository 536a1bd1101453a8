/** The controls of a sandbox: its payers, its clock, its faults. What cannot be sent twice is sent once. */
import { z } from 'zod'
import {
  type ApiClock,
  type ApiFaults,
  type ApiPayer,
  type ApiPayers,
  clockAnswer,
  faultSwitched,
  faultsAnswer,
  type PayResult,
  payAnswer,
  payerAdded,
  payersAnswer,
} from '../protocol/api/sandbox.ts'
import { ask, type Call, type Server } from './ask.ts'
import { CloudPayRefused } from './errors.ts'

export interface PayOptions {
  readonly subMchId?: string | undefined
  /** Who pays; left out: whom the order names, or the sandbox's payer. */
  readonly openid?: string | undefined
  /** What the payer does; `pay` when left out. `wait`: on the password page, and nothing else yet. */
  readonly then?: 'pay' | 'cancel' | 'fail' | 'wait' | undefined
}

/** `next`: to the moment when the engine has something to do next. */
export type ClockAsked =
  | { readonly advance: string }
  | { readonly set: Date }
  | { readonly freeze: true }
  | { readonly run: true }
  | { readonly next: true }

/** Where a fault strikes: where all fits that is given. */
export interface FaultAsked {
  readonly on: string
  /** `'2s'`, of a fault that takes a span. */
  readonly span?: string | undefined
  /** How often; left out: until it is switched off. */
  readonly times?: number | undefined
  readonly method?: string | undefined
  readonly subMchId?: string | undefined
  /** Or the beginning of one, and `*`. */
  readonly outTradeNo?: string | undefined
  readonly totalFee?: number | undefined
}

/** Done means that all is done that fell due: a day may hold much. */
const clockTimeoutMs = 120_000

export class Sandbox {
  readonly #server: Server
  readonly #envId: string | undefined
  readonly #subMchId: string | undefined

  constructor(server: Server, envId: string | undefined, subMchId: string | undefined) {
    this.#server = server
    this.#envId = envId
    this.#subMchId = subMchId
  }

  /** Pays like a customer, by the order's number. @throws CloudPayRefused; @throws CloudPayUnanswered ask for the order */
  async pay(
    outTradeNo: string,
    { subMchId = this.#subMchId, openid, then }: PayOptions = {},
  ): Promise<PayResult> {
    const body = { sub_mch_id: subMchId, out_trade_no: outTradeNo, openid, then }
    try {
      const answer = await ask(this.#server, this.#post('pay', body), payAnswer)
      switch (answer.result) {
        case 'paid':
          return {
            outcome: 'paid',
            transactionId: answer.transactionId,
            openid: answer.openid,
            paidAt: answer.paidAt,
          }
        case 'paid_too_late':
          return {
            outcome: 'paid-late',
            transactionId: answer.transactionId,
            openid: answer.openid,
            paidAt: answer.paidAt,
            note: answer.note,
          }
        case 'refused':
          return { outcome: 'refused', code: answer.error.code, message: answer.error.message }
        default:
          return { outcome: answer.result }
      }
    } catch (error) {
      if (error instanceof CloudPayRefused && error.code === 'ORDER_NOT_FOUND')
        return { outcome: 'not-found' }
      throw error
    }
  }

  /** @throws CloudPayRefused; @throws CloudPayUnanswered */
  clock(): Promise<ApiClock> {
    return ask(this.#server, this.#get('clock'), clockAnswer)
  }

  /** Everything that falls due is done, in order, before this returns. @throws CloudPayRefused; @throws CloudPayUnanswered read the clock */
  setClock(asked: ClockAsked): Promise<ApiClock> {
    const body = 'set' in asked ? { set: asked.set.toISOString() } : asked
    return ask(this.#server, { ...this.#post('clock', body), timeoutMs: clockTimeoutMs }, clockAnswer)
  }

  faults(): Promise<ApiFaults> {
    return ask(this.#server, this.#get('faults'), faultsAnswer)
  }

  /** @returns its id; @throws CloudPayRefused there is no such fault, or too many are on */
  async switchOn({ on, span, times, method, subMchId, outTradeNo, totalFee }: FaultAsked): Promise<string> {
    const body = {
      on,
      span,
      times,
      method,
      sub_mch_id: subMchId,
      out_trade_no: outTradeNo,
      total_fee: totalFee,
    }
    const answer = await ask(this.#server, this.#post('faults', body), faultSwitched)
    if ('switchedOn' in answer) return answer.switchedOn.id
    throw new TypeError('the server switched faults off')
  }

  /** @param fault its name or id, or `all`; @returns how many were on */
  async switchOff(fault: string): Promise<number> {
    const call: Call = { ...this.#post('faults', { off: fault }), repeatable: 'idempotent' }
    const answer = await ask(this.#server, call, faultSwitched)
    return 'switchedOff' in answer ? answer.switchedOff : 0
  }

  payers(): Promise<ApiPayers> {
    return ask(this.#server, this.#get('payers'), payersAnswer)
  }

  /** @param openid left out: a new one is made */
  addPayer(name: string, openid?: string): Promise<ApiPayer> {
    return ask(this.#server, this.#post('payers', { name, openid }), payerAdded)
  }

  /** What the merchant can refund from, in fen. */
  async setBalance(balance: number | 'unlimited', subMchId = this.#subMchId): Promise<void> {
    const change = balance === 'unlimited' ? { unlimited: true } : { set: balance }
    const call: Call = {
      ...this.#post('balance', { sub_mch_id: subMchId, ...change }),
      repeatable: 'idempotent',
    }
    await ask(this.#server, call, z.looseObject({ env_id: z.string() }))
  }

  #get(name: string): Call {
    return { path: `/sandbox/${name}`, repeatable: 'reads', query: { env_id: this.#envId } }
  }

  #post(name: string, body: object): Call {
    return { path: `/sandbox/${name}`, repeatable: 'never', body: { env_id: this.#envId, ...body } }
  }
}

/** The payer, the clock, the faults and the balance of a sandbox, in the words of a test. */
import type { ControlClient, Json } from './control-client.ts'
import { onlyKnown } from './only-known.ts'

/** `'5m'`, `'1h30m'`, or in parts. */
export type Duration =
  | string
  | {
      readonly days?: number
      readonly hours?: number
      readonly minutes?: number
      readonly seconds?: number
      readonly milliseconds?: number
    }

function durationText(duration: Duration): string {
  if (typeof duration === 'string') return duration
  if (typeof duration !== 'object')
    throw new TypeError(`a duration is a text such as '5m', or { minutes: 5 }, and not ${String(duration)}`)
  const { days = 0, hours = 0, minutes = 0, seconds = 0, milliseconds = 0 } = duration
  return `${days}d${hours}h${minutes}m${seconds}s${milliseconds}ms`
}

/** `payment` as unifiedOrder answers it, or the whole answer. */
export type Payable = Json

const paymentOf = (payable: Payable): unknown => payable.payment ?? payable

/** What a client is told: `errMsg` in its own words. */
export interface ClientAnswer extends Json {
  readonly errMsg: string
}

/** A payer on the password page. */
export interface Cashier {
  /** Types the password: pays, as things stand then. */
  confirms(): Promise<ClientAnswer>
  cancels(): Promise<ClientAnswer>
}

interface PayOptions {
  /** Who pays; left out: whom the order names, or the sandbox's payer. */
  readonly openid?: string
  /** Of this payment alone, such as `callback-duplicate`. */
  readonly faults?: string
}

export interface Payer {
  /** What `wx.requestPayment(payment)` does, and then pays. Never throws for a refusal: its words are in `errMsg`. */
  requestPayment(payable: Payable, options?: PayOptions): Promise<ClientAnswer>
  /** Opens the cashier and waits on the password page. @throws Error where the client refuses at once */
  opens(payable: Payable, options?: PayOptions): Promise<Cashier>
  /** Pays by the order's number, whatever kind of order it is. @throws SandboxRefused */
  pays(order: { readonly outTradeNo: string; readonly subMchId?: string } & PayOptions): Promise<Json>
}

const asAnswer = (json: Json): ClientAnswer => ({ ...json, errMsg: String(json.errMsg) })

export function payerOf(controls: ControlClient): Payer {
  const request = async (payable: Payable, word: string, { openid, faults }: PayOptions = {}) =>
    controls.post('request-payment', { payment: paymentOf(payable), openid, then: word }, faults)
  return {
    requestPayment: async (payable, options) => asAnswer(await request(payable, 'pay', options)),
    async opens(payable, options) {
      const opened = await request(payable, 'wait', options)
      if (opened.waiting !== true) throw new Error(String(opened.errMsg))
      return {
        confirms: async () => asAnswer(await request(payable, 'pay', options)),
        cancels: async () => asAnswer(await request(payable, 'cancel', options)),
      }
    },
    pays: ({ outTradeNo, subMchId, openid, faults }) =>
      controls.post('pay', { out_trade_no: outTradeNo, sub_mch_id: subMchId, openid }, faults),
  }
}

export interface Clock {
  /** Lets so much time pass: everything that falls due is done, in order, before this returns. */
  advance(by: Duration): Promise<Date>
  set(to: Date): Promise<Date>
  now(): Promise<Date>
  freeze(): Promise<Date>
  run(): Promise<Date>
}

export function clockOf(controls: ControlClient): Clock {
  const change = async (asked: object) => new Date(String((await controls.post('clock', asked)).now))
  return {
    advance: (by) => change({ advance: durationText(by) }),
    set: (to) => {
      if (!(to instanceof Date)) throw new TypeError('clock.set takes a Date')
      return change({ set: to.toISOString() })
    },
    now: async () => new Date(String((await controls.get('clock')).now)),
    freeze: () => change({ freeze: true }),
    run: () => change({ run: true }),
  }
}

/** On which calls or notices a fault strikes: on those that fit all that is given. */
export interface FaultScope {
  readonly outTradeNo?: string
  readonly subMchId?: string
  readonly method?: string
  /** In fen. */
  readonly totalFee?: number
  /** How often; left out: until it is switched off. */
  readonly times?: number
  /** Of a fault that takes a span. */
  readonly span?: Duration
}

export interface Faults {
  /** Switches a fault of the menu on (docs/faults.md). @returns its id */
  on(fault: string, scope?: FaultScope): Promise<string>
  /** @param fault its name or id; left out: all */
  off(fault?: string): Promise<void>
}

export const faultsOf = (controls: ControlClient): Faults => ({
  async on(fault, scope = {}) {
    onlyKnown('faults.on', scope, ['outTradeNo', 'subMchId', 'method', 'totalFee', 'times', 'span'])
    const { outTradeNo, subMchId, method, totalFee, times, span } = scope
    const { switched_on: on } = await controls.post('faults', {
      on: fault,
      out_trade_no: outTradeNo,
      sub_mch_id: subMchId,
      method,
      total_fee: totalFee,
      times,
      span: span === undefined ? undefined : durationText(span),
    })
    return String(typeof on === 'object' && on !== null ? Reflect.get(on, 'id') : undefined)
  },
  off: async (fault = 'all') => void (await controls.post('faults', { off: fault })),
})

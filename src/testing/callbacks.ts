/** Callbacks as they were sent: kept in the order in which they went, and waited for. */
import type { Delivery } from '../ledger/deliveries.ts'
import { openReqInfo } from '../protocol/v2/req-info.ts'
import { readXml } from '../protocol/v2/xml.ts'
import { onlyKnown } from './only-known.ts'

/** One attempt to tell. */
export interface CapturedCallback {
  readonly kind: 'paid' | 'refunded'
  readonly outTradeNo: string | undefined
  readonly outRefundNo: string | undefined
  /** What was sent: a function's event, a container's body, or the fields of v2's XML (`req_info` opened). */
  readonly payload: Readonly<Record<string, unknown>>
  /** Where to, as people read it. */
  readonly target: string
  /** Which attempt, from 1. */
  readonly attempt: number
  readonly acknowledged: boolean
  /** Why it was not. */
  readonly why: string | undefined
  /** On the sandbox's clock. */
  readonly at: Date
}

/** Which one is waited for: the first that fits all that is given. */
export interface CallbackWanted {
  readonly kind?: 'paid' | 'refunded'
  readonly outTradeNo?: string
  readonly outRefundNo?: string
  readonly acknowledged?: boolean
}

export interface Callbacks {
  readonly all: readonly CapturedCallback[]
  /**
   * The first that fits and was not taken before; waits for it where it has not come.
   * @throws Error none came within `timeoutMs` (5 s)
   */
  take(wanted?: CallbackWanted, options?: { readonly timeoutMs?: number }): Promise<CapturedCallback>
}

function elements(xml: string): Record<string, string> {
  const read = readXml(Buffer.from(xml))
  if ('refused' in read) throw new Error(`a callback that is no flat XML (${read.text.en}): ${xml}`)
  return Object.fromEntries(read.fields)
}

/** With whichever key opens it; undefined: none does, as where a fault seals it with a wrong one. */
function opened(sealed: string, apiKeys: readonly string[]): Record<string, string> | undefined {
  for (const apiKey of apiKeys) {
    try {
      // What is sealed is the same flat XML under another root.
      return elements(openReqInfo(sealed, apiKey).replace(/^<root>(.*)<\/root>$/s, '<xml>$1</xml>'))
    } catch {}
  }
  return undefined
}

function payloadOf(sent: string, apiKeys: readonly string[]): Readonly<Record<string, unknown>> {
  if (!sent.startsWith('<')) return sent === '' ? {} : JSON.parse(sent)
  const { req_info: sealed, ...fields } = elements(sent)
  if (sealed === undefined) return fields
  const inside = opened(sealed, apiKeys)
  return inside === undefined ? { ...fields, req_info: sealed } : { ...fields, ...inside }
}

const textIn = (payload: Readonly<Record<string, unknown>>, camel: string, snake: string) => {
  const value = payload[camel] ?? payload[snake]
  return typeof value === 'string' ? value : undefined
}

/** What nobody can open is still known by whom it is of. */
const refundOf = ({ subject, number }: Delivery) => (subject === 'refund' ? number : undefined)
const orderOf = ({ subject, number }: Delivery) => (subject === 'order' ? number : undefined)

const capture = (delivery: Delivery, apiKeys: readonly string[]): CapturedCallback => {
  const payload = payloadOf(delivery.sent, apiKeys)
  return {
    kind: delivery.kind === 'refunded' ? 'refunded' : 'paid',
    outTradeNo: textIn(payload, 'outTradeNo', 'out_trade_no') ?? orderOf(delivery),
    outRefundNo: textIn(payload, 'outRefundNo', 'out_refund_no') ?? refundOf(delivery),
    payload,
    target: delivery.target,
    attempt: delivery.attempt,
    acknowledged: delivery.outcome === 'acknowledged',
    why: delivery.why?.en,
    at: delivery.at,
  }
}

const fits = (callback: CapturedCallback, wanted: CallbackWanted) =>
  (wanted.kind === undefined || wanted.kind === callback.kind) &&
  (wanted.outTradeNo === undefined || wanted.outTradeNo === callback.outTradeNo) &&
  (wanted.outRefundNo === undefined || wanted.outRefundNo === callback.outRefundNo) &&
  (wanted.acknowledged === undefined || wanted.acknowledged === callback.acknowledged)

/** @param apiKeys one of them opens what v2 hides of a refund */
export function captureCallbacks(apiKeys: readonly string[]): Callbacks & { note(delivery: Delivery): void } {
  const all: CapturedCallback[] = []
  const untaken: CapturedCallback[] = []
  const waiting = new Set<{ wanted: CallbackWanted; give: (callback: CapturedCallback) => void }>()

  const takeNow = (wanted: CallbackWanted) => {
    const place = untaken.findIndex((callback) => fits(callback, wanted))
    return place < 0 ? undefined : untaken.splice(place, 1)[0]
  }
  return {
    all,
    note(delivery) {
      const callback = capture(delivery, apiKeys)
      all.push(callback)
      const one = [...waiting].find(({ wanted }) => fits(callback, wanted))
      if (one === undefined) untaken.push(callback)
      else one.give(callback)
    },
    take(wanted = {}, { timeoutMs = 5_000 } = {}) {
      onlyKnown('callback', wanted, ['kind', 'outTradeNo', 'outRefundNo', 'acknowledged'])
      const known = takeNow(wanted)
      if (known !== undefined) return Promise.resolve(known)
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          waiting.delete(one)
          const seen = all.map(({ kind, outTradeNo, acknowledged }) => ({ kind, outTradeNo, acknowledged }))
          reject(
            new Error(
              `no callback like ${JSON.stringify(wanted)} within ${timeoutMs} ms; there were ${JSON.stringify(seen)}. Does its time have to come first (clock.advance)?`,
            ),
          )
        }, timeoutMs)
        const one = {
          wanted,
          give(callback: CapturedCallback) {
            clearTimeout(late)
            waiting.delete(one)
            resolve(callback)
          },
        }
        waiting.add(one)
      })
    },
  }
}

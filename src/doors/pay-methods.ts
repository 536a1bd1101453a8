/**
 * The pay methods as every door offers them: read a body, carry it out, spell the outcome. A door adds who is calling
 * and puts the answer into its protocol's envelope.
 */
import { LedgerUnavailable } from '../ledger/db/db.ts'
import { closeOrder } from '../methods/close-order.ts'
import { subAppidOf } from '../methods/merchant.ts'
import { queryOrder } from '../methods/query-order.ts'
import type { Answered, Caller, Services } from '../methods/services.ts'
import { unifiedOrder } from '../methods/unified-order.ts'
import type { AnswerContext, Dialect, WireAnswer } from '../protocol/answer.ts'
import type { MethodName } from '../protocol/catalogue.ts'
import { encodeCloseOrder, readCloseOrder } from '../protocol/close-order.ts'
import { quoted } from '../protocol/cloud-function/refusal.ts'
import type { Read } from '../protocol/fields.ts'
import type { CommonOutcome } from '../protocol/outcome.ts'
import { encodeQueryOrder, readQueryOrder } from '../protocol/query-order.ts'
import type { Text } from '../protocol/text.ts'
import { encodeUnifiedOrder, type UnifiedOrderRequest } from '../protocol/unified-order.ts'

/** How a door's protocol writes an order: its callback target, the payer it knows by itself, the form of its values. */
type ReadOrder = (body: object) => Read<UnifiedOrderRequest>

interface Method<Request, Outcome extends { readonly outcome: string }> {
  readonly name: MethodName
  readonly read: (body: object, readOrder: ReadOrder) => Read<Request>
  readonly carryOut: (services: Services, caller: Caller, request: Request) => Promise<Answered<Outcome>>
  readonly encode: (
    outcome: NoInfer<Outcome> | CommonOutcome,
    context: AnswerContext,
    wall: Date,
  ) => WireAnswer
}

export interface PayCall {
  readonly services: Services
  readonly caller: Caller
  /** snake_case keys. */
  readonly body: object
  readonly readOrder: ReadOrder
  readonly dialect: Dialect
  /** Of this call, in our log and in the texts of what went wrong. */
  readonly id: string
}

export interface PayAnswer {
  readonly answer: WireAnswer
  /** For the log: what was asked of which order, and what came of it. */
  readonly facts: {
    readonly outcome: string
    /** The reason that the caller heard. */
    readonly why: string | undefined
    readonly subMchId: string | undefined
    readonly outTradeNo: string | undefined
    readonly fault: string | undefined
  }
}

export type PayMethod = (call: PayCall) => Promise<PayAnswer>

/** Letters and digits, as many as real answers have. */
const newNonce = (bytes: Uint8Array) =>
  Buffer.from(bytes).toString('base64url').replace(/[-_]/g, 'x').slice(0, 16)

/** For answers and the log, whether or not the body passed its schema. */
const textAt = (body: object, name: string) => {
  const value: unknown = Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined
  return typeof value === 'string' ? value.slice(0, 32) : undefined
}

/** Logs are read at terminals: nothing unchecked goes there as it came. */
const shown = (text: string | undefined) => (text === undefined ? undefined : quoted(text))

const reasonIn = ({ return_code, return_msg, err_code_des }: WireAnswer): string | undefined => {
  const reason = return_code === 'FAIL' ? return_msg : err_code_des
  return typeof reason === 'string' ? reason : undefined
}

/** A caller hears within 8 s, whatever the database does: that it is not done, or not known. */
const patienceMs = 6_500

/** Never guesses: what the database did not answer is said to be unknown, and the same call finds out. */
async function carryOut<Request, Outcome extends { readonly outcome: string }>(
  method: Method<Request, Outcome>,
  { services, caller, id }: PayCall,
  request: Request,
  subMchId: string,
): Promise<Answered<Outcome | CommonOutcome> & { fault?: string }> {
  let late: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    late = setTimeout(() => reject(new LedgerUnavailable(`no answer within ${patienceMs} ms`)), patienceMs)
  })
  const carriedOut = method.carryOut(services, caller, request)
  // What fails after its caller has heard is nobody's any more.
  carriedOut.catch(() => {})
  try {
    return await Promise.race([carriedOut, tooLate])
  } catch (error) {
    if (!(error instanceof LedgerUnavailable)) throw error
    const kept = services.directory.merchantKept(caller.environment.envId, subMchId)
    return { outcome: { outcome: 'unknown', id }, subAppid: subAppidOf(caller, kept), fault: error.message }
  } finally {
    clearTimeout(late)
  }
}

const offer =
  <Request, Outcome extends { readonly outcome: string }>(method: Method<Request, Outcome>): PayMethod =>
  async (call) => {
    const { services, caller, body } = call
    const { profile, language } = caller.environment
    const read = method.read(body, call.readOrder)
    const subMchId = textAt(body, 'sub_mch_id')
    const settled: Answered<Outcome | CommonOutcome> & { fault?: string } =
      'problem' in read
        ? {
            outcome: { outcome: 'malformed', problem: read.problem },
            subAppid: subAppidOf(call.caller, undefined),
          }
        : await carryOut(method, call, read.request, subMchId ?? '')
    const context = {
      ...call.dialect,
      method: method.name,
      profile,
      language,
      subMchId: subMchId ?? '',
      subAppid: settled.subAppid,
      nonceStr: newNonce(services.world.randomBytes(12)),
    }
    const answer = method.encode(settled.outcome, context, services.world.wallClock())
    return {
      answer,
      facts: {
        outcome: settled.outcome.outcome,
        why: reasonIn(answer),
        subMchId: shown(subMchId),
        outTradeNo: shown(textAt(body, 'out_trade_no')),
        fault: settled.fault,
      },
    }
  }

export const payMethods: ReadonlyMap<string, PayMethod> = new Map([
  [
    'unifiedOrder',
    offer({
      name: 'unifiedOrder',
      read: (body, readOrder) => readOrder(body),
      carryOut: unifiedOrder,
      encode: encodeUnifiedOrder,
    }),
  ],
  [
    'queryOrder',
    offer({ name: 'queryOrder', read: readQueryOrder, carryOut: queryOrder, encode: encodeQueryOrder }),
  ],
  [
    'closeOrder',
    offer({ name: 'closeOrder', read: readCloseOrder, carryOut: closeOrder, encode: encodeCloseOrder }),
  ],
])

/** Methods of CloudPay that this version does not offer yet: said so, instead of "no such method". */
const laterMethods: readonly string[] = [
  'refund',
  'queryRefund',
  'downloadBill',
  'profitSharing',
  'multiProfitSharing',
  'profitSharingAddReceiver',
  'profitSharingRemoveReceiver',
  'profitSharingQuery',
  'profitSharingFinish',
  'profitSharingReturn',
  'profitSharingReturnQuery',
]

/** Of the two doors whose callers name a method: why there is none of this name. */
export function noSuchMethod(name: string): Text {
  const offered = [...payMethods.keys()].join(', ')
  const later = laterMethods.find((method) => method.toLowerCase() === name.toLowerCase())
  return later === undefined
    ? {
        zh: `API not found: ${quoted(name)}。没有这个方法，请检查拼写；已提供：${offered}`,
        en: `API not found: ${quoted(name)}. There is no such method, check its spelling; offered are ${offered}`,
      }
    : {
        zh: `API not found: ${later}。当前版本尚未提供，已提供：${offered}`,
        en: `API not found: ${later}. This version does not offer it yet; it offers ${offered}`,
      }
}

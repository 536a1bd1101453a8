/**
 * The pay methods as every door offers them: read a body, carry it out, spell the outcome. A door adds who is calling
 * and puts the answer into its protocol's envelope. Faults that strike a call strike here.
 */

import { readFaultHeader } from '../channels/sandbox/faults.ts'
import { LedgerUnavailable } from '../ledger/db/db.ts'
import { keepsBodies } from '../ledger/environments.ts'
import { findOrder } from '../ledger/order.ts'
import { orderKey } from '../ledger/order-key.ts'
import { closeOrder } from '../methods/close-order.ts'
import { subAppidOf } from '../methods/merchant.ts'
import { queryOrder } from '../methods/query-order.ts'
import { queryRefund } from '../methods/query-refund.ts'
import { refund } from '../methods/refund.ts'
import type { Answered, Caller, Services } from '../methods/services.ts'
import { unifiedOrder } from '../methods/unified-order.ts'
import { type AnswerContext, type Dialect, madeAs, type WireAnswer } from '../protocol/answer.ts'
import type { MethodName } from '../protocol/catalogue-entry.ts'
import { encodeCloseOrder, readCloseOrder } from '../protocol/close-order.ts'
import { quoted } from '../protocol/cloud-function/refusal.ts'
import type { Read } from '../protocol/fields.ts'
import type { CommonOutcome } from '../protocol/outcome.ts'
import { encodeQueryOrder, readQueryOrder } from '../protocol/query-order.ts'
import { encodeQueryRefund, type QueryRefundRequest } from '../protocol/query-refund.ts'
import { encodeRefund, type RefundRequest } from '../protocol/refund.ts'
import type { Text } from '../protocol/text.ts'
import { encodeUnifiedOrder, type UnifiedOrderRequest } from '../protocol/unified-order.ts'
import { callFaults, type TransportFault } from './call-faults.ts'
import { keptText } from './kept-texts.ts'

/** How a door's protocol writes a request: its callback target, the payer it knows by itself, the form of its values. */
export interface Reads {
  readonly unifiedOrder: (body: object) => Read<UnifiedOrderRequest>
  readonly refund: (body: object) => Read<RefundRequest>
  readonly queryRefund: (body: object) => Read<QueryRefundRequest>
}

interface Method<Request, Outcome extends { readonly outcome: string }> {
  readonly name: MethodName
  readonly read: (body: object, reads: Reads) => Read<Request>
  readonly carryOut: (services: Services, caller: Caller, request: Request) => Promise<Answered<Outcome>>
  readonly encode: (
    outcome: NoInfer<Outcome> | CommonOutcome,
    context: AnswerContext,
    wall: Date,
  ) => WireAnswer
}

export interface PayCall {
  readonly services: Services
  readonly caller: Omit<Caller, 'madeAs' | 'faults'>
  /** snake_case keys. */
  readonly body: object
  readonly reads: Reads
  readonly dialect: Dialect
  /** The header `x-cloudpay-fault`. */
  readonly faultHeader: string | undefined
  /** Of this call, in our log and in the texts of what went wrong. */
  readonly id: string
}

export interface PayAnswer {
  readonly answer: WireAnswer
  /** How the answer is to go wrong on its way; see http.ts. */
  readonly transport: TransportFault | undefined
  /** For the log: what was asked of which order, and what came of it. */
  readonly facts: {
    readonly outcome: string
    /** The reason that the caller heard. */
    readonly why: string | undefined
    readonly subMchId: string | undefined
    readonly outTradeNo: string | undefined
    readonly fault: string | undefined
    /** Where they are kept. */
    readonly body?: string
    readonly answer?: string
  }
}

export type PayMethod = (call: PayCall) => Promise<PayAnswer>

/** Letters and digits, as many as real answers have. */
const newNonce = (bytes: Uint8Array) =>
  Buffer.from(bytes).toString('base64url').replace(/[-_]/g, 'x').slice(0, 16)

/** For rules of faults, answers and the log, whether or not the body passed its schema. */
export const textAt = (body: object, name: string) => {
  const value: unknown = Object.hasOwn(body, name) ? Reflect.get(body, name) : undefined
  return typeof value === 'string' ? value.slice(0, 32) : undefined
}

export const numberAt = (request: unknown, name: string) => {
  const value: unknown =
    typeof request === 'object' && request !== null ? Reflect.get(request, name) : undefined
  return typeof value === 'number' ? value : undefined
}

/** Logs are read at terminals: nothing unchecked goes there as it came. */
const shown = (text: string | undefined) => (text === undefined ? undefined : quoted(text))

const reasonIn = ({ return_code, return_msg, err_code_des }: WireAnswer): string | undefined => {
  const reason = return_code === 'FAIL' ? return_msg : err_code_des
  return typeof reason === 'string' ? reason : undefined
}

/** A caller hears within 8 s, whatever the database does: that it is not done, or not known. */
const patienceMs = 6_500

type Settled<Outcome> = Answered<Outcome | CommonOutcome> & { readonly fault?: string }

/** Never guesses: what the database did not answer is said to be unknown, and the same call finds out. */
async function carryOut<Request, Outcome extends { readonly outcome: string }>(
  method: Method<Request, Outcome>,
  { services, id }: PayCall,
  caller: Caller,
  request: Request,
  subMchId: string,
): Promise<Settled<Outcome>> {
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

/** Reads, carries out, as far as nothing is wrong with the request and no fault prevents it. */
async function settle<Request, Outcome extends { readonly outcome: string }>(
  method: Method<Request, Outcome>,
  call: PayCall,
  subMchId: string | undefined,
) {
  const { services, body } = call
  const malformed = (problem: Text) => ({
    settled: {
      outcome: { outcome: 'malformed', problem } as const,
      subAppid: subAppidOf(call.caller, undefined),
    },
    struck: callFaults([]),
  })
  const header = readFaultHeader(call.faultHeader)
  if ('problem' in header) return malformed(header.problem)
  const read = method.read(body, call.reads)
  if ('problem' in read) return malformed(read.problem)
  const { ledger } = services
  const { envId } = call.caller.environment
  const outTradeNo = textAt(body, 'out_trade_no')
  const ordered = async () =>
    outTradeNo === undefined
      ? undefined
      : (await findOrder(ledger, orderKey(ledger, envId, subMchId ?? '', outTradeNo)))?.totalFee
  const site = {
    strikes: ['call'],
    method: method.name,
    subMchId,
    outTradeNo,
    totalFee: numberAt(read.request, 'totalFee') ?? ordered,
  } as const
  const faults = await services.faults.striking(envId, site, header.asked)
  const struck = callFaults(faults)
  const unknown: Settled<Outcome> = {
    outcome: { outcome: 'unknown', id: call.id },
    subAppid: subAppidOf(call.caller, undefined),
    fault: 'a fault that was asked for',
  }
  if (struck.preventsEffect) return { settled: unknown, struck }
  const caller = {
    ...call.caller,
    madeAs: madeAs(call.dialect),
    faults: [...faults, ...header.asked.filter(({ name }) => !faults.some((fault) => fault.name === name))],
  }
  const settled = await carryOut(method, call, caller, read.request, subMchId ?? '')
  return { settled: struck.hidesEffect ? { ...unknown, subAppid: settled.subAppid } : settled, struck }
}

const offer =
  <Request, Outcome extends { readonly outcome: string }>(method: Method<Request, Outcome>): PayMethod =>
  async (call) => {
    const { services, caller, body } = call
    const { profile, language } = caller.environment
    const subMchId = textAt(body, 'sub_mch_id')
    const { settled, struck } = await settle(method, call, subMchId)
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
      answer: struck.missigned(answer),
      transport: struck.transport,
      facts: {
        outcome: settled.outcome.outcome,
        why: reasonIn(answer),
        subMchId: shown(subMchId),
        outTradeNo: shown(textAt(body, 'out_trade_no')),
        fault: 'fault' in settled ? settled.fault : undefined,
        ...(keepsBodies(caller.environment)
          ? { body: keptText(caller.environment, body), answer: keptText(caller.environment, answer) }
          : {}),
      },
    }
  }

export const payMethods: ReadonlyMap<string, PayMethod> = new Map([
  [
    'unifiedOrder',
    offer({
      name: 'unifiedOrder',
      read: (body, reads) => reads.unifiedOrder(body),
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
  [
    'refund',
    offer({
      name: 'refund',
      read: (body, reads) => reads.refund(body),
      carryOut: refund,
      encode: encodeRefund,
    }),
  ],
  [
    'queryRefund',
    offer({
      name: 'queryRefund',
      read: (body, reads) => reads.queryRefund(body),
      carryOut: queryRefund,
      encode: encodeQueryRefund,
    }),
  ],
])

/** Methods of CloudPay that this version does not offer yet: said so, instead of "no such method". */
const laterMethods: readonly string[] = [
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

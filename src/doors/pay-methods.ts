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
import type { AnswerContext, WireAnswer } from '../protocol/answer.ts'
import type { MethodName } from '../protocol/catalogue.ts'
import { encodeCloseOrder, readCloseOrder } from '../protocol/close-order.ts'
import type { Read } from '../protocol/fields.ts'
import type { CommonOutcome } from '../protocol/outcome.ts'
import { encodeQueryOrder, readQueryOrder } from '../protocol/query-order.ts'
import { encodeUnifiedOrder, readUnifiedOrder } from '../protocol/unified-order.ts'

interface Method<Request, Outcome extends { readonly outcome: string }> {
  readonly name: MethodName
  readonly read: (body: object, defaultOpenid: string | undefined) => Read<Request>
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
  /** Payer of a JSAPI order that names none, where the door knows one. */
  readonly defaultOpenid: string | undefined
  /** Of this call, in our log and in the texts of what went wrong. */
  readonly id: string
}

export interface PayAnswer {
  readonly answer: WireAnswer
  /** For the log: what was asked of which order, and what came of it. */
  readonly facts: {
    readonly outcome: string
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

/** Never guesses: what the database did not answer is said to be unknown, and the same call finds out. */
async function carryOut<Request, Outcome extends { readonly outcome: string }>(
  method: Method<Request, Outcome>,
  { services, caller, id }: PayCall,
  request: Request,
  subMchId: string,
): Promise<Answered<Outcome | CommonOutcome> & { fault?: string }> {
  try {
    return await method.carryOut(services, caller, request)
  } catch (error) {
    if (!(error instanceof LedgerUnavailable)) throw error
    const kept = services.directory.merchantKept(caller.environment.envId, subMchId)
    return { outcome: { outcome: 'unknown', id }, subAppid: subAppidOf(caller, kept), fault: error.message }
  }
}

const offer =
  <Request, Outcome extends { readonly outcome: string }>(method: Method<Request, Outcome>): PayMethod =>
  async (call) => {
    const { services, caller, body } = call
    const { profile, language, provider } = caller.environment
    const read = method.read(body, call.defaultOpenid)
    const subMchId = textAt(body, 'sub_mch_id')
    const settled: Answered<Outcome | CommonOutcome> & { fault?: string } =
      'problem' in read
        ? { outcome: { outcome: 'malformed', problem: read.problem }, subAppid: undefined }
        : await carryOut(method, call, read.request, subMchId ?? '')
    const context = {
      method: method.name,
      profile,
      language,
      provider,
      subMchId: subMchId ?? '',
      subAppid: settled.subAppid,
      nonceStr: newNonce(services.world.randomBytes(12)),
    }
    return {
      answer: method.encode(settled.outcome, context, services.world.wallClock()),
      facts: {
        outcome: settled.outcome.outcome,
        subMchId,
        outTradeNo: textAt(body, 'out_trade_no'),
        fault: settled.fault,
      },
    }
  }

export const payMethods: ReadonlyMap<string, PayMethod> = new Map([
  [
    'unifiedOrder',
    offer({
      name: 'unifiedOrder',
      read: readUnifiedOrder,
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
export const laterMethods: readonly string[] = [
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

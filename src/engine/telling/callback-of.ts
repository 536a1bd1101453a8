/** What a notice of an order or a refund carries, and where it goes: from the row alone, and the keys of its environment. */
import type { Environment } from '../../ledger/environments.ts'
import type { Notice } from '../../ledger/notices.ts'
import type { Order } from '../../ledger/order.ts'
import type { Refund } from '../../ledger/refund.ts'
import type { Telling } from '../../ledger/tell-lane.ts'
import { cloudPay, type MadeAs, madeAs } from '../../protocol/answer.ts'
import { type Target, targetOf } from '../../protocol/callback-target.ts'
import { type Callback, callbackFor, type NoticeContext, type NoticeFacts } from '../../protocol/notice.ts'
import { refundAccounts } from '../../protocol/refund.ts'

function paidFacts(order: Order): NoticeFacts {
  const { request, transactionId, paidAt, payerOpenid, bankType } = order
  if (
    request === undefined ||
    transactionId === undefined ||
    paidAt === undefined ||
    payerOpenid === undefined ||
    bankType === undefined
  ) {
    throw new Error(`order ${order.outTradeNo} has a notice of its payment, and no payment`)
  }
  return {
    kind: 'paid',
    outTradeNo: order.outTradeNo,
    transactionId,
    totalFee: request.totalFee,
    feeType: request.feeType,
    tradeType: request.tradeType,
    bankType,
    paidAt,
    openid: request.openid ?? payerOpenid,
    subOpenid: request.subOpenid ?? payerOpenid,
    attach: request.attach,
    deviceInfo: request.deviceInfo,
  }
}

const refundedFacts = (refund: Refund, status: NonNullable<Notice['status']>): NoticeFacts => ({
  kind: 'refunded',
  outTradeNo: refund.outTradeNo,
  transactionId: refund.transactionId,
  outRefundNo: refund.outRefundNo,
  refundId: refund.refundId,
  refundFee: refund.refundFee,
  totalFee: refund.totalFee,
  status,
  succeededAt: status === 'SUCCESS' ? refund.succeededAt : undefined,
  refundAccount: refund.request.refundAccount ?? refundAccounts[0],
  subOpenid: refund.payerOpenid,
})

/** The key that signs for whom it was made as; undefined: the environment has no such account any more. */
function keyOf({ provider, directMerchants }: Environment, { direct, mchId }: MadeAs): string | undefined {
  if (!direct) return provider.apiKey
  return directMerchants.find(({ subMchId }) => subMchId === mchId)?.apiKey
}

/** Orders that an earlier version made do not say as whom: as the provider, in the form that their target wants. */
function spokenAs(telling: Telling, environment: Environment): MadeAs {
  if (telling.subject === 'refund') return telling.refund.madeAs
  const { madeAs: known, request } = telling.order
  if (known !== undefined) return known
  const asProvider = madeAs(cloudPay(environment.provider))
  return request?.notifyUrl === undefined ? asProvider : { ...asProvider, wire: 'v2' }
}

/** Nobody's, for a signature that shall be wrong: 32 characters. */
export const wrongKey = '0'.repeat(32)

/** A callback ready to go, and what headers say of it. */
export interface ToSend {
  readonly target: Target
  readonly callback: Callback
  readonly payer: { readonly appid: string; readonly openid: string }
}

/**
 * @param nonceStr of this very send
 * @returns undefined: the environment has no key for it any more
 */
export function callbackOf(
  telling: Telling,
  notice: Notice,
  environment: Environment,
  nonceStr: string,
): ToSend | undefined {
  const { request } = telling.subject === 'order' ? telling.order : telling.refund
  const target = request === undefined ? undefined : targetOf(request)
  if (target === undefined) throw new Error(`${telling.subject} ${telling.number} has a notice and no target`)
  const made = spokenAs(telling, environment)
  const apiKey = keyOf(environment, made)
  if (apiKey === undefined) return undefined
  const facts =
    telling.subject === 'order'
      ? paidFacts(telling.order)
      : refundedFacts(telling.refund, notice.status ?? 'SUCCESS')
  const subAppid = telling.subject === 'order' ? telling.order.request?.subAppid : telling.refund.subAppid
  const context: NoticeContext = {
    madeAs: made,
    apiKey: notice.badSignature === true ? wrongKey : apiKey,
    subMchId: telling.subMchId,
    subAppid,
    nonceStr,
  }
  return {
    target,
    callback: callbackFor(target.kind, facts, context),
    payer: { appid: subAppid ?? made.appid, openid: facts.subOpenid },
  }
}

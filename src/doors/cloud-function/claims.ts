/** What a call says of itself before it is known who sent it: for rules of faults and for our log, and for nothing else. */
import type { Site } from '../../channels/sandbox/faults.ts'
import type { Part } from '../../protocol/cloud-function/multipart.ts'
import { numberAt, payMethods, textAt } from '../pay-methods.ts'
import { readJsonObject } from './json-object.ts'

/** The action of `cloud.callFunction`. */
export const callsFunction = 'functions.invokeFunction'

type Claims = Pick<Site, 'method' | 'subMchId' | 'outTradeNo' | 'totalFee'>

/** Nothing where there is no such part: as if it were empty. */
const bytesOf = (parts: readonly Part[], name: string): Buffer =>
  parts.find((part) => part.name.toLowerCase() === name)?.bytes ?? Buffer.alloc(0)

/** Enough to say whether a rule of a fault means it. */
function claimsOf(parts: readonly Part[]): Claims {
  const method = bytesOf(parts, 'apiname').toString('utf8')
  const data = readJsonObject(bytesOf(parts, 'requestdata'), 'en')
  if ('refused' in data) return { method }
  const { body } = data
  return {
    method,
    subMchId: textAt(body, 'sub_mch_id'),
    outTradeNo: textAt(body, 'out_trade_no'),
    totalFee: numberAt(body, 'total_fee'),
  }
}

/** The same, read only when a rule asks: a stranger's body is not worth the work. */
export function claimed(parts: readonly Part[]): Claims {
  let claims: Claims | undefined
  const read = () => {
    claims ??= claimsOf(parts)
    return claims
  }
  return {
    get method() {
      return read().method
    },
    get subMchId() {
      return read().subMchId
    },
    get outTradeNo() {
      return read().outTradeNo
    },
    get totalFee() {
      return read().totalFee
    },
  }
}

/** For our log: one of our own names, or nothing. */
export function claimedMethod(parts: readonly Part[]): { methodName?: string } {
  const claimed = bytesOf(parts, 'apiname').toString('utf8').trim()
  if (payMethods.has(claimed)) return { methodName: claimed }
  return bytesOf(parts, 'action').toString() === callsFunction ? { methodName: 'callFunction' } : {}
}

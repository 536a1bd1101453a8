/** One order by whatever number a person has at hand: its own first, then any other. */

import { out_trade_no } from '../protocol/api/fields.ts'
import type { ApiOrderDetail } from '../protocol/api/order-detail.ts'
import { demoMerchant } from '../protocol/demo-merchant.ts'
import { shellQuoted } from '../protocol/shell-quoted.ts'
import type { Text } from '../protocol/text.ts'
import { environmentOf, type Operator } from './operator.ts'

/** @returns undefined: there is none, or several have it */
export async function findOrder(
  { cloudPay, subMchId }: Operator,
  number: string,
): Promise<ApiOrderDetail | undefined> {
  if (out_trade_no.safeParse(number).success) {
    const found = await cloudPay.orders.get(number)
    if (found.outcome === 'found') return found.order
  }
  const { orders } = await cloudPay.orders.list({ search: number, subMchId, pageSize: 2 }).page()
  const [only, other] = orders
  if (only === undefined || other !== undefined) return undefined
  const found = await cloudPay.orders.get(only.outTradeNo, { subMchId: only.subMchId })
  return found.outcome === 'found' ? found.order : undefined
}

/**
 * Whom commands about an order name. Nobody, where its own number was enough to find it, and it is the demo's: several have
 * a number that was not.
 * @param given the number that it was found by
 */
export const merchantNamed = (
  operator: Pick<Operator, 'subMchId'>,
  given: string,
  { outTradeNo, subMchId }: Pick<ApiOrderDetail, 'outTradeNo' | 'subMchId'>,
): string | undefined =>
  operator.subMchId === undefined && given === outTradeNo && subMchId === demoMerchant ? undefined : subMchId

export async function nothingFound(operator: Operator, number: string): Promise<Text> {
  const envId = await environmentOf(operator)
  const look = operator.hints.same(`orders list --search ${shellQuoted(number)}`)
  return {
    zh: `环境 ${envId} 没有号码 ${number}；请核对号码、--sub-mch-id 和 --env-id，或用 ${look} 查找`,
    en: `environment ${envId} knows no number ${number}; check it, --sub-mch-id and --env-id, or look with ${look}`,
  }
}

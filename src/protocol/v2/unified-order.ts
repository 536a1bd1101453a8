/**
 * unifiedorder of v2: what its request asks beyond CloudPay's. All values are texts; the callback goes to a URL.
 * Answers: `unified-order.ts` of the folder above. Source: v2-orders §1.
 */
import { z } from 'zod'
import { camelKeys } from '../camel-keys.ts'
import { type Read, readWith, text } from '../fields.ts'
import type { Text } from '../text.ts'
import {
  orderFields,
  replacesAnother,
  tradeTypes,
  type UnifiedOrderRequest,
  type WireOrder,
} from '../unified-order.ts'
import { fenDigits, notify_url } from './fields.ts'

const schema = z
  .object({
    ...orderFields,
    version: text(32).optional(),
    total_fee: fenDigits,
    notify_url,
    trade_type: z.enum(tradeTypes),
  })
  .refine(...replacesAnother)

const missing = (name: string, zh: string, en: string): Text => ({
  zh: `${name} 缺少：${zh}`,
  en: `${name} is missing: ${en}`,
})

/** What one field asks of another. A direct merchant has no sub_appid and no sub_openid. */
function unmet(asked: WireOrder, direct: boolean): Text | undefined {
  const { trade_type, openid, sub_openid, sub_appid } = asked
  if (openid !== undefined && sub_openid !== undefined)
    return { zh: 'openid 与 sub_openid 只能给出一个', en: 'openid and sub_openid: only one may be given' }
  if (sub_openid !== undefined && sub_appid === undefined)
    return missing('sub_appid', '使用 sub_openid 时必填', 'sub_openid needs it')
  if (trade_type === 'JSAPI' && openid === undefined && sub_openid === undefined) {
    return direct
      ? missing('openid', 'JSAPI 下单必填', 'a JSAPI order needs it')
      : missing('openid', 'JSAPI 下单须给出 openid 或 sub_openid', 'a JSAPI order needs openid or sub_openid')
  }
  if (trade_type === 'NATIVE' && asked.product_id === undefined)
    return missing('product_id', 'NATIVE 下单必填', 'a NATIVE order needs it')
  if (trade_type === 'MWEB' && asked.scene_info === undefined)
    return missing('scene_info', 'MWEB 下单必填', 'an MWEB order needs it')
  return undefined
}

/**
 * A direct merchant's own app is the `sub_appid` of its orders made elsewhere, and its payer's id the `sub_openid`:
 * they are one order book, so one order reads the same whoever made it.
 *
 * @param body wire names; of a direct merchant with its `sub_mch_id` and `sub_appid` filled in
 */
export function readV2UnifiedOrder(body: object, direct: boolean): Read<UnifiedOrderRequest> {
  const read: Read<WireOrder> = readWith(schema, body)
  if ('problem' in read) return read
  const problem = unmet(read.request, direct)
  if (problem !== undefined) return { problem }
  const { openid, ...asked } = read.request
  if (openid === undefined) return { request: camelKeys(asked) }
  return { request: camelKeys({ ...asked, ...(direct ? { sub_openid: openid } : { openid }) }) }
}

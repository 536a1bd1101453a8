/**
 * refund and refundquery of v2: what their requests have that CloudPay's have not. All values are texts; the callback
 * goes to a URL. Answers: the files of the same names in the folder above. Source: v2-refunds-and-bills §1, §2.
 */
import { z } from 'zod'
import { camelKeys } from '../camel-keys.ts'
import { type Read, readWith } from '../fields.ts'
import { namesRefund, offset, type QueryRefundRequest, queryRefundFields } from '../query-refund.ts'
import { namesOrder, type RefundRequest, refundFields, type WireRefund } from '../refund.ts'
import { fenDigits, notify_url, numberDigits } from './fields.ts'

const refund = z
  .object({
    ...refundFields,
    total_fee: fenDigits,
    refund_fee: fenDigits,
    notify_url: notify_url.optional(),
  })
  .refine(...namesOrder)

const query = z.object({ ...queryRefundFields, offset: numberDigits(offset) }).refine(...namesRefund)

/** @param body wire names; of a direct merchant with its `sub_mch_id` filled in */
export function readV2Refund(body: object): Read<RefundRequest> {
  const read: Read<WireRefund> = readWith(refund, body)
  return 'problem' in read ? read : { request: camelKeys(read.request) }
}

/** @param body as of {@link readV2Refund} */
export function readV2QueryRefund(body: object): Read<QueryRefundRequest> {
  const read = readWith(query, body)
  return 'problem' in read ? read : { request: camelKeys(read.request) }
}

/** How the two CloudPay doors write a request: JSON, its callback to a function or a container. */
import { readQueryRefund } from '../protocol/query-refund.ts'
import { readRefund } from '../protocol/refund.ts'
import { readUnifiedOrder } from '../protocol/unified-order.ts'
import type { Reads } from './pay-methods.ts'

/** @param payerIsKnown whether a JSAPI order may leave its payer out */
export const cloudPayReads = (payerIsKnown: boolean): Reads => ({
  unifiedOrder: (body) => readUnifiedOrder(body, payerIsKnown),
  refund: readRefund,
  queryRefund: readQueryRefund,
})

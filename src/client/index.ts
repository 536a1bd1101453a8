/** `import { CloudPay } from 'opencloudpay'`: the HTTP API, for programs. */
export type { CloseResult } from '../protocol/api/close.ts'
export type { DecideLateResult } from '../protocol/api/late.ts'
export type { ApiOrder, ApiOrderDetail, ApiOrdersPage } from '../protocol/api/orders.ts'
export type { Proof } from '../protocol/api/proof.ts'
export {
  type CallOptions,
  CloudPay,
  type CloudPayOptions,
  type GetResult,
  type Orders,
  type ProveResult,
} from './cloud-pay.ts'
export { CloudPayRefused, CloudPayUnanswered, type Unanswered } from './errors.ts'
export type { OrderFilter, OrderList, Time } from './order-list.ts'

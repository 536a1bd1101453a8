/** `import { CloudPay } from 'opencloudpay'`: the HTTP API, for programs. Runs in Node and in browsers. */
export type { ApiAuditEntry, ApiAuditPage } from '../protocol/api/audit.ts'
export type { ApiCallbacksPage, ApiTold, ResendResult } from '../protocol/api/callbacks.ts'
export type { CloseResult } from '../protocol/api/close.ts'
export type { CreateAsked, CreateResult } from '../protocol/api/create.ts'
export type { ApiConnect, ApiEnvironments } from '../protocol/api/environments.ts'
export type { ApiChange } from '../protocol/api/events.ts'
export type { DecideLateResult } from '../protocol/api/late.ts'
export type { ApiOrderDetail } from '../protocol/api/order-detail.ts'
export type { ApiOrder, ApiOrdersPage } from '../protocol/api/orders.ts'
export type { ApiOverview } from '../protocol/api/overview.ts'
export type { Proof } from '../protocol/api/proof.ts'
export type { ApiRefund, RefundResult } from '../protocol/api/refund.ts'
export type { ApiRequest, ApiRequestsPage } from '../protocol/api/requests.ts'
export type { ApiClock, ApiFaults, ApiPayer, ApiPayers, PayResult } from '../protocol/api/sandbox.ts'
export {
  type Callbacks,
  type CallOptions,
  CloudPay,
  type CloudPayOptions,
  type GetResult,
  type OrderNamed,
  type Orders,
  type ProveResult,
  type RefundAsked,
  type Requests,
  type ResendAsked,
} from './cloud-pay.ts'
export { CloudPayRefused, CloudPayUnanswered, type Unanswered } from './errors.ts'
export type { CallbackFilter, RequestFilter } from './filters.ts'
export type { List } from './lists.ts'
export type { OrderFilter, OrderList, Time } from './order-list.ts'
export type { ClockAsked, FaultAsked, PayOptions, Sandbox } from './sandbox.ts'

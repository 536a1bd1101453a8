/** Orders of a list, one by one or page by page; what is not looked at is not asked for. */
import { type ApiOrder, type ApiOrdersPage, type orderStates, ordersPage } from '../protocol/api/orders.ts'
import { ask, type Server } from './ask.ts'
import { refuseUnknown } from './known-names.ts'

/** ISO 8601 with an offset, or how long before the present time of the environment: `'2h'`. */
export type Time = Date | string

export interface OrderFilter {
  /** Left out: the client's; where it has none, all merchants. */
  readonly subMchId?: string | undefined
  readonly states?: readonly (typeof orderStates)[number][] | undefined
  /** An exact number of any kind (out_trade_no, transaction_id, prepay_id, out_refund_no, refund_id), or an openid. */
  readonly search?: string | undefined
  /** Only those that are neither paid nor closed. */
  readonly unpaid?: boolean | undefined
  readonly createdAfter?: Time | undefined
  readonly createdBefore?: Time | undefined
  /** 1 to 500; 50 when left out. */
  readonly pageSize?: number | undefined
}

const known: Readonly<Record<keyof OrderFilter, true>> = {
  subMchId: true,
  states: true,
  search: true,
  unpaid: true,
  createdAfter: true,
  createdBefore: true,
  pageSize: true,
}

const timeText = (time: Time | undefined) => (time instanceof Date ? time.toISOString() : time)

export class OrderList implements AsyncIterable<ApiOrder> {
  readonly #server: Server
  readonly #envId: string | undefined
  readonly #filter: OrderFilter
  readonly #signal: AbortSignal | undefined

  constructor(
    server: Server,
    envId: string | undefined,
    filter: OrderFilter,
    signal: AbortSignal | undefined,
  ) {
    refuseUnknown('orders.list', filter, known)
    this.#server = server
    this.#envId = envId
    this.#filter = filter
    this.#signal = signal
  }

  /** @param cursor `nextCursor` of the page before; left out: the first page */
  page(cursor?: string): Promise<ApiOrdersPage> {
    return this.#page(this.#filter, cursor)
  }

  /** Newest first. "Two hours ago" is the same moment for all pages: that of the first. */
  async *pages(): AsyncGenerator<ApiOrdersPage> {
    let page = await this.#page(this.#filter, undefined)
    const { createdAfter, createdBefore } = page
    while (true) {
      yield page
      if (page.nextCursor === undefined) return
      page = await this.#page({ ...this.#filter, createdAfter, createdBefore }, page.nextCursor)
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ApiOrder> {
    for await (const { orders } of this.pages()) yield* orders
  }

  #page(filter: OrderFilter, cursor: string | undefined): Promise<ApiOrdersPage> {
    const query = {
      env_id: this.#envId,
      sub_mch_id: filter.subMchId,
      state: filter.states?.join(','),
      search: filter.search,
      unpaid: filter.unpaid === true ? 'true' : undefined,
      created_after: timeText(filter.createdAfter),
      created_before: timeText(filter.createdBefore),
      limit: filter.pageSize?.toString(),
      cursor,
    }
    return ask(this.#server, { path: '/api/orders', repeatable: 'reads', query }, ordersPage, this.#signal)
  }
}

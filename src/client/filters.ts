/** Which callbacks and which calls a list holds. */
import type { noticeStates } from '../protocol/api/notices.ts'

export interface CallbackFilter {
  /** Only those whose notice that needs most attention stands so. */
  readonly states?: readonly (typeof noticeStates)[number][] | undefined
  /** 1 to 500; 50 when left out. */
  readonly pageSize?: number | undefined
}

export const namesOfCallbackFilter: Readonly<Record<keyof CallbackFilter, true>> = {
  states: true,
  pageSize: true,
}

export interface RequestFilter {
  readonly door?: string | undefined
  readonly method?: string | undefined
  readonly outTradeNo?: string | undefined
  /** Only those that were refused, or went wrong. */
  readonly failed?: boolean | undefined
  /** Calls that are nobody's, for their signature did not hold. */
  readonly nobodys?: boolean | undefined
  /** The environment's, and beside them those that are nobody's. */
  readonly withNobodys?: boolean | undefined
  readonly pageSize?: number | undefined
}

export const namesOfRequestFilter: Readonly<Record<keyof RequestFilter, true>> = {
  door: true,
  method: true,
  outTradeNo: true,
  failed: true,
  nobodys: true,
  withNobodys: true,
  pageSize: true,
}

/**
 * Where documentation and the recorded behaviour of the real service disagree, and where they were found to
 * agree although people doubt it: one table, one row a point. An environment follows one column of it.
 * Methods ask it what to decide, encoders what to spell; nothing else knows which profile it is.
 */
import type { Text } from './text.ts'

export const profiles = ['documented', 'observed'] as const

/** `documented`: as the pages promise (default). `observed`: as the real service was recorded to answer. */
export type Profile = (typeof profiles)[number]

interface RulePoint {
  readonly about: Text
  readonly documented: string
  readonly observed: string
  /** Where both answers come from. */
  readonly source: string
}

export const rulePoints = {
  closeWithinFiveMinutes: {
    about: { zh: '下单不足 5 分钟时关闭', en: 'closeOrder of an order younger than five minutes' },
    documented: 'refused',
    observed: 'accepted',
    source:
      'CloudPay.closeOrder page: at least 5 minutes; measured by users: accepted at once. No err_code is documented for it, so none is invented.',
  },
  closeOfClosedOrder: {
    about: { zh: '关闭已关闭的订单', en: 'closeOrder of a closed order' },
    documented: 'ORDERCLOSED',
    observed: 'SUCCESS',
    source: "CloudPay.closeOrder error list; a merchant's recorded answers of 2018-08-21",
  },
  closeOfUnknownNumber: {
    about: { zh: '关闭从未下单的订单号', en: 'closeOrder of a number that was never ordered' },
    documented: 'ORDERNOTEXIST',
    observed: 'remembered',
    source:
      'older v2 error lists; recorded answers and official helpers: SUCCESS. The number is remembered as closed, so that a create that arrives late is refused.',
  },
  sameNumberAfterClose: {
    about: { zh: '关闭后以同一订单号再次下单', en: 'unifiedOrder with the number of a closed order' },
    documented: 'ORDERCLOSED',
    observed: 'INVALID_REQUEST',
    source: 'v2 error lists; two reports of users: 201 商户订单号重复',
  },
  identicalWhileUnpaid: {
    about: { zh: '未支付时以相同参数再次下单', en: 'identical unifiedOrder again while unpaid' },
    documented: 'same-prepay',
    observed: 'same-prepay',
    source: 'v2 pages: safe to repeat. The same prepay while valid, a fresh one after its two hours.',
  },
  identicalAfterTimeExpire: {
    about: {
      zh: '过了自身 time_expire 且未关闭时以相同参数再次下单',
      en: 'identical unifiedOrder after its own time_expire, not yet closed',
    },
    documented: 'as-after-close',
    observed: 'revived',
    source: 'the number is out of time; users report that re-entry revives it with a fresh prepay',
  },
  sameNumberOtherParameters: {
    about: { zh: '未支付时以同一订单号、不同参数下单', en: 'the same number with other parameters, unpaid' },
    documented: 'OUT_TRADE_NO_USED',
    observed: 'INVALID_REQUEST',
    source: 'v2 error lists; every real reply found carries 201 商户订单号重复',
  },
  timeExpireTooSoon: {
    about: { zh: '首次下单的 time_expire 不足 1 分钟', en: 'first time_expire less than a minute ahead' },
    documented: 'PARAM_ERROR',
    observed: 'PARAM_ERROR',
    source: 'current v2 pages: more than a minute; recorded text of 2016–2018',
  },
  queryOfUnknownNumber: {
    about: {
      zh: '查询未知（或仅被记住）的订单号',
      en: 'queryOrder of an unknown or merely remembered number',
    },
    documented: 'ORDERNOTEXIST',
    observed: 'ORDERNOTEXIST',
    source: 'CloudPay.queryOrder error list; recorded text: order not exist',
  },
  paymentOfFailedUnifiedOrder: {
    about: {
      zh: 'unifiedOrder 返回 return_code FAIL 时的 payment',
      en: '`payment` of a unifiedOrder with return_code FAIL',
    },
    documented: 'absent',
    observed: 'empty-prepay-id',
    source: 'real answers carry a payment with the empty "prepay_id="',
  },
} as const satisfies Record<string, RulePoint>

export type RulePointName = keyof typeof rulePoints

/** What `profile` answers at `point`. */
export const ruleOf = <Name extends RulePointName, P extends Profile>(
  point: Name,
  profile: P,
): (typeof rulePoints)[Name][P] => rulePoints[point][profile]

/**
 * Where documentation and the recorded behaviour of the real service disagree, and where they were found to
 * agree although people doubt it: one table, one row a point. An environment follows one column of it.
 * Methods ask it what to decide, encoders what to spell; nothing else knows which profile it is.
 */
import type { Text } from './text.ts'

export const profiles = ['documented', 'observed'] as const

/** `documented`: as the pages promise (default). `observed`: as the real service was recorded to answer. */
export type Profile = (typeof profiles)[number]

/** What an answer rests on. `judgement`: neither pages nor recordings say anything, so this project decided. */
export type Basis = 'documents' | 'observation' | 'judgement'

/** An answer in words, and what it rests on: a list where it is made of several things. */
export interface PointAnswer {
  readonly text: Text
  readonly follows: readonly Basis[]
}

export interface RulePoint extends Readonly<Record<Profile, string>> {
  readonly about: Text
  /** The same as the words under `documented` and `observed`, for people. */
  readonly answers: Readonly<Record<Profile, PointAnswer>>
  /** Where the answers come from. */
  readonly source: Text
}

export const rulePoints = {
  closeWithinFiveMinutes: {
    about: { zh: '下单不足 5 分钟时关闭', en: 'closeOrder of an order younger than five minutes' },
    documented: 'refused',
    observed: 'accepted',
    answers: {
      documented: {
        text: {
          zh: '拒绝：`return_code` SUCCESS、`result_code` FAIL，有签名，无 `err_code`；`err_code_des` 写明规则和最早可关闭时间',
          en: 'refused: `return_code` SUCCESS, `result_code` FAIL, signed, no `err_code`; `err_code_des` gives the rule and the earliest time',
        },
        follows: ['documents', 'judgement'],
      },
      observed: { text: { zh: '`SUCCESS`，已关闭', en: '`SUCCESS`, closed' }, follows: ['observation'] },
    },
    source: {
      zh: 'CloudPay.closeOrder 页：至少间隔 5 分钟；用户实测：立即可关。文档没有为它规定 err_code，因此不杜撰；拒绝的形式是自行判断。',
      en: 'CloudPay.closeOrder page: at least 5 minutes; measured by users: accepted at once. No err_code is documented for it, so none is invented; the form of the refusal is our judgement.',
    },
  },
  closeOfClosedOrder: {
    about: { zh: '关闭已关闭的订单', en: 'closeOrder of a closed order' },
    documented: 'ORDERCLOSED',
    observed: 'SUCCESS',
    answers: {
      documented: { text: { zh: '`ORDERCLOSED`', en: '`ORDERCLOSED`' }, follows: ['documents'] },
      observed: { text: { zh: '`SUCCESS`', en: '`SUCCESS`' }, follows: ['observation'] },
    },
    source: {
      zh: 'CloudPay.closeOrder 错误列表；一个商户 2018-08-21 的应答记录',
      en: "CloudPay.closeOrder error list; a merchant's recorded answers of 2018-08-21",
    },
  },
  closeOfUnknownNumber: {
    about: { zh: '关闭从未下单的订单号', en: 'closeOrder of a number that was never ordered' },
    documented: 'ORDERNOTEXIST',
    observed: 'remembered',
    answers: {
      documented: { text: { zh: '`ORDERNOTEXIST`', en: '`ORDERNOTEXIST`' }, follows: ['documents'] },
      observed: {
        text: {
          zh: '`SUCCESS`；订单号被记为已关闭，之后到达的下单被拒绝',
          en: '`SUCCESS`; the number is remembered as closed, and a create that arrives later is refused',
        },
        follows: ['observation', 'judgement'],
      },
    },
    source: {
      zh: '较早的 v2 错误列表；应答记录与官方辅助代码：SUCCESS。记住订单号是自行判断：真实服务此后如何不得而知。',
      en: 'older v2 error lists; recorded answers and official helpers: SUCCESS. Remembering the number is our judgement: what the real service does with it later is not known.',
    },
  },
  sameNumberAfterClose: {
    about: { zh: '关闭后以同一订单号再次下单', en: 'unifiedOrder with the number of a closed order' },
    documented: 'ORDERCLOSED',
    observed: 'INVALID_REQUEST',
    answers: {
      documented: { text: { zh: '`ORDERCLOSED`', en: '`ORDERCLOSED`' }, follows: ['documents'] },
      observed: {
        text: { zh: '`INVALID_REQUEST`，201 商户订单号重复', en: '`INVALID_REQUEST`, 201 商户订单号重复' },
        follows: ['observation'],
      },
    },
    source: {
      zh: 'v2 错误列表；两份用户报告：201 商户订单号重复',
      en: 'v2 error lists; two reports of users: 201 商户订单号重复',
    },
  },
  identicalWhileUnpaid: {
    about: { zh: '未支付时以相同参数再次下单', en: 'identical unifiedOrder again while unpaid' },
    documented: 'same-prepay',
    observed: 'same-prepay',
    answers: {
      documented: {
        text: {
          zh: '有效期内同一个 prepay，满两小时后新的 prepay',
          en: 'the same prepay while valid, a fresh one after its two hours',
        },
        follows: ['documents', 'judgement'],
      },
      observed: { text: { zh: '相同', en: 'the same' }, follows: ['observation', 'judgement'] },
    },
    source: {
      zh: 'v2 页面与用户报告：可以重复提交，过期后得到新的 prepay；有效期内是否为同一个 prepay 是推断。',
      en: 'v2 pages and users: safe to repeat, and a fresh prepay comes after it ran out; that it is the same one until then is inferred.',
    },
  },
  identicalAfterTimeExpire: {
    about: {
      zh: '过了自身 time_expire 且未关闭时以相同参数再次下单',
      en: 'identical unifiedOrder after its own time_expire, not yet closed',
    },
    documented: 'as-after-close',
    observed: 'revived',
    answers: {
      documented: {
        text: { zh: '与关闭后相同：`ORDERCLOSED`', en: 'as after close: `ORDERCLOSED`' },
        follows: ['judgement'],
      },
      observed: {
        text: { zh: '以新的 prepay 恢复可支付', en: 'revived with a fresh prepay' },
        follows: ['observation'],
      },
    },
    source: {
      zh: '文档没有说；该订单号已过期，按关闭处理。用户报告：再次提交会以新的 prepay 恢复它。',
      en: 'no page says; the number is out of time, which is taken as closed. Users report that re-entry revives it with a fresh prepay.',
    },
  },
  sameNumberOtherParameters: {
    about: { zh: '未支付时以同一订单号、不同参数下单', en: 'the same number with other parameters, unpaid' },
    documented: 'OUT_TRADE_NO_USED',
    observed: 'INVALID_REQUEST',
    answers: {
      documented: { text: { zh: '`OUT_TRADE_NO_USED`', en: '`OUT_TRADE_NO_USED`' }, follows: ['documents'] },
      observed: {
        text: { zh: '`INVALID_REQUEST`，201 商户订单号重复', en: '`INVALID_REQUEST`, 201 商户订单号重复' },
        follows: ['observation'],
      },
    },
    source: {
      zh: 'v2 错误列表；找到的真实应答都是 201 商户订单号重复',
      en: 'v2 error lists; every real reply found carries 201 商户订单号重复',
    },
  },
  timeExpireTooSoon: {
    about: { zh: '首次下单的 time_expire 不足 1 分钟', en: 'first time_expire less than a minute ahead' },
    documented: 'PARAM_ERROR',
    observed: 'PARAM_ERROR',
    answers: {
      documented: { text: { zh: '`PARAM_ERROR`', en: '`PARAM_ERROR`' }, follows: ['documents'] },
      observed: {
        text: { zh: '`PARAM_ERROR`，文字照录', en: '`PARAM_ERROR`, with the recorded text' },
        follows: ['observation'],
      },
    },
    source: {
      zh: '现行 v2 页面：须多于 1 分钟；2016–2018 年记录到的文字',
      en: 'current v2 pages: more than a minute; recorded text of 2016–2018',
    },
  },
  queryOfUnknownNumber: {
    about: {
      zh: '查询未知（或仅被记住）的订单号',
      en: 'queryOrder of an unknown or merely remembered number',
    },
    documented: 'ORDERNOTEXIST',
    observed: 'ORDERNOTEXIST',
    answers: {
      documented: { text: { zh: '`ORDERNOTEXIST`', en: '`ORDERNOTEXIST`' }, follows: ['documents'] },
      observed: {
        text: {
          zh: '`ORDERNOTEXIST`，文字照录；仅被记住的订单号也一样',
          en: '`ORDERNOTEXIST`, with the recorded text; also of a merely remembered number',
        },
        follows: ['observation', 'judgement'],
      },
    },
    source: {
      zh: 'CloudPay.queryOrder 错误列表；记录到的文字：order not exist。被记住的订单号查不到，是自行判断。',
      en: 'CloudPay.queryOrder error list; recorded text: order not exist. That a remembered number is not found is our judgement.',
    },
  },
  paymentOfFailedUnifiedOrder: {
    about: {
      zh: 'unifiedOrder 返回 return_code FAIL 时的 payment',
      en: '`payment` of a unifiedOrder with return_code FAIL',
    },
    documented: 'absent',
    observed: 'empty-prepay-id',
    answers: {
      documented: { text: { zh: '没有', en: 'absent' }, follows: ['documents'] },
      observed: {
        text: {
          zh: '有，其中 package 为空的 `prepay_id=`',
          en: 'there, with the empty `prepay_id=` as its package',
        },
        follows: ['observation'],
      },
    },
    source: {
      zh: 'v2 与 CloudPay 页：return_code FAIL 时只有 return_msg；真实应答带有 "prepay_id=" 为空的 payment',
      en: 'v2 and CloudPay pages: return_code FAIL has a return_msg only; real answers carry a payment with the empty "prepay_id="',
    },
  },
} as const satisfies Record<string, RulePoint>

export type RulePointName = keyof typeof rulePoints

/** What `profile` answers at `point`. */
export const ruleOf = <Name extends RulePointName, P extends Profile>(
  point: Name,
  profile: P,
): (typeof rulePoints)[Name][P] => rulePoints[point][profile]

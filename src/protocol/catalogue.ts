/**
 * The error catalogue: every refusal that a caller of the pay methods can hear, defined once, with its cause and
 * the right reaction in both languages. Wire texts, `docs/errors.md` and the parity table are made of it.
 *
 * `err_code_des` must be understandable alone: the official SDK hides `err_code` from its caller.
 */
import type { CatalogueEntry, MethodName } from './catalogue-entry.ts'
import { refundRefusals } from './refund-refusals.ts'
import type { Profile } from './rule-profiles.ts'
import type { Language, Text } from './text.ts'
import { v2Refusals } from './v2/refusals.ts'

/** Most characters of `return_msg` and `err_code_des`. Source: CloudPay pages, String(128). */
export const maxTextLength = 128

export const catalogue = {
  orderPaid: {
    layer: 'result_code',
    errCode: 'ORDERPAID',
    cause: { zh: '该订单已支付', en: 'the order has been paid' },
    remedy: {
      zh: '不能关闭，也不要再次下单；请按已支付处理：查询订单，然后发货或退款',
      en: 'do not close or order again; treat it as paid: query it, then fulfil or refund',
    },
    recorded: { closeOrder: 'order paid', unifiedOrder: '该订单已支付' },
    doors: 'all',
    follows: ['documents', 'observation'],
    source: 'CloudPay.closeOrder and unifiedOrder, error lists; recorded texts',
  },
  purchasePaid: {
    layer: 'result_code',
    errCode: 'ORDERPAID',
    cause: { zh: '这次购买已由订单 {number} 支付', en: 'the purchase is paid, by order {number}' },
    remedy: {
      zh: '不要再次下单；请查询该订单并发货',
      en: 'do not order again; query that order and fulfil it',
    },
    doors: 'all',
    follows: ['judgement'],
    source: 'ours: unifiedOrder with replaces (docs/closing.md)',
  },
  alreadyReplaced: {
    layer: 'result_code',
    errCode: 'INVALID_REQUEST',
    cause: {
      zh: '该订单已被取代，最新的是 {live}',
      en: 'replaced already; the live order is {live}',
    },
    remedy: {
      zh: '请支付它，或以它为 replaces 再次下单',
      en: 'pay it, or order with it in replaces',
    },
    doors: 'all',
    follows: ['judgement'],
    source: 'ours: unifiedOrder with replaces (docs/closing.md)',
  },
  nothingToReplace: {
    layer: 'result_code',
    errCode: 'ORDERNOTEXIST',
    cause: { zh: 'replaces 指定的订单 {number} 不存在', en: 'no order {number} to replace' },
    remedy: {
      zh: '请核对单号与商户号；第一次下单不需要 replaces',
      en: 'check the number; a first attempt has no replaces',
    },
    doors: 'all',
    follows: ['judgement'],
    source: 'ours: unifiedOrder with replaces (docs/closing.md)',
  },
  orderClosed: {
    layer: 'result_code',
    errCode: 'ORDERCLOSED',
    cause: { zh: '订单已关闭', en: 'the order is closed' },
    remedy: {
      zh: '再次支付请换新的商户订单号；无需再关闭，可释放库存',
      en: 'to pay again use a new out_trade_no; no need to close it again, release the stock',
    },
    doors: 'all',
    follows: ['documents'],
    source: 'CloudPay.closeOrder and unifiedOrder, error lists',
  },
  orderExpired: {
    layer: 'result_code',
    errCode: 'ORDERCLOSED',
    cause: {
      zh: '订单已过支付期限 {time}（北京时间）',
      en: 'the order ran out of time at {time} Beijing time',
    },
    remedy: {
      zh: '请关闭它，并换新的商户订单号下单',
      en: 'close it and order with a new out_trade_no',
    },
    doors: 'all',
    follows: ['judgement'],
    source: 'our own judgement: the number is out of time, as after close',
  },
  orderNotExist: {
    layer: 'result_code',
    errCode: 'ORDERNOTEXIST',
    cause: { zh: '订单不存在', en: 'the order does not exist' },
    remedy: {
      zh: '请核对 sub_mch_id 与订单号；它可能从未下单成功',
      en: 'check sub_mch_id and the number; perhaps it was never ordered',
    },
    recorded: { queryOrder: 'order not exist' },
    doors: 'all',
    follows: ['documents'],
    source: 'CloudPay.queryOrder, error list; for closeOrder from older v2 lists only',
  },
  closeTooEarly: {
    layer: 'result_code',
    cause: {
      zh: '下单不足 5 分钟，暂不能关闭',
      en: 'the order is younger than 5 minutes and cannot be closed yet',
    },
    remedy: {
      zh: '请在 {time}（北京时间）或之后再关闭',
      en: 'close it at {time} Beijing time or later',
    },
    doors: 'all',
    follows: ['documents', 'judgement'],
    source:
      'CloudPay.closeOrder: not within five minutes of creation. No err_code is documented, none is invented.',
  },
  numberUsed: {
    layer: 'result_code',
    errCode: 'OUT_TRADE_NO_USED',
    cause: {
      zh: '商户订单号已用于参数不同的订单',
      en: 'the number is taken',
    },
    remedy: {
      zh: '请用首次下单的全部参数，或换新的商户订单号；不同之处：{fields}',
      en: 'repeat the first order or use a new one; different: {fields}',
    },
    doors: 'all',
    follows: ['documents'],
    source: 'v2 unifiedorder, error list',
  },
  invalidRequest: {
    layer: 'result_code',
    errCode: 'INVALID_REQUEST',
    cause: {
      zh: '商户订单号重复：已关闭，或已用于参数不同的订单',
      en: 'out_trade_no is closed, or in use with other parameters',
    },
    remedy: {
      zh: '请换新的商户订单号，或用首次下单的全部参数重试',
      en: 'use a new one, or repeat the first parameters',
    },
    recorded: { unifiedOrder: '201 商户订单号重复' },
    doors: 'all',
    follows: ['observation'],
    source: 'recorded answers of the real service',
  },
  timeExpireTooSoon: {
    layer: 'result_code',
    errCode: 'PARAM_ERROR',
    cause: {
      zh: 'time_expire 距环境当前时间 {now}（北京时间）不足 1 分钟',
      en: "time_expire is less than 1 minute after {now} (Beijing), this environment's time",
    },
    remedy: {
      zh: '请设得更晚，格式 yyyyMMddHHmmss，北京时间',
      en: 'set it later',
    },
    recorded: { unifiedOrder: 'time_expire时间过短，刷卡至少1分钟，其他5分钟' },
    doors: 'all',
    follows: ['documents', 'observation'],
    source: 'v2 unifiedorder: more than one minute ahead; recorded text of 2016–2018',
  },
  timeExpirePast: {
    layer: 'result_code',
    errCode: 'PARAM_ERROR',
    cause: {
      zh: 'time_expire 已过：环境当前时间为 {now}（北京时间）',
      en: 'time_expire is past, it is {now} here (Beijing)',
    },
    remedy: {
      zh: '请按该时间设置，至少晚 1 分钟（见 GET /sandbox/clock）',
      en: 'set it at least 1 minute ahead; see /sandbox/clock',
    },
    doors: 'all',
    follows: ['documents', 'judgement'],
    source: 'v2 unifiedorder; the text is ours, because a test clock may stand elsewhere than the wall clock',
  },
  systemError: {
    layer: 'result_code',
    errCode: 'SYSTEMERROR',
    cause: { zh: '系统错误，未处理或结果未知', en: 'system error: not done or not known' },
    remedy: { zh: '请用相同参数重试 [id {id}]', en: 'repeat the same call [id {id}]' },
    doors: 'all',
    follows: ['documents'],
    source: 'CloudPay pages, error lists: call again with the same values',
  },
  parameterFormat: {
    layer: 'return_code',
    cause: { zh: '参数格式校验错误', en: 'parameter format error' },
    remedy: { zh: '{problem}', en: '{problem}' },
    doors: 'all',
    follows: ['observation'],
    source: 'recorded text of the real service, made longer by the field and its rule',
  },
  merchantUnbound: {
    layer: 'return_code',
    cause: { zh: '受理关系不存在', en: 'the merchant is not bound to this provider' },
    remedy: {
      zh: '环境 {env} 只受理已登记的商户（strictMerchants），请将它加入 merchants',
      en: 'add it to merchants of environment {env} (strictMerchants)',
    },
    recorded: { any: '受理关系不存在' },
    doors: 'all',
    follows: ['observation'],
    source: 'recorded text of the real service; here under strictMerchants',
  },
  targetNotHosted: {
    layer: 'return_code',
    cause: { zh: '没有人托管回调目标 {target}', en: 'nobody hosts {target}' },
    remedy: {
      zh: '环境 {env} 要求先启动它（strictTargets）：cloudpay dev，或 cloudpay run --container',
      en: 'start it first (strictTargets): cloudpay dev, or cloudpay run --container',
    },
    doors: 'all',
    follows: ['judgement'],
    source: 'our own: on the real service a wrong target silently gets no callback; here under strictTargets',
  },
  appMismatch: {
    layer: 'return_code',
    cause: { zh: 'sub_mch_id与sub_appid不匹配', en: 'sub_mch_id and sub_appid do not match' },
    remedy: {
      zh: '该商户登记的 sub_appid 是 {bound}',
      en: 'the sub_appid listed for this merchant is {bound}',
    },
    recorded: { any: 'sub_mch_id与sub_appid不匹配' },
    doors: 'all',
    follows: ['observation'],
    source: 'recorded text of the real service; here under strictMerchants',
  },
  ...refundRefusals,
  ...v2Refusals,
} as const satisfies Record<string, CatalogueEntry>

export type RefusalName = keyof typeof catalogue

/** Facts of one call that its text names. Long ones are cut so that the whole stays readable. */
export type Facts = Readonly<Record<string, string>>

const fill = (template: string, facts: Facts) =>
  template.replace(/\{(\w+)\}/g, (whole, name: string) => facts[name] ?? whole)

const clip = (text: string) => {
  const characters = [...text]
  return characters.length <= maxTextLength ? text : `${characters.slice(0, maxTextLength - 1).join('')}…`
}

/**
 * The text of a refusal, at most {@link maxTextLength} characters: the recorded one where `profile` is `observed`
 * and one is known, otherwise cause, code and remedy.
 */
export function refusalText(
  name: RefusalName,
  method: MethodName,
  { profile, language }: { profile: Profile; language: Language },
  facts: Facts = {},
): string {
  const entry: CatalogueEntry = catalogue[name]
  const recorded = entry.recorded?.[method] ?? entry.recorded?.any
  if (profile === 'observed' && recorded !== undefined) return recorded
  const cause = fill(entry.cause[language], facts)
  const remedy = fill(entry.remedy[language], facts)
  if (language === 'zh') {
    return clip(`${cause}${entry.errCode === undefined ? '' : `（${entry.errCode}）`}：${remedy}`)
  }
  return clip(`${cause}${entry.errCode === undefined ? '' : ` (${entry.errCode})`}: ${remedy}`)
}

/**
 * The text of a refusal while it is not known whose call it is, so that nobody's language and profile is either: the
 * recorded words first where there are some, then the code, then the other language.
 */
export function textForAnyone(name: RefusalName, facts: Readonly<Record<string, Text>> = {}): string {
  const { cause, remedy, recorded, errCode }: CatalogueEntry = catalogue[name]
  const say = (template: Text, language: Language) =>
    fill(
      template[language],
      Object.fromEntries(Object.entries(facts).map(([fact, text]) => [fact, text[language]])),
    )
  const zh = `${recorded?.any ?? say(cause, 'zh')}${errCode === undefined ? '' : `（${errCode}）`}：${say(remedy, 'zh')}`
  return clip(`${zh} / ${say(cause, 'en')}: ${say(remedy, 'en')}`)
}

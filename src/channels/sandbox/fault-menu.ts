/**
 * The faults that a sandbox can be asked for: what breaks in the real world, by name, with the report that it comes from.
 * `docs/faults.md` is made of it. Pure. Never: when one strikes (faults.ts), how it is carried out (whoever is struck).
 */
import type { MethodName } from '../../protocol/catalogue-entry.ts'
import type { Text } from '../../protocol/text.ts'

/**
 * `call`: a call of a pay method. `callback`: the notices of the order that is paid, or of the refund that is asked for.
 * `refund`: what comes of the refund that is asked for. `payment`: the payment itself.
 */
export type Struck = 'call' | 'callback' | 'refund' | 'payment'

export interface FaultEntry {
  readonly strikes: Struck
  readonly does: Text
  /** Where it was met. */
  readonly report: Text
  /** The span that it takes, in milliseconds, unless another is asked for; left out: it takes none. */
  readonly spanMs?: number
  /** The only method that it can strike; left out: any. */
  readonly method?: MethodName
}

export const faultMenu = {
  'systemerror-before': {
    strikes: 'call',
    does: {
      zh: '应答 SYSTEMERROR，什么也没有做',
      en: 'answers SYSTEMERROR, and nothing was done',
    },
    report: {
      zh: 'CloudPay 各方法的错误列表：SYSTEMERROR，请用相同参数重试',
      en: "CloudPay's error lists: SYSTEMERROR, call again with the same values",
    },
  },
  'systemerror-after': {
    strikes: 'call',
    does: {
      zh: '已经生效，却应答 SYSTEMERROR',
      en: 'it is done, and answers SYSTEMERROR all the same',
    },
    report: {
      zh: 'v2 退款错误表：SYSTEMERROR 为内部超时，结果未知，须以同一单号重试；换单号会退两次',
      en: 'v2 refund error table: SYSTEMERROR is a time-out inside, the outcome unknown; repeat with the same number, a new one may refund twice',
    },
  },
  'no-answer': {
    strikes: 'call',
    does: {
      zh: '什么也没有做，连接一直不应答，直到调用方放弃（最多 60 秒）',
      en: 'nothing is done, and no answer ever comes: the connection hangs until the caller gives up (60 s at most)',
    },
    report: {
      zh: '官方 SDK 15 秒超时（-501001 request timeout），结果未知',
      en: 'the official SDK gives up after 15 s (-501001 request timeout), the outcome unknown',
    },
  },
  slow: {
    strikes: 'call',
    spanMs: 3_000,
    does: { zh: '立即生效，但应答来得晚', en: 'done at once, but the answer comes late' },
    report: {
      zh: '云函数默认 3 秒超时：下单成功了，函数却已被终止',
      en: 'cloud functions end after 3 s by default: the order is made, and the function that made it is gone',
    },
  },
  'answer-lost': {
    strikes: 'call',
    does: {
      zh: '已经生效，应答丢失：连接被重置',
      en: 'it is done, and its answer is lost: the connection is reset',
    },
    report: {
      zh: '官方 SDK：-501001 socket hang up；closeOrder 因此必须可以重复调用',
      en: 'the official SDK: -501001 socket hang up; that is why closeOrder must be repeatable',
    },
  },
  'close-without-effect': {
    strikes: 'call',
    method: 'closeOrder',
    does: {
      zh: 'closeOrder 应答 SUCCESS，订单却仍是 NOTPAY，还能支付',
      en: 'closeOrder answers SUCCESS, yet the order stays NOTPAY and can be paid',
    },
    report: {
      zh: '微信支付社区：关单返回成功，查询仍为 NOTPAY，5 分钟内外都有（pay/doc/0006eaa1620d084103ddefcf85b400）',
      en: 'WeChat Pay community: close said SUCCESS, the query stayed NOTPAY, inside and after five minutes (pay/doc/0006eaa1620d084103ddefcf85b400)',
    },
  },
  'bad-signature': {
    strikes: 'call',
    does: { zh: '应答的 sign 是错的', en: "the answer's sign is wrong" },
    report: {
      zh: 'v2 接口规则：应答须验签，验不过按结果未知处理（被篡改，或密钥刚更换）',
      en: 'v2 rules: verify the answer; when it does not verify (tampered with, or a key just changed) the outcome is unknown',
    },
  },
  'clock-skew': {
    strikes: 'call',
    spanMs: 15 * 60_000,
    does: {
      zh: '双方时钟不一致：官方 SDK 的签名被视为过期而拒绝；其他接口应答的 payment.timeStamp 偏离这么多',
      en: "the two clocks differ: the official SDK's signature is refused as too old; at the other doors payment.timeStamp is off by so much",
    },
    report: {
      zh: '腾讯云 API 文档：与服务器时间相差过大，签名过期；v2 订单文档：UTC 服务器忘记时区，时间差 8 小时',
      en: 'Tencent Cloud API documents: a signature expires when clocks differ too much; v2 orders: servers on UTC that forget the zone are 8 hours off',
    },
  },
  'callback-duplicate': {
    strikes: 'callback',
    spanMs: 1_000,
    does: {
      zh: '回调已被确认，一秒后仍再送一次',
      en: 'the callback comes again a second after it was acknowledged',
    },
    report: {
      zh: '微信支付社区官方答复：首条链路不确定时会从另一条链路再发，约 1 秒后（pay/doc/000c4c8e3742e8716fbcd9fad51000）',
      en: 'WeChat Pay staff: when the first line looks uncertain another one sends again, about 1 s later (pay/doc/000c4c8e3742e8716fbcd9fad51000)',
    },
  },
  'callback-before-answer': {
    strikes: 'callback',
    does: {
      zh: '回调先到，付款或退款的调用后返回',
      en: 'the callback arrives before the payment or the refund call has returned',
    },
    report: {
      zh: 'v2 通知规则：通知可能早于前端返回，也可能早于调用方存好应答',
      en: 'v2 notification rules: a notification may arrive before the front end returns, or before the caller has stored its reply',
    },
  },
  'callback-out-of-order': {
    strikes: 'callback',
    spanMs: 10 * 60_000,
    does: {
      zh: '首次回调迟到这么久：后来的订单、甚至本单的退款回调会先到',
      en: "the first attempt is late by so much: callbacks of later orders, and of this order's refund, come first",
    },
    report: {
      zh: '社区：迟到的支付通知把已退款的订单改回已支付（personal/oCJUsw41RFkmQIQkElrTq04WeLFM）；v2：通知不保证顺序',
      en: 'community: a late payment notice turned refunded orders back to paid (personal/oCJUsw41RFkmQIQkElrTq04WeLFM); v2: no order is promised',
    },
  },
  'callback-lost': {
    strikes: 'callback',
    does: {
      zh: '付款（或退款）之后不发回调，也不重试；关掉故障也不补发，只能手动重发',
      en: 'after the payment, or the refund, no callback is sent nor tried again, not even once the fault is off; only resending by hand sends it',
    },
    report: {
      zh: 'v2 通知规则：不保证送达，须主动查询；云开发社区：环境 ID 写错就收不到回调',
      en: 'v2 notification rules: delivery is never guaranteed, query instead; users: a wrong env id means no callback at all',
    },
  },
  'callback-bad-signature': {
    strikes: 'callback',
    does: {
      zh: '回调的签名是错的：v2 的 sign 或 req_info，容器的 x-cloudpay-signature（云函数的回调没有签名，不受影响）',
      en: "the callback's signature is wrong: v2's sign or req_info, a container's x-cloudpay-signature (functions get none, so nothing changes there)",
    },
    report: {
      zh: '2018 年 XXE 公告：泄露密钥后被伪造支付通知；验签不过应答 FAIL，绝不发货',
      en: 'the XXE notice of 2018: forged payment notices; whoever finds a bad signature answers FAIL and never fulfils',
    },
  },
  'paid-too-late': {
    strikes: 'payment',
    does: {
      zh: '订单已关闭（或已被新单取代），付款却仍然成功：迟到的付款，按环境的 latePayments 处理',
      en: "the order is closed, or another took its place, and the payment goes through all the same: late, and dealt with as the environment's latePayments says",
    },
    report: {
      zh: '微信支付社区：关单返回成功，查询仍为 NOTPAY，用户在密码页上随后付款（pay/doc/0006eaa1620d084103ddefcf85b400）',
      en: 'WeChat Pay community: close said SUCCESS, the query stayed NOTPAY, and the payer on the password page paid (pay/doc/0006eaa1620d084103ddefcf85b400)',
    },
  },
  'refund-change': {
    strikes: 'refund',
    does: {
      zh: '退款结果为 CHANGE：退款异常，须人工处理（/sandbox/refund）',
      en: 'the refund comes to CHANGE: the payer’s account takes none, a person must act (/sandbox/refund)',
    },
    report: {
      zh: 'v2 查询退款：用户的银行卡注销或冻结，转入代发',
      en: "v2 refundquery: the payer's card is cancelled or frozen",
    },
  },
  'refund-closed': {
    strikes: 'refund',
    does: {
      zh: '退款结果为 REFUNDCLOSE：没有退成，金额可以再退',
      en: 'the refund comes to REFUNDCLOSE: nothing was returned, and its amount can be refunded again',
    },
    report: {
      zh: 'v2 查询退款：退款关闭，须换单号重新提交',
      en: 'v2 refundquery: refund closed, submit again with a new number',
    },
  },
} as const satisfies Record<string, FaultEntry>

export type FaultName = keyof typeof faultMenu

export const faultNames = Object.keys(faultMenu).filter((name): name is FaultName =>
  Object.hasOwn(faultMenu, name),
)

export const faultEntry = (name: FaultName): FaultEntry => faultMenu[name]

import type { Text } from '../../protocol/text.ts'

export const requests = {
  intro: {
    zh: '对本环境的每一次调用，最新的在前；没有有效的密钥、令牌或签名，或未能读懂，因而不知属于谁的也在其中。密钥与签名不会显示。',
    en: 'Every call to this environment, the newest first, among them those of which nobody knows whose they are: they have no valid key, token or signature, or were not understood. Keys and signatures are not shown.',
  },
  show: { zh: '显示', en: 'Show' },
  everyCall: { zh: '全部调用', en: 'All calls' },
  failedOnly: { zh: '只看失败的', en: 'Failed only' },
  nobodys: { zh: '不知属于谁的', en: 'Unknown caller' },
  nobody: { zh: '没有有效的密钥、令牌或签名', en: 'no valid key, token or signature' },
  nobodyWhy: {
    zh: '不知道是谁的调用，所以只列出来供排查：它不属于任何环境，订单也没有受影响。',
    en: 'Nobody knows whose call this was. It is listed for whoever looks for the cause, belongs to no environment, and changed no order.',
  },
  notUnderstood: { zh: '未能读懂', en: 'not understood' },
  notUnderstoodWhy: {
    zh: '在知道是谁的调用之前就因上面的原因被拒绝了：它不属于任何环境，订单也没有受影响。',
    en: 'It was refused, for the reason above, before it was known whose call it was. It belongs to no environment, and changed no order.',
  },
  at: { zh: '时间', en: 'Time' },
  atReal: { zh: '时间（真实）', en: 'Time (real)' },
  realTime: {
    zh: '调用的时间是真实时间，与沙箱时钟无关。',
    en: 'Calls are timed in real time, whatever the sandbox’s clock shows.',
  },
  method: { zh: '方法', en: 'Method' },
  unknownMethod: { zh: '方法未知', en: 'unknown method' },
  outcome: { zh: '结果', en: 'Outcome' },
  outcomeCode: { zh: '结果代码', en: 'Outcome' },
  took: { zh: 'HTTP · 耗时', en: 'HTTP · took' },
  changes: { zh: '人做的改动', en: 'Changes by people' },
  noChanges: { zh: '还没有人改动过什么', en: 'Nobody has changed anything yet' },
  door: { zh: '入口', en: 'Door' },
  anyDoor: { zh: '全部入口', en: 'Any door' },
  list: { zh: '调用列表', en: 'List of calls' },
  number: { zh: '订单号', en: 'Order' },
  id: { zh: '编号', en: 'Id' },
  why: { zh: '原因', en: 'Why' },
  fault: { zh: '服务端问题', en: 'On our side' },
  signature: { zh: '签名为什么不对', en: 'Why the signature failed' },
  secretId: { zh: '为什么不认识这个 SecretId', en: 'Why the SecretId is not known' },
  canonical: {
    zh: '服务端用来核对的文本（canonical）',
    en: 'The text that the server checked (canonical)',
  },
  signed: { zh: '调用方实际签名的文本（signed）', en: 'The text that the caller signed (signed)' },
  asked: { zh: '请求', en: 'Request' },
  answered: { zh: '应答', en: 'Answer' },
  notKept: { zh: '请求与应答的内容没有保留。', en: 'What was asked and answered was not kept.' },
  emptyTitle: { zh: '没有调用', en: 'No calls' },
  emptyWhy: {
    zh: '还没有程序调用过。SDK 指向这里后，每次调用都会出现，密钥不对的也会。',
    en: 'No program has called yet. Once the SDK points here, each call appears, also one with a wrong key.',
  },
} as const satisfies Record<string, Text>

export const doorWords: Readonly<Record<string, Text>> = {
  'cloud-function': { zh: '官方 SDK', en: 'Official SDK' },
  'cloud-run': { zh: '云托管', en: 'Cloud Run' },
  v2: { zh: 'v2 XML', en: 'v2 XML' },
  sandbox: { zh: '沙箱控制', en: 'Sandbox' },
  api: { zh: 'API', en: 'API' },
}

/** Why a call was turned away before anybody knew whose it was, by the words of the log. */
export const whyCallWords: Readonly<Record<string, Text>> = {
  'unknown-secret-id': { zh: '这里没有这个 SecretId', en: 'Nobody has this SecretId here' },
  'signature-mismatch': { zh: '签名不对', en: 'The signature does not hold' },
  'missing-authorization': {
    zh: '没有签名：请设置 SecretId 与 SecretKey',
    en: 'There is no signature: set a SecretId and a SecretKey',
  },
  'malformed-authorization': {
    zh: 'Authorization 请求头的格式不对',
    en: 'The Authorization header is malformed',
  },
  'wrong-scope': {
    zh: '签名范围不对：请用云开发 SDK 签名，不要用云 API 的签名',
    en: 'The signature has another scope: sign with the cloud SDK, not for the cloud API',
  },
  'malformed-timestamp': { zh: 'X-Timestamp 的格式不对', en: 'X-Timestamp is malformed' },
  'timestamp-outside-window': {
    zh: '签名时间与服务器相差太大：请校准系统时间',
    en: 'It was signed too long ago, or ahead of time: set both clocks right',
  },
  'wrong-date': {
    zh: '签名的日期与 X-Timestamp 不符',
    en: 'The date of the signature is not that of X-Timestamp',
  },
  'from-a-page': {
    zh: '调用来自网页（带有 Origin），这个入口只接受 SDK',
    en: 'It came from a web page (Origin); this door serves SDKs only',
  },
}

/** Codes that an English reader takes as they are. */
const codesInChinese = (words: Readonly<Record<string, string>>): Record<string, Text> =>
  Object.fromEntries(Object.entries(words).map(([code, zh]) => [code, { zh, en: code }]))

/** What calls come to, by the words of the API and of the sandbox; other doors' own codes are shown as they are. */
export const outcomeWords: Readonly<Record<string, Text>> = {
  ok: { zh: '成功', en: 'ok' },
  created: { zh: '已下单', en: 'created' },
  paid: { zh: '已支付', en: 'paid' },
  paid_too_late: { zh: '付款来迟', en: 'paid too late' },
  cancelled: { zh: '已取消', en: 'cancelled' },
  failed: { zh: '支付失败', en: 'failed' },
  waiting: { zh: '付款人在等', en: 'waiting' },
  closed: { zh: '已关闭', en: 'closed' },
  'already-closed': { zh: '早已关闭', en: 'already closed' },
  remembered: { zh: '记为已关闭', en: 'remembered as closed' },
  'too-early': { zh: '还不能关闭', en: 'too early' },
  'too-far': { zh: '时间太远', en: 'too far' },
  'not-found': { zh: '没有这个订单', en: 'not found' },
  accepted: { zh: '已受理', en: 'accepted' },
  refused: { zh: '被拒绝', en: 'refused' },
  resent: { zh: '已重发', en: 'sent again' },
  decided: { zh: '已决定', en: 'decided' },
  'decided-otherwise': { zh: '已有别的决定', en: 'decided otherwise' },
  'not-late': { zh: '没有来迟的付款', en: 'not late' },
  'purchase-paid': { zh: '同一笔购买已支付', en: 'purchase was paid' },
  changed: { zh: '已改变', en: 'changed' },
  called: { zh: '已调用', en: 'called' },
  ...codesInChinese({
    INVALID: '请求不对',
    NOT_JSON: '不是 JSON',
    CONTENT_TYPE: '内容类型不对',
    TOO_DEEP: '嵌套太深',
    TOO_LARGE: '太大',
    TOO_MANY: '太多',
    TURNED_AWAY: '被拒之门外',
    NOT_FOUND: '没有这个地址',
    ENV_NOT_FOUND: '没有这个环境',
    FAULT_NOT_FOUND: '没有这种故障',
    ORDER_NOT_FOUND: '没有这个订单',
    REFUND_NOT_FOUND: '没有这笔退款',
    MERCHANT_UNBOUND: '商户未列出',
    SEVERAL_MERCHANTS: '须指明商户',
    CLOSE_TOO_EARLY: '还不能关闭',
    ORDER_PAID: '订单已支付',
    PURCHASE_PAID: '同一笔购买已支付',
    DECIDED_OTHERWISE: '已有别的决定',
    NOT_LATE: '没有来迟的付款',
    SETTLED: '退款已有结果',
    BAD_ADDRESS: '地址不对',
    CLOCK_BACK: '时间不能往回拨',
    CLOCK_TOO_FAR: '时间太远',
    REAL_CLOCK: '真实时间，不能拨动',
    NOTHING_WAITS: '没有将到的期限',
    LEDGER_UNAVAILABLE: '数据库暂不可用',
    INTERNAL: '服务内部错误',
  }),
}

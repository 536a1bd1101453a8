import type { Text } from '../../protocol/text.ts'

export const requests = {
  intro: {
    zh: '对本环境的每一次调用，最新的在前；密钥或签名不对、不知属于谁的也在其中。密钥与签名不会显示。',
    en: 'Every call to this environment, the newest first, among them those whose key or signature is wrong and nobody knows whose they are. Keys and signatures are not shown.',
  },
  show: { zh: '显示', en: 'Show' },
  everyCall: { zh: '全部调用', en: 'All calls' },
  failedOnly: { zh: '只看失败的', en: 'Failed only' },
  nobodys: { zh: '密钥或签名不对的', en: 'Wrong key or signature' },
  nobody: { zh: '密钥或签名不对', en: 'wrong key or signature' },
  nobodyWhy: {
    zh: '不知道是谁的调用，所以只列出来供排查：它不属于任何环境，订单也没有受影响。',
    en: 'Nobody knows whose call this was. It is listed for whoever looks for the cause, belongs to no environment, and changed no order.',
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
  canonical: { zh: '服务端用来核对的文本', en: 'The text that the server checked' },
  signed: { zh: '调用方实际签名的文本', en: 'The text that the caller signed' },
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

import type { Text } from '../../protocol/text.ts'

export const requests = {
  intro: {
    zh: '每一次对本服务的调用，最新的在前。密钥与签名不会显示。',
    en: 'Every call to this server, the newest first. Keys and signatures are not shown.',
  },
  show: { zh: '显示', en: 'Show' },
  everyCall: { zh: '全部调用', en: 'All calls' },
  failedOnly: { zh: '只看失败的', en: 'Failed only' },
  nobodys: { zh: '密钥或签名不对的', en: 'Wrong key or signature' },
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
  canonical: { zh: '服务端用来核对的文本', en: 'The text that the server checked' },
  signed: { zh: '调用方实际签名的文本', en: 'The text that the caller signed' },
  asked: { zh: '请求', en: 'Request' },
  answered: { zh: '应答', en: 'Answer' },
  notKept: { zh: '请求与应答的内容没有保留。', en: 'What was asked and answered was not kept.' },
  emptyTitle: { zh: '没有调用', en: 'No calls' },
  emptyWhy: {
    zh: '还没有程序调用过这个环境。SDK 指向这里后，每次调用都会出现。密钥错误的调用不属于任何环境，请在上面切换查看。',
    en: 'No program has called this environment yet. Once the SDK points here, each call appears. A call with a wrong SecretId belongs to no environment: look there.',
  },
} as const satisfies Record<string, Text>

export const doorWords: Readonly<Record<string, Text>> = {
  'cloud-function': { zh: '官方 SDK', en: 'Official SDK' },
  'cloud-run': { zh: '云托管', en: 'Cloud Run' },
  v2: { zh: 'v2 XML', en: 'v2 XML' },
  sandbox: { zh: '沙箱控制', en: 'Sandbox' },
  api: { zh: 'API', en: 'API' },
}

import type { Text } from '../../protocol/text.ts'

export const connect = {
  intro: {
    zh: '你的代码不用改。告诉 SDK 服务在哪里、用哪把密钥，就够了。',
    en: 'Your code stays as it is. Tell the SDK where the server is and which key to use; that is all.',
  },
  sdk: { zh: '云函数 · wx-server-sdk', en: 'Cloud functions · wx-server-sdk' },
  sdkWhy: {
    zh: '在运行代码的地方设置三个变量，再启动它：',
    en: 'Set three variables where your code runs, then start it:',
  },
  shell: { zh: 'macOS / Linux', en: 'macOS / Linux' },
  powershell: { zh: 'Windows PowerShell', en: 'Windows PowerShell' },
  dotenv: { zh: '.env 文件', en: '.env file' },
  orOne: { zh: '或者由命令行替一个程序设置：', en: 'Or let the command line set them for one program:' },
  dev: {
    zh: '整个云函数目录：运行、接收回调、改动自动加载：',
    en: 'A whole folder of cloud functions: it runs, is called back, and changed code is loaded by itself:',
  },
  anyFolder: {
    zh: '命令行这样调用，在服务所在机器的任何目录都可以。',
    en: 'Called like this, the command line works in any folder of the machine where the server runs.',
  },
  ofProject: {
    zh: '`npx opencloudpay` 在装了 opencloudpay 的项目里可用。',
    en: '`npx opencloudpay` works in a project that has opencloudpay installed.',
  },
  then: {
    zh: '代码照常。在自己的目录里先 `npm init -y`、`npm install wx-server-sdk`，存为 your-function.js，就能用上面的命令运行：',
    en: 'Code as ever. In a folder of its own, after `npm init -y` and `npm install wx-server-sdk`, as your-function.js, it runs by the command above:',
  },
  codeAsEver: { zh: '代码', en: 'Code' },
  runsIt: {
    zh: '在这里运行一次；云平台会自己调用 main',
    en: 'runs it here; the platform calls main by itself',
  },
  keysFirst: {
    zh: '这个环境有自己的密钥：先在终端设置这两个变量（密钥在环境文件里），下面的命令才会用它：',
    en: 'This environment has keys of its own: first set these two in the terminal (the key stands in the environment file), and the commands below speak for it:',
  },
  yourKey: { zh: '<环境文件里的 secretKey>', en: '<secretKey of the environment file>' },
  yourMerchant: { zh: '<你的 sub_mch_id>', en: '<your sub_mch_id>' },
  container: { zh: '云托管容器', en: 'Containers of Cloud Run' },
  containerWhy: {
    zh: '把 http://api.weixin.qq.com 换成本服务，路径不变：',
    en: 'This server in the place of http://api.weixin.qq.com, same paths:',
  },
  v2: { zh: '微信支付 v2', en: 'WeChat Pay v2' },
  v2Why: {
    zh: '把 https://api.mch.weixin.qq.com 换成本服务；不需要证书。',
    en: 'This server in the place of https://api.mch.weixin.qq.com; no certificate is asked for.',
  },
  v2Code: {
    zh: '下单，签名用 MD5。存为 v2-order.cjs，用 `node v2-order.cjs` 运行，不需要装任何包：',
    en: 'An order, signed with MD5. As v2-order.cjs it runs by `node v2-order.cjs`, and needs no package:',
  },
  doorTokenFirst: {
    zh: '容器须报出环境的 doorToken（环境文件里没有就先加上）。先在终端设置：',
    en: 'Containers have to name the doorToken of the environment; give it one in the environment file where there is none. First, in the terminal:',
  },
  yourDoorToken: { zh: '<环境文件里的 doorToken>', en: '<doorToken of the environment file>' },
  v2KeyFirst: {
    zh: '先在终端设置密钥：',
    en: 'The key first, in the terminal:',
  },
  v2Whose: {
    zh: 'v2 API 密钥属于服务商 mch_id {mchId}，配 appid {appid}；替哪个商户，由 sub_mch_id 说明。',
    en: 'The v2 API key is that of provider mch_id {mchId}, whose appid is {appid}; sub_mch_id says for which merchant.',
  },
  v2Direct: {
    zh: '商户 {mchId} 也可以用同一密钥为自己调用：appid {appid}、mch_id {mchId}，不带 sub_mch_id。',
    en: 'Merchant {mchId} may call for itself with the same key: appid {appid}, mch_id {mchId}, no sub_mch_id.',
  },
  v2Sorted: {
    zh: '按字段名排序，密钥在最后，MD5 取大写',
    en: 'sorted by name, the key last; MD5 in upper case',
  },
  yourV2Key: {
    zh: '<环境文件里 provider 的 apiKey>',
    en: '<apiKey of the provider in the environment file>',
  },
  credentials: { zh: '凭据', en: 'Credentials' },
  envId: { zh: '环境', en: 'Environment' },
  keyHidden: {
    zh: '在环境文件里；控制台不显示任何真实密钥',
    en: 'in the environment file; the console shows no real key',
  },
  noneListed: { zh: '环境文件里没有列出', en: 'none is listed in the environment file' },
  publicKey: { zh: '演示环境的密钥是公开的', en: 'The key of the demo environment is public' },
  mchId: { zh: '服务商 mch_id', en: 'Provider mch_id' },
  subMchId: { zh: '商户 sub_mch_id', en: 'Merchant sub_mch_id' },
  appid: { zh: '服务商 appid', en: 'Provider appid' },
  subAppid: { zh: '小程序 sub_appid', en: 'Mini program sub_appid' },
  v2Key: { zh: 'v2 API 密钥', en: 'v2 API key' },
  check: { zh: '接通了吗？', en: 'Did it arrive?' },
  checkWhy: {
    zh: '运行一次 unifiedOrder，订单会自动出现在「订单」里。没有出现时，「请求」里有原因；签名不对的调用也在那里。',
    en: 'Run unifiedOrder once: the order appears under Orders by itself. If not, Requests tells why, failed signatures included.',
  },
  parity: { zh: '与真实服务的差异', en: 'Parity with the real service' },
  parityWhy: {
    zh: '文档与真实服务的实测在这几处不一致。本环境按「{rules}」回答。',
    en: 'Where documentation and the recorded behaviour of the real service disagree. This environment answers as {rules}.',
  },
  documented: { zh: '文档', en: 'documented' },
  observed: { zh: '实测', en: 'observed' },
  point: { zh: '情形', en: 'Point' },
  source: { zh: '依据', en: 'Source' },
} as const satisfies Record<string, Text>

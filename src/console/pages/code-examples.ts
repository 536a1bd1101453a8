/** Code that runs as it is copied: a cloud function, a container's call, a v2 client. */
import type { ApiConnect } from '../../client/index.ts'
import { demoEnvId, demoOpenid } from '../../protocol/demo-merchant.ts'
import { asCurl, calls, orderAsCurl, orderAsSdk } from '../calls.ts'
import { t } from '../language.ts'
import { connect as words } from '../texts/connect.ts'

/** A merchant of the environment; where it lists none, a place for one that says so. */
const merchantOf = ({ subMchId }: ApiConnect) => subMchId ?? t(words.yourMerchant)

/** The demo takes any name; others may insist on their own. */
const nameOf = ({ demo, envId }: Pick<ApiConnect, 'demo' | 'envId'>) => (demo ? 'prod-1a2b' : envId)

/** A text within single quotes of JavaScript. */
const quoted = (text: string) => `'${text.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n')}'`

/** @param call an expression, its later lines not indented */
const functionFile = (env: string, call: string) => `// your-function.js
const cloud = require('wx-server-sdk')
cloud.init({ env: ${quoted(env)} })

exports.main = async () =>
  ${call.replaceAll('\n', '\n  ')}

// ${t(words.runsIt)}
exports.main().then(console.log, console.error)`

export const sdkCode = (connection: ApiConnect) =>
  functionFile(
    nameOf(connection),
    `cloud.cloudPay.unifiedOrder({
  functionName: 'payCallback', envId: '${nameOf(connection)}',
  subMchId: '${merchantOf(connection)}', outTradeNo: 'TEA-0001',
  body: '${t({ zh: '茶馆-乌龙茶', en: 'Tea shop - oolong' })}', totalFee: 990, spbillCreateIp: '127.0.0.1',${
    // The platform knows who calls; an environment does where it was told.
    connection.defaultOpenid === undefined ? `\n  openid: '${demoOpenid}',` : ''
  }
})`,
  )

type Request = Readonly<Record<string, unknown>>

/** The same order once more, as a whole file. @returns undefined: the SDK orders nothing that no function is told of */
export function orderAsFile(
  request: Request,
  environment: Pick<ApiConnect, 'demo' | 'envId'>,
): string | undefined {
  const { envId, functionName } = request
  if (typeof functionName !== 'string') return undefined
  return functionFile(
    typeof envId === 'string' ? envId : nameOf(environment),
    orderAsSdk(request).replace(/^await /, ''),
  )
}

/**
 * The same order from a terminal: as a container orders; by the API with an address, which no container sends, and of a
 * function where containers may need a token that is not known here.
 */
export function orderAsCommand(request: Request, subMchId: string, demo: boolean): string {
  const isContainers = request.container !== undefined
  if (isContainers || (demo && typeof request.notifyUrl !== 'string')) return orderAsCurl(request)
  const { subMchId: _merchant, envId: targetEnvId, nonceStr: _nonce, ...asked } = request
  return asCurl(
    calls.order({ ...asked, ...(typeof targetEnvId === 'string' ? { targetEnvId } : {}) }, subMchId),
  )
}

/** Of the example alone. */
export const doorTokenName = 'CONTAINER_TOKEN'

/** Without one a container is taken for one of the demo's. */
export const namesDoorToken = ({ doorToken, envId }: ApiConnect) => doorToken || envId !== demoEnvId

/** The token of an environment comes from outside as well: nobody is shown it here. */
export const containerCurl = (connection: ApiConnect) =>
  `curl ${location.origin}/_/pay/unifiedorder -H 'content-type: application/json' ${
    namesDoorToken(connection) ? `-H "authorization: Bearer $${doorTokenName}" ` : ''
  }-d '${JSON.stringify(
    {
      sub_mch_id: merchantOf(connection),
      out_trade_no: 'TEA-0002',
      body: 'Tea',
      total_fee: 990,
      spbill_create_ip: '127.0.0.1',
      openid: demoOpenid,
      env_id: nameOf(connection),
      callback_type: 2,
      container: { service: 'pay', path: '/' },
    },
    null,
    2,
  )}'`

/** A provider's order. The key of an environment that has its own comes from outside: nobody is shown it here. */
export function v2Code(connection: ApiConnect): string {
  const { appid, mchId, merchants, subMchId, subAppid, v2Key } = connection
  const ofMerchant = merchants.find((one) => one.subMchId === subMchId)?.subAppid ?? subAppid
  const key = v2Key === undefined ? `process.env.V2_API_KEY // ${t(words.yourV2Key)}` : `'${v2Key}'`
  return `// v2-order.cjs
const { createHash, randomBytes } = require('node:crypto')

const apiKey = ${key}
const order = {
  appid: '${appid}',
  mch_id: '${mchId}',
${ofMerchant === undefined ? '' : `  sub_appid: '${ofMerchant}',\n`}  sub_mch_id: '${merchantOf(connection)}',
  nonce_str: randomBytes(16).toString('hex'),
  body: 'Tea',
  out_trade_no: 'TEA-V2-0001',
  total_fee: '990',
  spbill_create_ip: '127.0.0.1',
  notify_url: 'http://127.0.0.1:3000/notify',
  trade_type: 'NATIVE',
  product_id: 'tea',
}

// ${t(words.v2Sorted)}
const text = Object.keys(order).sort().map((name) => \`\${name}=\${order[name]}\`).join('&')
const sign = createHash('md5').update(\`\${text}&key=\${apiKey}\`).digest('hex').toUpperCase()

const fields = Object.entries({ ...order, sign }).map(([name, value]) => \`<\${name}>\${value}</\${name}>\`)
fetch('${location.origin}/pay/unifiedorder', { method: 'POST', body: \`<xml>\${fields.join('')}</xml>\` })
  .then((answer) => answer.text())
  .then(console.log, console.error)`
}

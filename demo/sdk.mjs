/** The official SDK as npm delivers it, and the variables that bring it here. Owns nothing of either. */
import { createRequire } from 'node:module'
import { demoEnvironment } from '../dist/app/demo-environment.js'
import { variablesForSdk } from '../dist/client/sdk-variables.js'

/**
 * What the demo uses of it; its own types do not know cloudPay.
 * @typedef {Record<string, unknown>} Answer
 * @typedef {(request: object) => Promise<Answer>} Method
 * @typedef {{
 *   init(options: { env: string }): void,
 *   cloudPay: Record<'unifiedOrder' | 'queryOrder' | 'closeOrder' | 'refund' | 'queryRefund', Method>,
 * }} Cloud
 */

/**
 * Call it once the variables are set: the SDK reads them when it is loaded, and `init` counts once a process.
 * @returns {Cloud}
 */
export const loadSdk = () => createRequire(import.meta.url)('wx-server-sdk')

/** A caller's settings for Tencent's cloud, for its own server and database: none of them is meant for the demo. */
const notOurs = /^(TCB_|TENCENTCLOUD_|WX_|SCF_|CLOUDPAY_|TRIGGER_SRC$|DATABASE_URL$)/i

/** The caller's variables without those. */
export const ownVariables = () =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !notOurs.test(name)))

/**
 * Makes the SDK of this process talk to the demo environment of `url`.
 * @param {string} url
 */
export function pointSdkAt(url) {
  const { secretId, secretKey } = demoEnvironment
  const wanted = variablesForSdk(ownVariables(), url, secretId, secretKey)
  for (const name of Object.keys(process.env)) if (wanted[name] === undefined) delete process.env[name]
  // Assigning undefined to a variable would make it the text "undefined".
  for (const [name, value] of Object.entries(wanted)) if (value !== undefined) process.env[name] = value
}

/**
 * A process of its own for the call with a wrong key: `cloud.init` counts once a process.
 * Started by demo.mjs, its variables set; tells what it heard, and whether that was an answer or an exception.
 */
import { loadSdk } from './sdk.mjs'

export const wrongKey = 'not-the-secret-key'

/** @param {import('./sdk.mjs').Cloud} cloud */
export const call = (cloud) =>
  cloud.cloudPay.closeOrder({
    subMchId: '1900000109',
    outTradeNo: '1217752501201407033233368018',
  })

// demo.mjs imports this file too, to show the call.
if (process.env.OPENCLOUDPAY_DEMO === 'wrong-key') {
  const cloud = loadSdk()
  cloud.init({ env: 'prod-1a2b' })
  /** @type {import('./teller.mjs').Heard} */
  const heard = await call(cloud).then(
    (answer) => ({ answer }),
    ({ errCode, errMsg, message }) => ({ rejected: { errCode, errMsg: errMsg ?? message } }),
  )
  process.send?.(heard, () => process.exit())
}

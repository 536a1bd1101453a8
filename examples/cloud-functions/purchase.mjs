/** `npm run purchase`: a customer buys tea from the cloud functions that `npm start` serves. */
import { serverAlone } from '../ports.mjs'
import { openid, sandboxAt, tellPurchase } from '../purchase.mjs'

const sandbox = sandboxAt(serverAlone)

const call = async (name, data) =>
  (await sandbox('call-function', { function_name: name, data, openid })).result

await tellPurchase({
  server: serverAlone,
  checkout: (purchase) => call('checkout', { purchase }),
  refund: (purchase) => call('refund', { purchase }),
})

/** `npm run purchase`: a customer buys tea from the cloud functions that `npm start` serves. */
import { openid, sandbox, tellPurchase } from '../purchase.mjs'

const call = async (name, data) =>
  (await sandbox('call-function', { function_name: name, data, openid })).result

await tellPurchase({
  checkout: (purchase) => call('checkout', { purchase }),
  refund: (purchase) => call('refund', { purchase }),
})

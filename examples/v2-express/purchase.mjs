/** `npm run purchase`: a customer buys tea from the server that `npm start` runs. */
import { serverBeside, shopUrl } from '../ports.mjs'
import { openid, post, tellPurchase } from '../purchase.mjs'

await tellPurchase({
  server: serverBeside,
  checkout: (purchase) => post(`${shopUrl}/checkout/${purchase}`, { openid }),
  refund: (purchase) => post(`${shopUrl}/refund/${purchase}`, {}),
})

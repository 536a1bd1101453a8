/** `npm run purchase`: a customer buys tea from the server that `npm start` runs. */
import { openid, post, tellPurchase } from '../purchase.mjs'

const shop = `http://127.0.0.1:${process.env.PORT ?? 8080}`

await tellPurchase({
  checkout: (purchase) => post(`${shop}/checkout/${purchase}`, { openid }),
  refund: (purchase) => post(`${shop}/refund/${purchase}`, {}),
})

/** `npm run purchase`: a customer buys tea from the container that `npm start` runs. */
import { openid, post, tellPurchase } from '../purchase.mjs'

const shop = `http://127.0.0.1:${process.env.PORT ?? 8080}`
/** Cloud Run puts it there; a request from outside cannot. */
const headers = { 'x-wx-openid': openid }

await tellPurchase({
  checkout: (purchase) => post(`${shop}/checkout/${purchase}`, {}, headers),
  refund: (purchase) => post(`${shop}/refund/${purchase}`, {}, headers),
})

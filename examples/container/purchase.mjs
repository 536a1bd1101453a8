/** `npm run purchase`: a customer buys tea from the container that `npm start` runs. */
import { serverBeside, shopUrl } from '../ports.mjs'
import { openid, post, tellPurchase } from '../purchase.mjs'

/** Cloud Run puts it there; a request from outside cannot. */
const headers = { 'x-wx-openid': openid }

await tellPurchase({
  server: serverBeside,
  checkout: (purchase) => post(`${shopUrl}/checkout/${purchase}`, {}, headers),
  refund: (purchase) => post(`${shopUrl}/refund/${purchase}`, {}, headers),
})

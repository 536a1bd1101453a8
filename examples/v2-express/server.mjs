/**
 * An Express server that takes payments by WeChat Pay v2 (XML), with a client library whose address is written in:
 * https://api.mch.weixin.qq.com. Nothing here knows of another.
 */
import express from 'express'
import { Aes, Decorator, Formatter, Hash, Transformer } from 'wechatpay-axios-plugin'
import { listen, shopUrl } from '../ports.mjs'
import { openShop, tea } from '../shop.mjs'

const appid = process.env.APPID ?? 'wx8888888888888888'
const mchid = process.env.MCH_ID ?? '1900000109'
/** The merchant's API key, 32 characters. */
const apiKey = process.env.API_KEY ?? '192006250b4c09247ec02edce69f6a2d'
/** Where callbacks come to. */
const notifyUrl = (path) => `${shopUrl}${path}`

/** Of v2 alone: an axios that signs what it sends, and checks the signatures of answers. */
const wechatPay = Decorator.xmlBased({ mchid, secret: apiKey })

/** @returns the fields of the answer, refusals of the business among them. @throws where nothing is known */
async function ask(path, request) {
  try {
    return (await wechatPay.post(path, { appid, mch_id: mchid, ...request })).data
  } catch (error) {
    // The library throws refusals of the business as well.
    const fields = error.response?.data
    if (fields?.result_code === undefined) throw error
    return fields
  }
}

const succeeded = ({ result_code }) => result_code === 'SUCCESS'

/** What the phone needs for wx.requestPayment. */
function paymentOf(prepayId) {
  const payment = {
    appId: appid,
    timeStamp: String(Formatter.timestamp()),
    nonceStr: Formatter.nonce(),
    package: `prepay_id=${prepayId}`,
    signType: Hash.ALGO_MD5,
  }
  return { ...payment, paySign: Hash.sign(Hash.ALGO_MD5, payment, apiKey) }
}

/** @param openid of the customer */
const shopOf = (openid) =>
  openShop({
    async order(outTradeNo) {
      const answer = await ask('pay/unifiedorder', {
        out_trade_no: outTradeNo,
        total_fee: tea.totalFee,
        body: tea.body,
        spbill_create_ip: '127.0.0.1',
        trade_type: 'JSAPI',
        openid,
        notify_url: notifyUrl('/paid'),
      })
      if (!succeeded(answer)) throw new Error(answer.err_code_des)
      return paymentOf(answer.prepay_id)
    },
    close: (outTradeNo) => ask('pay/closeorder', { out_trade_no: outTradeNo }),
    async stateOf(outTradeNo) {
      const answer = await ask('pay/orderquery', { out_trade_no: outTradeNo })
      return succeeded(answer) ? answer.trade_state : undefined
    },
    refund: async ({ outTradeNo, outRefundNo, totalFee, refundFee }) =>
      succeeded(
        await ask('secapi/pay/refund', {
          out_trade_no: outTradeNo,
          out_refund_no: outRefundNo,
          total_fee: totalFee,
          refund_fee: refundFee,
          notify_url: notifyUrl('/refunded'),
        }),
      ),
  })

const acknowledged = Transformer.toXml({ return_code: 'SUCCESS', return_msg: 'OK' })

/** @throws where the sender does not have our key */
function verified(xml) {
  const { sign, ...fields } = Transformer.toObject(xml)
  const expected = Hash.sign(fields.sign_type ?? Hash.ALGO_MD5, fields, apiKey)
  if (!Hash.equals(expected, sign)) throw new Error('a bad signature')
  return fields
}

const app = express()
app.use(express.text({ type: '*/xml' }))
app.use(express.json())

app.post('/checkout/:purchase', async ({ params, body }, response) => {
  response.json(await shopOf(body.openid).checkout(params.purchase))
})

app.post('/refund/:purchase', async ({ params }, response) => {
  response.json(await shopOf().refund(params.purchase))
})

app.post('/paid', async ({ body }, response) => {
  const { out_trade_no: outTradeNo, total_fee: totalFee } = verified(body)
  if (Number(totalFee) !== tea.totalFee) throw new Error(`${outTradeNo}: ${totalFee} fen`)
  await shopOf().paid(outTradeNo)
  response.type('xml').send(acknowledged)
})

app.post('/refunded', async ({ body }, response) => {
  // Not signed but sealed: only who has the key can open it, or could have made it.
  const { req_info: sealed } = Transformer.toObject(body)
  const refund = Transformer.toObject(Aes.AesEcb.decrypt(sealed, Hash.md5(apiKey)))
  await shopOf().refunded(refund.out_refund_no, refund.refund_status)
  response.type('xml').send(acknowledged)
})

// What was thrown is no acknowledgement: a callback comes again.
app.use((error, _request, response, _next) => {
  console.error(error.message)
  response.status(500).json({ error: error.message })
})

listen(app)

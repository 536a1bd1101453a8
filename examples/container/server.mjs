/**
 * A service of WeChat Cloud Run that takes payments: its own routes for the mini program, and one for callbacks.
 * `http://api.weixin.qq.com/_/pay/…` is the address inside a container; nothing here knows of another.
 */
import express from 'express'
import { listen } from '../ports.mjs'
import { openShop, tea } from '../shop.mjs'

const subMchId = process.env.SUB_MCH_ID ?? '1900000109'
const envId = process.env.CBR_ENV_ID ?? 'prod-1a2b'
/** Where callbacks come to: this service, as Cloud Run calls it. */
const callback = (path) => ({ callback_type: 2, env_id: envId, container: { service: 'pay', path } })

async function pay(method, request) {
  const response = await fetch(`http://api.weixin.qq.com/_/pay/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sub_mch_id: subMchId, ...request }),
  })
  const { errcode, errmsg, respdata } = await response.json()
  // The door's own refusals; those of the business stand in respdata.
  if (errcode !== 0) throw new Error(`${method}: ${errcode} ${errmsg}`)
  return respdata
}

const succeeded = ({ result_code }) => result_code === 'SUCCESS'

/** @param openid of the customer: Cloud Run says who calls */
const shopOf = (openid) =>
  openShop({
    async order(outTradeNo) {
      const answer = await pay('unifiedOrder', {
        out_trade_no: outTradeNo,
        total_fee: tea.totalFee,
        body: tea.body,
        spbill_create_ip: '127.0.0.1',
        openid,
        ...callback('/paid'),
      })
      if (!succeeded(answer)) throw new Error(answer.err_code_des ?? answer.return_msg)
      return answer.payment
    },
    close: (outTradeNo) => pay('closeOrder', { out_trade_no: outTradeNo }),
    async stateOf(outTradeNo) {
      const answer = await pay('queryOrder', { out_trade_no: outTradeNo })
      return succeeded(answer) ? answer.trade_state : undefined
    },
    refund: async ({ outTradeNo, outRefundNo, totalFee, refundFee }) =>
      succeeded(
        await pay('refund', {
          out_trade_no: outTradeNo,
          out_refund_no: outRefundNo,
          total_fee: totalFee,
          refund_fee: refundFee,
          ...callback('/refunded'),
        }),
      ),
  })

const acknowledged = { errcode: 0, errmsg: 'ok' }
const app = express()
app.use(express.json())

app.post('/checkout/:purchase', async ({ params, headers }, response) => {
  response.json(await shopOf(headers['x-wx-openid']).checkout(params.purchase))
})

app.post('/refund/:purchase', async ({ params }, response) => {
  response.json(await shopOf().refund(params.purchase))
})

app.post('/paid', async ({ body }, response) => {
  await shopOf().paid(body.outTradeNo)
  response.json(acknowledged)
})

app.post('/refunded', async ({ body }, response) => {
  const answer = await pay('queryRefund', { out_refund_no: body.outRefundNo })
  await shopOf().refunded(body.outRefundNo, answer.refund_status_0)
  response.json(acknowledged)
})

// What was thrown is no acknowledgement: a callback comes again.
app.use((error, _request, response, _next) => {
  console.error(error.message)
  response.status(500).json({ error: error.message })
})

listen(app)

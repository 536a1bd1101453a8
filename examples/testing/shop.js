// What is tested: the code of a cloud function, as it is uploaded.
const cloud = require('wx-server-sdk')

cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV })

const subMchId = '1900000109'
/** Stands for the database. */
const fulfilled = new Set()

async function order(outTradeNo) {
  const { resultCode, errCodeDes, payment } = await cloud.cloudPay.unifiedOrder({
    subMchId,
    outTradeNo,
    body: 'Tea shop - oolong',
    totalFee: 990,
    spbillCreateIp: '127.0.0.1',
    functionName: 'payCallback',
    envId: 'prod-1a2b',
  })
  if (resultCode !== 'SUCCESS') throw new Error(errCodeDes)
  return payment
}

/** After a payment that failed: a new number, once the old one can never be paid any more. */
async function orderAgain(oldNo, newNo) {
  await cloud.cloudPay.closeOrder({ subMchId, outTradeNo: oldNo })
  const { tradeState } = await cloud.cloudPay.queryOrder({ subMchId, outTradeNo: oldNo })
  if (tradeState === 'SUCCESS') return { paid: true }
  return { payment: await order(tradeState === 'CLOSED' ? newNo : oldNo) }
}

async function payCallback({ outTradeNo }) {
  fulfilled.add(outTradeNo)
  return { errcode: 0, errmsg: 'ok' }
}

module.exports = { order, orderAgain, payCallback, fulfilled }

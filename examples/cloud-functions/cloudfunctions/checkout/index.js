// The customer wants to pay, or to try again after a payment that failed.
const cloud = require('wx-server-sdk')

cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV })

const subMchId = process.env.SUB_MCH_ID ?? '1900000109'

const database = async (data) => (await cloud.callFunction({ name: 'database', data })).result

/** What became of an order; undefined: there is none of this number. */
async function stateOf(outTradeNo) {
  const { resultCode, tradeState } = await cloud.cloudPay.queryOrder({ subMchId, outTradeNo })
  return resultCode === 'SUCCESS' ? tradeState : undefined
}

exports.main = async ({ purchase }) => {
  const attempts = await database({ does: 'count', table: 'attempts', key: purchase })
  let attempt = Math.max(1, attempts)
  if (attempts > 0) {
    const last = `${purchase}-${attempts}`
    // A new number is given out only when the last one can never be paid any more, or the customer could pay both.
    // Closed by now, or too young for it, or paid: whatever the answer, the order itself is asked.
    await cloud.cloudPay.closeOrder({ subMchId, outTradeNo: last })
    const state = await stateOf(last)
    if (state === 'SUCCESS' || state === 'REFUND') return { paid: true, outTradeNo: last }
    if (state === 'CLOSED') attempt = attempts + 1
    // NOTPAY, or never ordered: the same number again is the same order.
  }
  const outTradeNo = `${purchase}-${attempt}`
  const totalFee = 990
  // Before the call: whatever happens to it, this number is not forgotten.
  await database({ does: 'insert', table: 'attempts', key: outTradeNo, row: { purchase, totalFee } })
  const ordered = await cloud.cloudPay.unifiedOrder({
    subMchId,
    outTradeNo,
    totalFee,
    body: 'Tea shop - oolong',
    spbillCreateIp: '127.0.0.1',
    functionName: 'payCallback',
    envId: cloud.getWXContext().ENV,
  })
  // A business failure does not throw: resultCode says it, errCodeDes says why.
  if (ordered.resultCode !== 'SUCCESS') throw new Error(ordered.errCodeDes ?? ordered.returnMsg)
  return { outTradeNo, payment: ordered.payment }
}

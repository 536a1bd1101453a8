// Gives all of it back. One number for the refund of a purchase: asked for twice, it is one refund.
const cloud = require('wx-server-sdk')

cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV })

const subMchId = process.env.SUB_MCH_ID ?? '1900000109'

const database = async (data) => (await cloud.callFunction({ name: 'database', data })).result

exports.main = async ({ purchase }) => {
  const fulfilled = await database({ does: 'find', table: 'fulfilled', key: purchase })
  if (fulfilled === null) return { accepted: false, why: 'not paid' }
  const asked = await cloud.cloudPay.refund({
    subMchId,
    outTradeNo: fulfilled.outTradeNo,
    outRefundNo: `${purchase}-R`,
    totalFee: 990,
    refundFee: 990,
    functionName: 'refundCallback',
    envId: cloud.getWXContext().ENV,
  })
  // SUCCESS: it is accepted. What comes of it, the callback says.
  return { accepted: asked.resultCode === 'SUCCESS', why: asked.errCodeDes }
}

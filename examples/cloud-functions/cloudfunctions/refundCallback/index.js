// Called when a refund has come to its end: `functionName` of refund.
const cloud = require('wx-server-sdk')

cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV })

const subMchId = process.env.SUB_MCH_ID ?? '1900000109'

const database = async (data) => (await cloud.callFunction({ name: 'database', data })).result

exports.main = async ({ outRefundNo }) => {
  // As with payments: the refund itself is asked.
  const { resultCode, refundStatus_0: status } = await cloud.cloudPay.queryRefund({ subMchId, outRefundNo })
  if (resultCode !== 'SUCCESS') throw new Error(`no refund of ours: ${outRefundNo}`)
  if (status === 'PROCESSING') throw new Error(`${outRefundNo} is not settled yet`)
  const isNews = await database({ does: 'insert', table: 'refunds', key: outRefundNo, row: { status } })
  if (isNews) console.log(`refund ${outRefundNo}: ${status}`)
  return { errcode: 0, errmsg: 'ok' }
}

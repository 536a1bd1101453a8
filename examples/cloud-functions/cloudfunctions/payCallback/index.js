// Called when a payment has arrived: `functionName` of unifiedOrder.
const cloud = require('wx-server-sdk')

cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV })

const subMchId = process.env.SUB_MCH_ID ?? '1900000109'

const database = async (data) => (await cloud.callFunction({ name: 'database', data })).result

exports.main = async ({ outTradeNo }) => {
  const order = await database({ does: 'find', table: 'attempts', key: outTradeNo })
  if (order === null) throw new Error(`no order of ours: ${outTradeNo}`)
  // Whoever may call functions can send such an event: the order itself is asked.
  const { tradeState, totalFee } = await cloud.cloudPay.queryOrder({ subMchId, outTradeNo })
  // It came late: the money is back, and no tea goes out for it.
  if (tradeState === 'REFUND') return { errcode: 0, errmsg: 'ok' }
  if (tradeState !== 'SUCCESS') throw new Error(`${outTradeNo} is not paid: ${tradeState}`)
  if (totalFee !== order.totalFee) throw new Error(`${outTradeNo}: ${totalFee} fen, not ${order.totalFee}`)

  // It may come twice: the row that is there already says that the tea is on its way.
  const row = { outTradeNo }
  const isNews = await database({ does: 'insert', table: 'fulfilled', key: order.purchase, row })
  if (isNews) console.log(`the tea of ${order.purchase} is on its way`)

  // Only now, and exactly so. Whatever was thrown above is no acknowledgement: the callback comes again.
  return { errcode: 0, errmsg: 'ok' }
}

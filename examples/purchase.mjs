/**
 * A purchase, seen from the customer's phone: the first payment fails, the second arrives, the shop does not hear of it
 * at once, and in the end the money goes back. Each step is checked, and the story ends where it goes otherwise.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { find, setAway } from './books.mjs'

export const openid = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'

/** @returns the JSON of the answer */
export async function post(url, body, headers = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  }).catch((error) => {
    throw new Error(`连不上 ${url}，请先运行 npm start / cannot reach ${url}: run npm start first`, {
      cause: error,
    })
  })
  const json = await response.json()
  if (!response.ok) throw new Error(`${url}: ${JSON.stringify(json.error)}`)
  return json
}

/** The payer and the clock of the sandbox, in the place of a real phone and of patience. */
export const sandboxAt = (server) => (control, body) => post(`${server}/sandbox/${control}`, body)

/** What was sent to the shop of an order or a refund, attempt by attempt. */
async function callbacksOf(server, number) {
  const response = await fetch(`${server}/sandbox/callbacks?${new URLSearchParams(number)}`)
  return (await response.json()).attempts
}

let steps = 0
function say(zh, en, ...seen) {
  console.log(`\n${++steps}. ${zh}\n   ${en}`)
  for (const one of seen) console.log(`   → ${one}`)
}

async function tell({ server, checkout, refund }) {
  const sandbox = sandboxAt(server)
  const pay = (payment, then) => sandbox('request-payment', { payment, openid, then })
  const purchase = `tea-${randomBytes(4).toString('hex')}`

  const first = await checkout(purchase)
  say('顾客下单', 'The customer orders', `outTradeNo ${first.outTradeNo}`, `package ${first.payment.package}`)

  const failed = await pay(first.payment, 'fail')
  say('支付失败', 'The payment fails', failed.errMsg)
  assert.match(failed.errMsg, /^requestPayment:fail/)

  const again = await checkout(purchase)
  say(
    '马上再试：原订单不足 5 分钟，还不能关闭，所以仍是同一个号',
    'Again at once: the order is too young to be closed, so it stays the same number',
    `outTradeNo ${again.outTradeNo}`,
  )
  assert.equal(again.outTradeNo, first.outTradeNo)

  await sandbox('clock', { advance: '5m' })
  const second = await checkout(purchase)
  say(
    '五分钟后再试：原订单先关闭，再给新号',
    'Five minutes later: the old order is closed, and only then there is a new number',
    `outTradeNo ${second.outTradeNo}`,
  )
  assert.notEqual(second.outTradeNo, first.outTradeNo)

  const old = await pay(first.payment, 'pay')
  say(
    '旧的支付窗口还开着，也付不了了：不会付两次',
    'The old cashier can pay no more: nobody pays twice',
    old.errMsg,
  )
  assert.match(old.errMsg, /^requestPayment:fail/)

  await setAway(true)
  const paid = await pay(second.payment, 'pay')
  say('付款成功，而商店的数据库此刻不可用', "Paid, while the shop's database is away", paid.errMsg)
  assert.equal(paid.errMsg, 'requestPayment:ok')

  // The first attempt may still be under way; this returns when nothing is.
  await sandbox('clock', { advance: '1s' })
  const [attempt] = await callbacksOf(server, { out_trade_no: second.outTradeNo })
  say('回调没有被确认，会再来', 'The callback was not acknowledged: it will come again', attempt.why)
  assert.notEqual(attempt.outcome, 'acknowledged')

  await setAway(false)
  assert.equal(await find('fulfilled', purchase), undefined)
  await sandbox('clock', { advance: '1m' })
  const fulfilled = await find('fulfilled', purchase)
  say(
    '数据库恢复，回调重试，发货',
    'The database is back, the callback came again, and the tea is on its way',
  )
  assert.deepEqual(fulfilled, { outTradeNo: second.outTradeNo })

  const asked = await refund(purchase)
  say('退款：已受理', 'A refund: accepted', JSON.stringify(asked))
  assert.equal(asked.accepted, true)

  await sandbox('clock', { advance: '1m' })
  const refunded = await find('refunds', `${purchase}-R`)
  say('退款到账，回调告知商店', 'The money is back, and a callback told the shop', JSON.stringify(refunded))
  assert.deepEqual(refunded, { status: 'SUCCESS' })

  console.log(`\n全部 ${steps} 步如上所述 / all ${steps} steps went as told`)
}

/** @param shop how this shop is asked, checkout(purchase) and refund(purchase), and `server`: where OpenCloudPay is */
export async function tellPurchase(shop) {
  try {
    await tell(shop)
  } catch (error) {
    console.error(`\n✗ ${error.message}`)
    process.exitCode = 1
  } finally {
    await setAway(false)
  }
}

/**
 * The story: the life of a few orders, a refund and a wrong key. Every call is shown as a cloud function would make it, and
 * really made; what the story depends on is checked. How it is printed, and on which server, is not decided here.
 */
import { control, heardWithWrongKey, waysToSpeak } from './calls.mjs'
import { sourceOf } from './layout.mjs'
import { loadSdk } from './sdk.mjs'
import { call as callWithWrongKey, wrongKey } from './wrong-key.mjs'

/** @typedef {import('./calls.mjs').Teller} Teller */

/** Every answer of the SDK that is a success in all three layers. */
const success = { returnCode: 'SUCCESS', resultCode: 'SUCCESS', errCode: 0 }
/** A business refusal: an answer, not an exception. */
const refusal = { returnCode: 'SUCCESS', resultCode: 'FAIL', errCode: 0 }

/**
 * @param {string} url
 * @param {Teller} story
 */
async function tellOfClosing(url, story) {
  const { sdk, sandbox } = waysToSpeak(url, story)
  const cloud = loadSdk()
  cloud.init({ env: 'prod-1a2b' })

  await sdk(
    { zh: '下单', en: 'Place an order' },
    () =>
      cloud.cloudPay.unifiedOrder({
        functionName: 'payCallback',
        envId: 'prod-1a2b',
        subMchId: '1900000109',
        outTradeNo: '1217752501201407033233368018',
        nonceStr: '5K8264ILTKCH16CQ2502SI8ZNMTM67VS',
        body: '腾讯充值中心-QQ会员充值',
        totalFee: 88,
        spbillCreateIp: '127.0.0.1',
      }),
    { ...success, tradeType: 'JSAPI', prepayId: /^wx/, payment: hasPrepayPackage },
    {
      zh: '订单待支付。payment 原样返回给小程序，由它传给 wx.requestPayment。',
      en: 'The order awaits payment. Return `payment` as it is; the mini-program hands it to wx.requestPayment.',
    },
  )

  await sdk(
    { zh: '下单不足 5 分钟就关单：被拒绝', en: 'Close it within five minutes: refused' },
    () =>
      cloud.cloudPay.closeOrder({
        subMchId: '1900000109',
        outTradeNo: '1217752501201407033233368018',
        nonceStr: '5K8264ILTKCH16CQ2502SI8ZNMTM67VS',
      }),
    { ...refusal, errCodeDes: /(不足 5 分钟|younger than 5 minutes).*\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/ },
    {
      zh: '业务失败不会抛异常，errCode 也总是 0：请看 resultCode，原因在 errCodeDes 里。',
      en: 'A business failure does not throw, and errCode is always 0: look at resultCode; errCodeDes says why.',
    },
  )

  const earlier = await control(url, '/sandbox/clock')
  await sandbox(
    { zh: '把沙箱时钟拨快 5 分钟', en: 'Move the sandbox clock five minutes on' },
    '/sandbox/clock',
    { advance: '5m' },
    { env_id: 'sandbox', mode: 'running', now: (now) => minutesBetween(earlier, now) >= 5 },
    {
      zh: '不用真的等 5 分钟。签名仍按真实时间校验，SDK 照常工作。',
      en: 'Nobody has to wait. Signatures stay on real time, so the SDK goes on working.',
    },
  )

  await sdk(
    { zh: '满 5 分钟后关单：成功', en: 'Close it after five minutes: done' },
    () =>
      cloud.cloudPay.closeOrder({
        subMchId: '1900000109',
        outTradeNo: '1217752501201407033233368018',
      }),
    { ...success, resultMsg: 'OK', subMchId: '1900000109' },
    {
      zh: '这笔订单再也付不了款；用户要再付，换一个新的订单号下单，不会重复扣款。',
      en: 'It can never be paid now. To pay again, order with a new number: nobody pays twice.',
    },
  )

  await sdk(
    { zh: '查单：已关闭', en: 'Query it: CLOSED' },
    () =>
      cloud.cloudPay.queryOrder({
        subMchId: '1900000109',
        outTradeNo: '1217752501201407033233368018',
      }),
    { ...success, tradeState: 'CLOSED', tradeStateDesc: '订单已关闭', transactionId: isAbsent },
    {
      zh: 'CLOSED 是终态；关单不会触发回调。',
      en: 'CLOSED is final, and a close is never announced by a callback.',
    },
  )

  await sdk(
    { zh: '再关一次：ORDERCLOSED', en: 'Close it once more: ORDERCLOSED' },
    () =>
      cloud.cloudPay.closeOrder({
        subMchId: '1900000109',
        outTradeNo: '1217752501201407033233368018',
      }),
    { ...refusal, errCodeDes: /ORDERCLOSED/ },
    {
      zh: '目的已经达到，按成功处理即可。SDK 不把 err_code 交给调用方，所以错误码也写在 errCodeDes 里。',
      en: 'The purpose is achieved: treat it as success. The SDK hides err_code, so errCodeDes names it.',
    },
  )
}

/**
 * @param {string} url
 * @param {Teller} story
 */
async function tellOfPaying(url, story) {
  const { sdk, sandbox } = waysToSpeak(url, story)
  const cloud = loadSdk()

  await sdk(
    { zh: '第二笔订单', en: 'A second order' },
    () =>
      cloud.cloudPay.unifiedOrder({
        functionName: 'payCallback',
        envId: 'prod-1a2b',
        subMchId: '1900000109',
        outTradeNo: '1217752501201407033233368019',
        body: '腾讯充值中心-QQ会员充值',
        totalFee: 88,
        spbillCreateIp: '127.0.0.1',
      }),
    { ...success, prepayId: /^wx/, payment: hasPrepayPackage },
    {
      zh: '已关闭的订单号不能再用，所以换了新的。nonceStr 可以不传。',
      en: 'A closed number cannot be used again, hence a new one. nonceStr may be left out.',
    },
  )

  await sandbox(
    { zh: '用户付款', en: 'The customer pays' },
    '/sandbox/pay',
    { out_trade_no: '1217752501201407033233368019' },
    { result: 'paid', total_fee: 88, transaction_id: /^\d{28}$/, callback: isForPayCallback },
    {
      zh: '沙箱代替用户付款，随即回调 payCallback。这里没有程序托管它：note 说明怎么办，回调会按时间表重试。',
      en: 'The sandbox plays the customer and calls payCallback. Nobody hosts it here: the note says how, and it is tried again.',
    },
  )

  await sdk(
    { zh: '关闭已支付的订单：ORDERPAID', en: 'Close the paid order: ORDERPAID' },
    () =>
      cloud.cloudPay.closeOrder({
        subMchId: '1900000109',
        outTradeNo: '1217752501201407033233368019',
      }),
    { ...refusal, errCodeDes: /ORDERPAID/ },
    {
      zh: '付款先到，关单就不会生效：不要重新下单，按已支付处理，发货或退款。',
      en: 'The payment came first, so nothing is closed: do not order again, fulfil or refund.',
    },
  )

  await sdk(
    { zh: '查单：支付成功', en: 'Query it: SUCCESS' },
    () =>
      cloud.cloudPay.queryOrder({
        subMchId: '1900000109',
        outTradeNo: '1217752501201407033233368019',
      }),
    { ...success, tradeState: 'SUCCESS', totalFee: 88, transactionId: /^\d{28}$/, timeEnd: /^\d{14}$/ },
    {
      zh: '金额单位是分；timeEnd 是北京时间，按沙箱时钟计。',
      en: "Amounts are in fen; timeEnd is Beijing time, by the sandbox's clock.",
    },
  )
}

/**
 * @param {string} url
 * @param {Teller} story
 */
async function tellOfRefunding(url, story) {
  const { sdk, sandbox } = waysToSpeak(url, story)
  const cloud = loadSdk()

  await sdk(
    { zh: '退一部分款', en: 'Refund a part of it' },
    () =>
      cloud.cloudPay.refund({
        functionName: 'refundCallback',
        envId: 'prod-1a2b',
        subMchId: '1900000109',
        outTradeNo: '1217752501201407033233368019',
        outRefundNo: '1217752501201407033233368019-R1',
        totalFee: 88,
        refundFee: 30,
      }),
    { ...success, refundId: /^\d+$/, refundFee: 30 },
    {
      zh: '只是受理了。同一个 outRefundNo 再次调用，仍是这笔退款，不会多退。',
      en: 'It is accepted, no more. The same outRefundNo again is the same refund: nothing is refunded twice.',
    },
  )

  await sandbox(
    { zh: '过了一分钟', en: 'A minute passes' },
    '/sandbox/clock',
    { advance: '1m' },
    { env_id: 'sandbox', mode: 'running' },
    {
      zh: '到期的事按顺序都做完才返回：退款到账，回调再次尝试。',
      en: 'All that fell due is done, in order, before this returns: the refund settles, callbacks are tried again.',
    },
  )

  await sdk(
    { zh: '查退款：已到账', en: 'Query the refund: SUCCESS' },
    () =>
      cloud.cloudPay.queryRefund({
        subMchId: '1900000109',
        outTradeNo: '1217752501201407033233368019',
      }),
    { ...success, refundCount: 1, refundStatus_0: 'SUCCESS', refundFee_0: 30 },
    {
      zh: '每笔退款的字段以 _0、_1 结尾；也有 refundStatusList 等数组。',
      en: 'The fields of each refund end with _0, _1 and so on; refundStatusList and others have them too.',
    },
  )
}

/**
 * @param {string} url
 * @param {Teller} story
 */
async function tellOfStartingAgain(url, story) {
  const { sdk, sandbox } = waysToSpeak(url, story)
  const cloud = loadSdk()

  await sdk(
    { zh: '第三笔订单，用户没有付成', en: 'A third order, and its payment fails' },
    () =>
      cloud.cloudPay.unifiedOrder({
        functionName: 'payCallback',
        envId: 'prod-1a2b',
        subMchId: '1900000109',
        outTradeNo: '1217752501201407033233368020',
        body: '腾讯充值中心-QQ会员充值',
        totalFee: 88,
        spbillCreateIp: '127.0.0.1',
      }),
    { ...success, prepayId: /^wx/ },
    {
      zh: '用户重试时应换新单号，并先关掉旧的，否则两笔都可能被支付；但下单不足 5 分钟又不能关单。',
      en: 'To try again takes a new number, and the old one closed first, or both may be paid; yet a young one cannot be closed.',
    },
  )

  await sdk(
    {
      zh: '换单号重新支付：replaces 一步到位',
      en: 'Start it again with a new number: replaces does it in one call',
    },
    () =>
      cloud.cloudPay.unifiedOrder({
        functionName: 'payCallback',
        envId: 'prod-1a2b',
        subMchId: '1900000109',
        outTradeNo: '1217752501201407033233368021',
        replaces: '1217752501201407033233368020',
        body: '腾讯充值中心-QQ会员充值',
        totalFee: 88,
        spbillCreateIp: '127.0.0.1',
      }),
    { ...success, prepayId: /^wx/, payment: hasPrepayPackage },
    {
      zh: '旧单号从这一刻起不能再付，新单号马上可以付，不必等 5 分钟；旧订单到时由服务自动关闭。',
      en: 'From that moment the old number cannot be paid, and the new one can: no five minutes to wait. The old is closed in time.',
    },
  )

  await sandbox(
    { zh: '用户又去付旧单：付不了', en: 'The customer goes back to the old one: it cannot be paid' },
    '/sandbox/pay',
    { out_trade_no: '1217752501201407033233368020' },
    { result: 'refused' },
    {
      zh: '任何时刻，同一次购买最多只有一个单号可以支付。',
      en: 'At every moment at most one number of a purchase can be paid.',
    },
  )
}

/**
 * What no close can prevent: the customer was on the password page already.
 * @param {string} url
 * @param {Teller} story
 */
async function tellOfPayingTooLate(url, story) {
  const { sdk, sandbox } = waysToSpeak(url, story)
  const cloud = loadSdk()

  await sandbox(
    {
      zh: '真实世界里，旧单偶尔还是付成了：打开这个故障',
      en: 'In the real world the old one is paid all the same, now and then: switch that fault on',
    },
    '/sandbox/faults',
    { on: 'paid-too-late', out_trade_no: '1217752501201407033233368020', times: 1 },
    { env_id: 'sandbox' },
    {
      zh: '用户早已停在密码页上，谁也拦不住这笔付款。',
      en: 'The customer was on the password page already: nobody can prevent that payment.',
    },
  )

  await sandbox(
    { zh: '旧单被付了：来迟的付款', en: 'The old one is paid: too late' },
    '/sandbox/pay',
    { out_trade_no: '1217752501201407033233368020' },
    { result: 'paid_too_late', decision: 'refund' },
    {
      zh: '不会当作已支付通知您；按 latePayments 的默认设置，钱自动退回。',
      en: 'You are not told that it is paid; its money goes back by itself, as latePayments has it unless told otherwise.',
    },
  )

  await sandbox(
    { zh: '过了一分钟', en: 'A minute passes' },
    '/sandbox/clock',
    { advance: '1m' },
    { env_id: 'sandbox', mode: 'running' },
    {
      zh: '退款用由订单号得出的单号：无论重试多少次，只退一次。',
      en: 'The return has a number that derives from the order: however often it is tried, the money goes back once.',
    },
  )

  await sdk(
    { zh: '查退款：已全部退回', en: 'Query the refund: all of it went back' },
    () =>
      cloud.cloudPay.queryRefund({
        subMchId: '1900000109',
        outTradeNo: '1217752501201407033233368020',
      }),
    { ...success, refundCount: 1, refundStatus_0: 'SUCCESS', refundFee_0: 88 },
    {
      zh: '同一次购买，最多只留下一笔付款。',
      en: 'Of one purchase at most one payment stays.',
    },
  )
}

/** @param {Teller} story */
const tellOfWrongKey = (story) =>
  story.step({
    title: { zh: '密钥不对：SDK 抛出异常', en: 'A wrong key: the SDK throws' },
    code: `// 另一个进程 / in another process: TENCENTCLOUD_SECRETKEY=${wrongKey}\n${sourceOf(callWithWrongKey)}`,
    run: heardWithWrongKey,
    outcome: 'rejected',
    told: { errCode: -501001, errMsg: /签名不符.*secretKey.*signature does not match/ },
    lesson: {
      zh: '请求没有通过校验才会抛异常，errMsg 写明原因；方括号里的 id 可在服务端日志中查到。',
      en: 'Only a call that is not let in throws. errMsg says why; the server log has the same id.',
    },
  })

/** @param {unknown} value */
const isAbsent = (value) => value === undefined

/** @param {unknown} payment */
const hasPrepayPackage = (payment) =>
  typeof payment === 'object' && payment !== null && /^prepay_id=wx/.test(Reflect.get(payment, 'package'))

/** @param {unknown} callback */
const isForPayCallback = (callback) =>
  typeof callback === 'object' &&
  callback !== null &&
  Reflect.get(callback, 'target') === 'payCallback (prod-1a2b)' &&
  /cloudpay dev/.test(Reflect.get(callback, 'note'))

/** @param {object} earlier an answer of /sandbox/clock @param {unknown} now */
const minutesBetween = (earlier, now) =>
  (Date.parse(String(now)) - Date.parse(String(Reflect.get(earlier, 'now')))) / 60_000

/**
 * @param {string} url of a server whose demo environment the SDK of this process talks to
 * @param {Teller} story
 * @throws {import('./teller.mjs').NotAsTold}
 */
export async function tellStory(url, story) {
  await tellOfClosing(url, story)
  await tellOfPaying(url, story)
  await tellOfRefunding(url, story)
  await tellOfStartingAgain(url, story)
  await tellOfPayingTooLate(url, story)
  await tellOfWrongKey(story)
}

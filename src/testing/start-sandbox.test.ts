/** A sandbox in a test's own process: what a test gets from it, and that two of them do not meet. */
import { afterEach, expect, test } from 'vitest'
import { sign } from '../protocol/sign.ts'
import { writeXml } from '../protocol/v2/xml.ts'
import { type Sandbox, type SandboxOptions, SandboxRefused, startSandbox } from './index.ts'

const running: Sandbox[] = []
async function start(options?: SandboxOptions): Promise<Sandbox> {
  const sandbox = await startSandbox(options)
  running.push(sandbox)
  return sandbox
}
afterEach(async () => {
  for (const sandbox of running.splice(0)) await sandbox.stop()
})

async function order({ url, merchant }: Sandbox, outTradeNo: string, more: object = {}) {
  const response = await fetch(`${url}/_/pay/unifiedorder`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      sub_mch_id: merchant.subMchId,
      out_trade_no: outTradeNo,
      body: 'Tea shop - oolong',
      total_fee: 990,
      spbill_create_ip: '127.0.0.1',
      openid: 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o',
      function_name: 'payCallback',
      env_id: 'prod-1a2b',
      ...more,
    }),
  })
  const { respdata } = (await response.json()) as { respdata: Record<string, unknown> }
  return respdata
}

test('two side by side share nothing: not the orders, not the clock, not the callbacks', async () => {
  const [one, other] = await Promise.all([start(), start()])
  if (one === undefined || other === undefined) throw new Error('there are two')
  const [mine, theirs] = [await order(one, 'TEA-1'), await order(other, 'TEA-1')]
  expect(mine.prepay_id).not.toBe(theirs.prepay_id)

  await one.clock.advance({ days: 1 })
  expect((await one.clock.now()).getTime() - (await other.clock.now()).getTime()).toBeGreaterThan(86_000_000)
  await one.faults.on('callback-lost')

  expect(await other.payer.requestPayment(theirs)).toMatchObject({ errMsg: 'requestPayment:ok' })
  await other.callback({ outTradeNo: 'TEA-1' })
  expect(one.callbacks).toEqual([])
  expect(await one.payer.requestPayment(theirs), 'nor the prepay').toMatchObject({ why: 'not-found' })
})

test('its clock shows what it is told, and stands where it is told to', async () => {
  const now = new Date('2030-01-31T23:59:59.000+08:00')
  const { clock } = await start({ now, frozen: true })
  expect(await clock.now()).toEqual(now)
  expect(await clock.advance('1s')).toEqual(new Date('2030-02-01T00:00:00.000+08:00'))
  expect(await clock.advance({ hours: 1, minutes: 30 })).toEqual(new Date('2030-02-01T01:30:00.000+08:00'))
})

test('a payer on the password page pays, or cancels, as things stand by then', async () => {
  const sandbox = await start()
  const ordered = await order(sandbox, 'TEA-2')
  const cashier = await sandbox.payer.opens(ordered)
  expect(await cashier.cancels()).toMatchObject({ errMsg: 'requestPayment:fail cancel' })
  const again = await sandbox.payer.opens(ordered)
  await sandbox.clock.advance('2h')
  expect(await again.confirms()).toMatchObject({ errMsg: expect.stringMatching(/^requestPayment:fail/) })
  await expect(sandbox.payer.opens(ordered), 'out of time').rejects.toThrow('requestPayment:fail')
})

test('a callback that does not come says what was waited for, and what there was', async () => {
  const sandbox = await start()
  await order(sandbox, 'TEA-3')
  await sandbox.payer.pays({ outTradeNo: 'TEA-3' })
  const late = sandbox.callback({ outTradeNo: 'TEA-4' }, { timeoutMs: 100 })
  await expect(late).rejects.toThrow(/no callback like .*TEA-4.* within 100 ms; there were/)
})

test('who waits gets what comes, one after the other', async () => {
  const sandbox = await start({
    functions: {
      payCallback: ({ outTradeNo }) =>
        outTradeNo === 'TEA-5' ? { errcode: 1 } : Promise.reject(new Error('nobody home')),
    },
  })
  const coming = [sandbox.callback({ outTradeNo: 'TEA-5' }), sandbox.callback({ outTradeNo: 'TEA-6' })]
  for (const tea of ['TEA-5', 'TEA-6']) {
    await order(sandbox, tea)
    await sandbox.payer.pays({ outTradeNo: tea })
  }
  expect(await Promise.all(coming)).toMatchObject([
    { outTradeNo: 'TEA-5', kind: 'paid', acknowledged: false, attempt: 1 },
    { outTradeNo: 'TEA-6', acknowledged: false, why: expect.stringContaining('nobody home') },
  ])
})

test('a container is called back, by the name of its service', async () => {
  const heard: unknown[] = []
  const sandbox = await start({
    functions: { pay: (body) => (heard.push(body) === 1 ? { errcode: 1 } : { errcode: 0 }) },
    environment: { callbackRetries: ['15s'] },
  })
  const container = {
    callback_type: 2,
    function_name: undefined,
    container: { service: 'pay', path: '/paid' },
  }
  await order(sandbox, 'TEA-7', container)
  await sandbox.payer.pays({ outTradeNo: 'TEA-7' })
  expect(await sandbox.callback({ outTradeNo: 'TEA-7' })).toMatchObject({
    target: expect.stringContaining('pay/paid'),
    payload: { outTradeNo: 'TEA-7', totalFee: 990 },
    acknowledged: false,
  })
  await sandbox.clock.advance('15s')
  expect(await sandbox.callback({ outTradeNo: 'TEA-7' })).toMatchObject({ attempt: 2, acknowledged: true })
  expect(heard).toHaveLength(2)
})

test('a v2 merchant is called back, and what is sealed of its refund is opened', async () => {
  const sandbox = await start()
  const { url, notifyUrl, merchant, payer, clock, callback } = sandbox
  const call = async (path: string, fields: Record<string, string | number>) => {
    const { appid, mchId, subMchId, apiKey } = merchant
    const all = { appid, mch_id: mchId, sub_mch_id: subMchId, nonce_str: 'x', ...fields }
    const body = writeXml({ ...all, sign: sign(all, apiKey) })
    return (await fetch(`${url}${path}`, { method: 'POST', body })).text()
  }
  const ordered = { out_trade_no: 'TEA-8', total_fee: 990, body: 'Tea', spbill_create_ip: '127.0.0.1' }
  const native = { trade_type: 'NATIVE', product_id: 'tea', notify_url: notifyUrl }
  expect(await call('/pay/unifiedorder', { ...ordered, ...native })).toContain('<code_url>')
  await payer.pays({ outTradeNo: 'TEA-8' })
  expect(await callback({ outTradeNo: 'TEA-8' })).toMatchObject({
    acknowledged: true,
    payload: { total_fee: '990', sign: expect.any(String) },
  })
  const back = { out_trade_no: 'TEA-8', out_refund_no: 'R-8', total_fee: 990, refund_fee: 90 }
  await call('/secapi/pay/refund', { ...back, notify_url: notifyUrl })
  await clock.advance('5s')
  expect(await callback({ outRefundNo: 'R-8' })).toMatchObject({
    kind: 'refunded',
    acknowledged: true,
    payload: { out_trade_no: 'TEA-8', refund_fee: '90', refund_status: 'SUCCESS' },
  })
})

test('what a fault seals with a wrong key stays sealed, and is known by its number', async () => {
  const { url, notifyUrl, merchant, payer, clock, faults, callback } = await start()
  const { appid, mchId, subMchId, apiKey } = merchant
  const call = (path: string, fields: Record<string, string | number>) => {
    const all = {
      appid,
      mch_id: mchId,
      sub_mch_id: subMchId,
      nonce_str: 'x',
      notify_url: notifyUrl,
      ...fields,
    }
    return fetch(`${url}${path}`, { method: 'POST', body: writeXml({ ...all, sign: sign(all, apiKey) }) })
  }
  const ordered = { out_trade_no: 'TEA-9', total_fee: 990, body: 'Tea', spbill_create_ip: '127.0.0.1' }
  await call('/pay/unifiedorder', { ...ordered, trade_type: 'NATIVE', product_id: 'tea' })
  await payer.pays({ outTradeNo: 'TEA-9' })
  await faults.on('callback-bad-signature')
  await call('/secapi/pay/refund', {
    out_trade_no: 'TEA-9',
    out_refund_no: 'R-9',
    total_fee: 990,
    refund_fee: 90,
  })
  await clock.advance('1m')
  expect(await callback({ outRefundNo: 'R-9' })).toMatchObject({ payload: { req_info: expect.any(String) } })
})

test('one that cannot be set up leaves nothing running', async () => {
  await expect(startSandbox({ now: new Date(Number.NaN) })).rejects.toThrow()
})

test('a control that refuses says why', async () => {
  const { payer, faults } = await start()
  await expect(payer.pays({ outTradeNo: 'never' })).rejects.toThrow(SandboxRefused)
  await expect(faults.on('no-such-fault')).rejects.toThrow(/on must be .*callback-lost/)
})

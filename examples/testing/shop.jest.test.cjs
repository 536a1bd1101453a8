let sandbox
let shop

beforeAll(async () => {
  // An ES module: Jest imports one only under node --experimental-vm-modules.
  const { startSandbox } = await import('opencloudpay/testing')
  sandbox = await startSandbox()
  // The SDK reads them when it is loaded: first these, then the code that is tested.
  Object.assign(process.env, sandbox.env)
  shop = require('./shop.js')
  sandbox.functions({ payCallback: (event) => shop.payCallback(event) })
}, 30_000)
afterAll(() => sandbox.stop())

test('what is paid is fulfilled', async () => {
  const payment = await shop.order('TEA-1')
  expect(await sandbox.payer.requestPayment(payment)).toMatchObject({ errMsg: 'requestPayment:ok' })
  expect(await sandbox.callback({ outTradeNo: 'TEA-1' })).toMatchObject({ kind: 'paid', acknowledged: true })
  expect(shop.fulfilled.has('TEA-1')).toBe(true)
})

test('an answer that is lost does no harm: the same call again is the same order', async () => {
  await sandbox.faults.on('answer-lost', { outTradeNo: 'TEA-2', method: 'unifiedOrder', times: 1 })
  await expect(shop.order('TEA-2')).rejects.toThrow()
  const payment = await shop.order('TEA-2')
  expect(await sandbox.payer.requestPayment(payment)).toMatchObject({ errMsg: 'requestPayment:ok' })
})

test('after two hours the cashier is closed, and the same order can be paid anew', async () => {
  const payment = await shop.order('TEA-3')
  await sandbox.clock.advance('2h')
  expect(await sandbox.payer.requestPayment(payment)).toMatchObject({
    errMsg: 'requestPayment:fail 支付订单已过期',
  })
  const fresh = await shop.order('TEA-3')
  expect(await sandbox.payer.requestPayment(fresh)).toMatchObject({ errMsg: 'requestPayment:ok' })
})

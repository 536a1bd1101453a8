import { createRequire } from 'node:module'
import { startSandbox } from 'opencloudpay/testing'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'

const require = createRequire(import.meta.url)
let sandbox
let shop

beforeAll(async () => {
  sandbox = await startSandbox()
  // The SDK reads them when it is loaded: first these, then the code that is tested.
  Object.assign(process.env, sandbox.env)
  shop = require('./shop.js')
  sandbox.functions({ payCallback: (event) => shop.payCallback(event) })
}, 30_000)
afterEach(() => sandbox.faults.off())
afterAll(() => sandbox.stop())

test('what is paid is fulfilled', async () => {
  const payment = await shop.order('TEA-1')
  expect(await sandbox.payer.requestPayment(payment)).toMatchObject({ errMsg: 'requestPayment:ok' })
  expect(await sandbox.callback({ outTradeNo: 'TEA-1' })).toMatchObject({ kind: 'paid', acknowledged: true })
  expect(shop.fulfilled).toContain('TEA-1')
})

test('who tries again can pay the new number, and never both', async () => {
  const old = await shop.order('TEA-2')
  await sandbox.clock.advance('5m')
  const { payment } = await shop.orderAgain('TEA-2', 'TEA-2b')
  expect(await sandbox.payer.requestPayment(old)).toMatchObject({
    errMsg: expect.stringContaining('该订单已失效'),
  })
  expect(await sandbox.payer.requestPayment(payment)).toMatchObject({ errMsg: 'requestPayment:ok' })
})

test('a close that says SUCCESS and closes nothing gives out no second number', async () => {
  const old = await shop.order('TEA-3')
  await sandbox.clock.advance('5m')
  await sandbox.faults.on('close-without-effect', { outTradeNo: 'TEA-3' })
  const { payment } = await shop.orderAgain('TEA-3', 'TEA-3b')
  expect(payment.package).toBe(old.package)
})

test('a callback that fails comes again', async () => {
  let times = 0
  sandbox.functions({
    payCallback: (event) => {
      if (++times === 1) throw new Error('the database is away')
      return shop.payCallback(event)
    },
  })
  await sandbox.payer.requestPayment(await shop.order('TEA-4'))
  const failed = await sandbox.callback({ outTradeNo: 'TEA-4' })
  expect(failed).toMatchObject({ acknowledged: false, why: expect.stringContaining('the database is away') })
  await sandbox.clock.advance('15s')
  expect(await sandbox.callback({ outTradeNo: 'TEA-4' })).toMatchObject({ attempt: 2, acknowledged: true })
  expect(shop.fulfilled).toContain('TEA-4')
})

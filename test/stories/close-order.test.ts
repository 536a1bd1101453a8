import { afterAll, beforeAll, expect, test } from 'vitest'
import { freshNumber, openSandbox, type Sandbox } from '../support/sandbox.ts'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox()
})
afterAll(() => sandbox.close())

test('an unpaid order is closed five minutes after it was made, and not before', async () => {
  const shop = sandbox.shop('documented')
  const tea = freshNumber()
  await shop.unifiedOrder(tea)

  const early = await shop.closeOrder(tea)
  expect(early).toMatchObject({ return_code: 'SUCCESS', result_code: 'FAIL' })
  expect(early).not.toHaveProperty('err_code')

  await shop.advance('5m')
  expect(await shop.closeOrder(tea)).toMatchObject({
    return_code: 'SUCCESS',
    result_code: 'SUCCESS',
    result_msg: 'OK',
  })
  expect(await shop.queryOrder(tea)).toMatchObject({ trade_state: 'CLOSED' })
  expect(await shop.historyOf(tea)).toEqual(['ordered', 'closed'])
})

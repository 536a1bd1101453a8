/** Calls of operators and of the sandbox that name no merchant: an order is never taken for another's. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { environmentNamed, freshNumber, openSandbox, orderRequest, type Sandbox } from '../support/sandbox.ts'

const [listed, other, stranger] = ['1900000110', '1900000111', '1900000112']
let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox({
    environments: [
      environmentNamed('one', 'observed', { merchants: [{ subMchId: listed }] }),
      environmentNamed('two', 'observed', { merchants: [{ subMchId: listed }, { subMchId: other }] }),
    ],
  })
})
afterAll(() => sandbox.close())

const order = async (envId: string, sub_mch_id: string, tea: string) => {
  const answer = await sandbox.shop(envId).answer('unifiedOrder', orderRequest(tea, { sub_mch_id }))
  expect(answer).toMatchObject({ result_code: 'SUCCESS' })
}
const prove = async (env_id: string, tea: string) => {
  const response = await fetch(`${sandbox.url}/api/orders/${tea}/proof?env_id=${env_id}`)
  return (await response.json()) as Record<string, unknown>
}
const close = (env_id: string, out_trade_no: string) =>
  sandbox.control('/api/orders/close', { env_id, out_trade_no })

test('the only merchant of an environment goes without saying, and its open order is not called safe to replace', async () => {
  const tea = freshNumber()
  await order('one', listed, tea)
  expect(await prove('one', tea)).toMatchObject({ sub_mch_id: listed, state: 'NOTPAY', safe: false })
  expect(await close('one', tea)).toMatchObject({ status: 200, json: { outcome: 'closed' } })
})

test('whoever has the number is meant, listed or not', async () => {
  const tea = freshNumber()
  await order('one', stranger, tea)
  expect(await prove('one', tea)).toMatchObject({ sub_mch_id: stranger, safe: false })
  expect(
    await sandbox.control('/sandbox/pay', { env_id: 'one', out_trade_no: tea }),
    'and by the sandbox too',
  ).toMatchObject({ status: 200 })
})

test('a number that several merchants have is nobody’s until one is named', async () => {
  const tea = freshNumber()
  await order('two', listed, tea)
  await order('two', other, tea)
  expect(await close('two', tea)).toMatchObject({
    status: 400,
    json: { error: { code: 'SEVERAL_MERCHANTS', message: expect.stringContaining(`${listed}, ${other}`) } },
  })
  expect(
    await sandbox.control('/api/orders/close', { env_id: 'two', sub_mch_id: other, out_trade_no: tea }),
  ).toMatchObject({ status: 200 })
})

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

test('the record of a change names the merchant that went without saying', async () => {
  const tea = freshNumber()
  await order('one', stranger, tea)
  await close('one', tea)
  const response = await fetch(`${sandbox.url}/api/audit?env_id=one&limit=1`)
  const { entries } = (await response.json()) as { entries: { asked: string }[] }
  expect(JSON.parse(entries[0]?.asked ?? '')).toMatchObject({ out_trade_no: tea, sub_mch_id: stranger })
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

test("one merchant's number of a refund is no order of another's", async () => {
  const tea = freshNumber()
  await order('two', listed, `${tea}-paid`)
  await sandbox.control('/sandbox/pay', { env_id: 'two', out_trade_no: `${tea}-paid` })
  const refund = { out_trade_no: `${tea}-paid`, out_refund_no: tea, refund_fee: 1 }
  expect(await sandbox.control('/api/orders/refund', { env_id: 'two', ...refund })).toMatchObject({
    status: 200,
  })
  await order('two', other, tea)
  expect(await prove('two', tea)).toMatchObject({ sub_mch_id: other })
})

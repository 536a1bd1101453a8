/** Calls of operators and of the sandbox that name no merchant: an order is never taken for another's. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { environmentNamed, freshNumber, openSandbox, orderRequest, type Sandbox } from '../support/sandbox.ts'

const [listed, other, stranger, quiet] = ['1900000110', '1900000111', '1900000112', '1900000555']
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
const seen = async (path: string) =>
  (await (await fetch(`${sandbox.url}${path}`)).json()) as Record<string, unknown>
const prove = (env_id: string, tea: string) => seen(`/api/orders/${tea}/proof?env_id=${env_id}`)
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

test('a number that a shop closed and never ordered is found by whoever looks for it', async () => {
  const [shop, tea] = ['1900000113', freshNumber('REMEM')]
  const closed = await sandbox.shop('one').answer('closeOrder', { sub_mch_id: shop, out_trade_no: tea })
  expect(closed).toMatchObject({ result_code: 'SUCCESS' })
  expect(await seen(`/api/orders?env_id=one&search=${tea}`)).toMatchObject({
    orders: [{ sub_mch_id: shop, out_trade_no: tea }],
  })
  expect(await seen(`/api/orders/${tea}?env_id=one`)).toMatchObject({ sub_mch_id: shop, state: 'CLOSED' })
  const orders = await sandbox.orders()
  expect(await close('one', tea)).toMatchObject({ status: 200, json: { outcome: 'already-closed' } })
  expect(await sandbox.orders(), 'and is closed at no other merchant').toBe(orders)

  const ordered = { sub_mch_id: shop, sub_appid: 'wx-of-its-first-order' }
  await sandbox.shop('one').answer('unifiedOrder', orderRequest(freshNumber(), ordered))
  expect(
    await sandbox.db.rows(`select sub_appid from merchants where env_id = 'one' and sub_mch_id = $1`, [shop]),
    'its first order still says of which app it is',
  ).toEqual([{ sub_appid: ordered.sub_appid }])
})

describe('callbacks that nobody took', () => {
  const untold: { sub_mch_id: string; out_trade_no: string; state: string }[] = []
  beforeAll(async () => {
    for (const merchant of [listed, other, other]) {
      const tea = freshNumber()
      await order('two', merchant, tea)
      await sandbox.control('/sandbox/pay', { env_id: 'two', sub_mch_id: merchant, out_trade_no: tea })
    }
    await sandbox.shop('two').advance('1m')
    const { callbacks } = await seen('/sandbox/callbacks?env_id=two&limit=200')
    untold.push(...(callbacks as typeof untold))
  })

  test('are sent again to the merchant that was named, at every door, and to all where none was', async () => {
    const state = untold[0]?.state ?? ''
    const countOf = (merchant?: string) =>
      untold.filter((one) => one.state === state && (merchant ?? one.sub_mch_id) === one.sub_mch_id).length
    expect([countOf(quiet), countOf(other), countOf()]).toEqual([0, expect.any(Number), untold.length])
    expect(countOf(other)).toBeLessThan(countOf())
    for (const sub_mch_id of [quiet, other, undefined]) {
      const count = countOf(sub_mch_id)
      const whose = { env_id: 'two', sub_mch_id }
      expect(await sandbox.control('/api/callbacks/resend', { ...whose, state })).toMatchObject({
        json: { outcome: 'resent', count },
      })
      await sandbox.shop('two').advance('1m')
      expect(await sandbox.control('/sandbox/callbacks', { ...whose, resend: state })).toMatchObject({
        json: { resent: count },
      })
      await sandbox.shop('two').advance('1m')
    }
  })

  test('are listed of the merchant that was named', async () => {
    const { callbacks } = await seen(`/sandbox/callbacks?env_id=two&limit=200&sub_mch_id=${other}`)
    expect((callbacks as typeof untold).map((one) => one.sub_mch_id)).toEqual([other, other])
  })
})

describe('the record of a change', () => {
  const byPage = { 'x-cloudpay-client': 'page' }
  const askedLast = async (envId: string): Promise<unknown> => {
    const { entries } = await seen(`/api/audit?env_id=${envId}&limit=1`)
    return JSON.parse((entries as { asked: string }[])[0]?.asked ?? '')
  }

  test('names no merchant where all were meant', async () => {
    await sandbox.control('/api/callbacks/resend', { env_id: 'one', state: 'exhausted' })
    expect(await askedLast('one')).toEqual({ env_id: 'one', state: 'exhausted' })
    await sandbox.control('/sandbox/callbacks', { env_id: 'one', resend: 'pending' }, byPage)
    expect(await askedLast('one')).toEqual({ env_id: 'one', resend: 'pending' })
  })

  test('names none for a prepay_id either, and the record of the call that of its order', async () => {
    const tea = freshNumber()
    const request = orderRequest(tea, { sub_mch_id: stranger })
    const { prepay_id } = await sandbox.shop('one').answer('unifiedOrder', request)
    const paid = await sandbox.control('/sandbox/pay', { env_id: 'one', prepay_id }, byPage)
    expect(paid).toMatchObject({ status: 200, json: { result: 'paid' } })
    expect(await askedLast('one')).toEqual({ env_id: 'one', prepay_id: '***' })
    const calls = async () =>
      (await seen(`/api/requests?env_id=one&door=sandbox&out_trade_no=${tea}`)).requests
    await expect.poll(calls).toMatchObject([{ method: 'pay', sub_mch_id: stranger }])
  })
})

test.each([
  { method: 'GET', path: '/sandbox/callbacks?env_id=two&out_trade_no=A&out_refund_no=B' },
  { method: 'POST', path: '/sandbox/callbacks' },
])(
  '$method $path: two numbers may be of two merchants, and are refused together',
  async ({ method, path }) => {
    const both = { env_id: 'two', out_trade_no: 'A', out_refund_no: 'B', resend: true }
    const answer = method === 'POST' ? (await sandbox.control(path, both)).json : await seen(path)
    expect(answer).toMatchObject({ error: { code: 'INVALID' } })
  },
)

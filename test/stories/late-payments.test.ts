/** A payment comes after its order was closed: what becomes of the money, by policy. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { operatorOf } from '../support/operator.ts'
import { environmentNamed, freshNumber, openSandbox, type Sandbox, subMchId } from '../support/sandbox.ts'

const policies = ['refund', 'adopt', 'ask'] as const
let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await openSandbox({
    environments: policies.map((policy) => environmentNamed(policy, 'observed', { latePayments: policy })),
  })
})
afterAll(() => sandbox.close())

const tooLate = { 'x-cloudpay-fault': 'paid-too-late' }

/** Ordered, closed, and paid all the same. */
async function paidTooLate(policy: (typeof policies)[number]) {
  const shop = sandbox.shop(policy)
  const outTradeNo = freshNumber('LATE')
  await shop.unifiedOrder(outTradeNo)
  expect(await shop.closeOrder(outTradeNo)).toMatchObject({ result_code: 'SUCCESS' })
  const asked = { env_id: policy, sub_mch_id: subMchId, out_trade_no: outTradeNo }
  const paid = await sandbox.control('/sandbox/pay', asked, tooLate)
  const refund = (refundFee: number) =>
    shop.answer('refund', {
      sub_mch_id: subMchId,
      out_trade_no: outTradeNo,
      out_refund_no: `${outTradeNo}-${refundFee}`,
      total_fee: 990,
      refund_fee: refundFee,
    })
  return { shop, outTradeNo, asked, paid, refund }
}

test('refund: the money goes back by itself, all of it and once', async () => {
  const { shop, outTradeNo, asked, paid, refund } = await paidTooLate('refund')
  expect(paid).toMatchObject({ status: 200, json: { result: 'paid_too_late', decision: 'refund' } })
  await shop.advance('1m')
  expect(await shop.historyOf(outTradeNo)).toEqual([
    'ordered',
    'closed',
    'paid-late',
    'refund-accepted',
    'returned',
  ])
  const metrics = await (await fetch(`${sandbox.url}/metrics`)).text()
  expect(metrics).toContain('cloudpay_late_payments_total{decision="refund"} 1')
  expect(metrics).toContain('cloudpay_unsettled{what="returning"} 0')
  expect(sandbox.log()).toContain('a payment came too late')
  expect(await refund(990), 'a second return').toMatchObject({ result_code: 'FAIL' })
  expect(await shop.queryOrder(outTradeNo)).toMatchObject({ trade_state: 'CLOSED' })
  expect((await sandbox.control('/sandbox/pay', asked, tooLate)).status, 'paid once more').toBe(409)
})

test('adopt: the payment stays, and the order is paid and told as paid', async () => {
  const { shop, outTradeNo, paid } = await paidTooLate('adopt')
  expect(paid.json).toMatchObject({ result: 'paid_too_late', decision: 'adopt' })
  expect(await shop.queryOrder(outTradeNo)).toMatchObject({ trade_state: 'SUCCESS' })
  const events = await shop.eventsOf(outTradeNo)
  expect(events.map(({ event, decision }) => decision ?? event)).toEqual([
    'ordered',
    'closed',
    'adopt',
    'paid',
  ])
})

test('adopt: where another attempt was paid the late one goes back', async () => {
  const shop = sandbox.shop('adopt')
  const [first, second] = [freshNumber('LATE'), freshNumber('LATE')]
  await shop.unifiedOrder(first)
  await shop.unifiedOrder(second, { replaces: first })
  expect((await shop.pay({ out_trade_no: second })).json.result).toBe('paid')
  const asked = { env_id: 'adopt', sub_mch_id: subMchId, out_trade_no: first }
  expect((await sandbox.control('/sandbox/pay', asked, tooLate)).json).toMatchObject({ decision: 'refund' })
  await shop.advance('1m')
  expect((await shop.historyOf(first))?.at(-1)).toBe('returned')
  expect(await shop.queryOrder(second)).toMatchObject({ trade_state: 'SUCCESS' })
})

test('adopt: the other attempt can be paid no more, and the purchase is not started again', async () => {
  const shop = sandbox.shop('adopt')
  const [first, second, third] = [freshNumber('LATE'), freshNumber('LATE'), freshNumber('LATE')]
  await shop.unifiedOrder(first)
  await shop.unifiedOrder(second, { replaces: first })
  const asked = { env_id: 'adopt', sub_mch_id: subMchId, out_trade_no: first }
  expect((await sandbox.control('/sandbox/pay', asked, tooLate)).json).toMatchObject({ decision: 'adopt' })
  expect((await shop.pay({ out_trade_no: second })).status).toBe(409)
  const again = await shop.unifiedOrder(third, { replaces: second })
  expect(again).toMatchObject({ err_code: 'ORDERPAID' })
  expect(again.err_code_des).toContain(first)
})

test('ask: nothing moves until the merchant refunds, and then the rest goes back too', async () => {
  const { shop, outTradeNo, paid, refund } = await paidTooLate('ask')
  expect(paid.json).toMatchObject({ result: 'paid_too_late' })
  expect(paid.json.decision).toBeUndefined()
  await shop.advance('2d')
  expect(await shop.historyOf(outTradeNo)).toEqual(['ordered', 'closed', 'paid-late'])
  expect(await refund(400)).toMatchObject({ result_code: 'SUCCESS' })
  await shop.advance('5m')
  expect(await shop.historyOf(outTradeNo)).toEqual([
    'ordered',
    'closed',
    'paid-late',
    'refund-accepted',
    'refund-accepted',
    'returned',
  ])
})

test('ask: a person adopts it: the order is paid, its callback due, and nothing goes back; decided once', async () => {
  const { shop, outTradeNo, refund } = await paidTooLate('ask')
  const operator = operatorOf(sandbox, 'ask')
  expect(await operator.decideLate(outTradeNo, 'adopt')).toMatchObject({
    outcome: 'decided',
    order: { state: 'SUCCESS', late: { decision: 'adopt', by: 'operator' }, notices: [{ kind: 'paid' }] },
  })
  expect(await operator.decideLate(outTradeNo, 'adopt')).toMatchObject({ outcome: 'decided' })
  expect(await operator.decideLate(outTradeNo, 'refund')).toEqual({ outcome: 'decided-otherwise' })
  await shop.advance('1h')
  expect(await shop.historyOf(outTradeNo)).toEqual(['ordered', 'closed', 'paid-late', 'decided', 'paid'])
  expect(await refund(990), 'as of any paid order').toMatchObject({ result_code: 'SUCCESS' })
})

test('ask: a person returns it; what was never late needs no decision', async () => {
  const { shop, outTradeNo } = await paidTooLate('ask')
  const operator = operatorOf(sandbox, 'ask')
  expect((await operator.decideLate(outTradeNo, 'refund')).outcome).toBe('decided')
  await shop.advance('1m')
  expect((await shop.historyOf(outTradeNo))?.slice(-3)).toEqual(['decided', 'refund-accepted', 'returned'])

  const open = freshNumber('LATE')
  await shop.unifiedOrder(open)
  expect(await operator.decideLate(open, 'refund')).toEqual({ outcome: 'not-late' })
  expect(await operator.decideLate(freshNumber('LATE'), 'refund')).toEqual({ outcome: 'not-found' })
})

test('ask: of two attempts that were paid one stays, whoever is asked to adopt the other', async () => {
  const shop = sandbox.shop('ask')
  const [first, second] = [freshNumber('LATE'), freshNumber('LATE')]
  await shop.unifiedOrder(first)
  await shop.unifiedOrder(second, { replaces: first })
  const asked = { env_id: 'ask', sub_mch_id: subMchId, out_trade_no: first }
  expect((await sandbox.control('/sandbox/pay', asked, tooLate)).json.result).toBe('paid_too_late')
  const operator = operatorOf(sandbox, 'ask')
  const [pay, adopt] = await Promise.all([
    shop.pay({ out_trade_no: second }),
    operator.decideLate(first, 'adopt'),
  ])
  const isPaid = pay.json.result === 'paid'
  expect(adopt).toMatchObject(isPaid ? { outcome: 'purchase-paid', paid: second } : { outcome: 'decided' })
  const states = await Promise.all(
    [first, second].map(async (one) => (await shop.queryOrder(one)).trade_state),
  )
  expect(states.filter((state) => state === 'SUCCESS')).toHaveLength(1)
})

test('without the fault a closed order refuses every payment', async () => {
  const { asked } = await paidTooLate('ask')
  expect((await sandbox.control('/sandbox/pay', asked)).status).toBe(409)
})

test('a closed order is replaced while its late payment waits for the merchant to have money: it goes back all the same', async () => {
  const shop = sandbox.shop('refund')
  const [first, second] = [freshNumber('LATE'), freshNumber('LATE')]
  const of = { env_id: 'refund', sub_mch_id: subMchId }
  await shop.unifiedOrder(first)
  await shop.closeOrder(first)
  await sandbox.control('/sandbox/balance', { ...of, set: 0 })
  await sandbox.control('/sandbox/pay', { ...of, out_trade_no: first }, tooLate)
  await shop.advance('1m')
  expect(await shop.unifiedOrder(second, { replaces: first })).toMatchObject({ result_code: 'SUCCESS' })
  expect(await shop.pay({ out_trade_no: second })).toMatchObject({ status: 200 })
  await sandbox.control('/sandbox/balance', { ...of, unlimited: true })
  await shop.advance('2h')
  expect(await shop.historyOf(first)).toEqual(expect.arrayContaining(['refund-accepted', 'returned']))
})

test('ask: until a person has decided, the payment may stay, and nobody is sold the same again', async () => {
  const { shop, outTradeNo } = await paidTooLate('ask')
  const again = freshNumber('LATE')
  expect(await shop.unifiedOrder(again, { replaces: outTradeNo })).toMatchObject({
    err_code: 'ORDERPAID',
    err_code_des: expect.stringContaining(outTradeNo),
  })
  const operator = operatorOf(sandbox, 'ask')
  expect(await operator.prove(outTradeNo)).toMatchObject({ proof: { safe: false } })
  expect(await operator.decideLate(outTradeNo, 'refund')).toMatchObject({ outcome: 'decided' })
  expect(await shop.unifiedOrder(again, { replaces: outTradeNo })).toMatchObject({ result_code: 'SUCCESS' })
})

test('a late payment is found by its transaction: queried, refunded, and refunded again as the same', async () => {
  const { shop, outTradeNo } = await paidTooLate('ask')
  const found = await operatorOf(sandbox, 'ask').orders.get(outTradeNo)
  const transactionId = found.outcome === 'found' ? found.order.late?.transactionId : undefined
  const asked = {
    sub_mch_id: subMchId,
    transaction_id: transactionId,
    out_refund_no: `${outTradeNo}-R`,
    total_fee: 990,
    refund_fee: 990,
  }
  for (let call = 0; call < 2; call++)
    expect(await shop.answer('refund', asked), `call ${call}`).toMatchObject({
      result_code: 'SUCCESS',
      transaction_id: transactionId,
    })
  expect(
    await shop.answer('queryRefund', { sub_mch_id: subMchId, transaction_id: transactionId }),
  ).toMatchObject({ result_code: 'SUCCESS' })
  expect(
    await shop.answer('queryOrder', { sub_mch_id: subMchId, transaction_id: transactionId }),
  ).toMatchObject({ trade_state: 'CLOSED' })
})

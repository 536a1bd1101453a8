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

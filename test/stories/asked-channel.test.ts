/** What a channel that forgets, refuses, lies and answers late makes of orders and refunds: nothing stays uncertain for good. */
import { afterEach, expect, test } from 'vitest'
import type { Channel, QueryAnswer } from '../../src/channels/channel.ts'
import { askedShop } from '../support/asked-shop.ts'

const minutes = (count: number) => count * 60_000
const days = (count: number) => minutes(count * 24 * 60)

const opened: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const shop of opened.splice(0)) await shop.close()
})
async function open(...spoil: Parameters<typeof askedShop>) {
  const shop = await askedShop(...spoil)
  opened.push(shop)
  return shop
}

const heard = (asked: Promise<{ outcome: { outcome: string } }>) =>
  asked.then(
    ({ outcome }) => outcome.outcome,
    () => 'not known',
  )

test('the channel forgets a number that it handed out: long after its time it is closed, and its successor with it', async () => {
  const forgotten = { is: false }
  const unlessForgotten =
    <Answer>(answer: Answer, honest: (order: never) => Promise<unknown>) =>
    (order: { outTradeNo: string }) =>
      forgotten.is && order.outTradeNo === 'A' ? Promise.resolve(answer) : honest(order as never)
  const shop = await open(
    (honest) =>
      ({
        close: unlessForgotten({ said: 'unknown-number' }, honest.close),
        query: unlessForgotten({ state: 'unknown-number' }, honest.query),
      }) as Partial<Channel>,
  )
  expect(await heard(shop.gateway.order('A'))).toBe('prepaid')
  forgotten.is = true
  expect(await heard(shop.gateway.order('B', 'A')), 'it may be payable there').toBe('not known')
  await shop.passes(days(1), minutes(5))
  expect(await shop.row('A')).toMatchObject({ state: 'CLOSED', asking: { evidence: 'expired' } })
  expect(await shop.row('B'), 'its own time was over while it waited').toMatchObject({ state: 'CLOSED' })
  expect(await heard(shop.gateway.order('B', 'A')), 'and its shop hears so').toBe('closed')
})

test('the channel refuses to close for ever: long after its time the order cannot be paid, and is closed', async () => {
  const shop = await open(() => ({
    close: () => Promise.resolve({ refused: { code: 'NOAUTH', message: 'no' } }),
  }))
  await shop.gateway.order('A')
  await shop.passes(days(1), minutes(5))
  expect(await shop.row('A')).toMatchObject({ state: 'CLOSED', asking: { evidence: 'expired' } })
})

test('it said CLOSED once and NOTPAY ever after: the order is watched for 25 hours, and then left alone', async () => {
  let calls = 0
  const lie = { once: false }
  const shop = await open((honest) => ({
    close: () => Promise.resolve({ said: 'closed' }),
    query(order) {
      calls++
      if (!lie.once) return honest.query(order)
      lie.once = false
      return Promise.resolve<QueryAnswer>({ state: 'CLOSED' })
    },
  }))
  await shop.gateway.order('A')
  lie.once = true
  expect(await heard(shop.gateway.close('A'))).toBe('closed')
  await shop.passes(days(2), minutes(10))
  const after = calls
  await shop.passes(days(2), minutes(10))
  expect(calls, 'nobody asks any more').toBe(after)
})

test('an answer that is read late says how things stood when it was asked: the payment after it is no late one', async () => {
  const state = { done: false }
  const expires = { at: 0 }
  const shop = await open((honest, clock) => ({
    close: () => Promise.resolve({ said: 'closed' }),
    async query(order) {
      const answer = await honest.query(order)
      if (!state.done && clock.now > expires.at - minutes(4.9) && clock.now < expires.at) {
        state.done = true
        // It is paid before its time is over, and the only gateway stands still until long after.
        expect(shop.pays('A')).toBe('paid')
        clock.now = expires.at + minutes(10)
      }
      return answer
    },
  }))
  expires.at = shop.clock.now + minutes(40)
  await shop.gateway.order('A')
  await shop.passes(minutes(35), 5_000)
  await heard(shop.gateway.close('A'))
  await shop.passes(minutes(60), 5_000)
  expect(state.done).toBe(true)
  expect(await shop.row('A')).toMatchObject({ state: 'SUCCESS', late: null })
})

test('a payment that came while the channel was being asked is asked for again, when somebody says so', async () => {
  const { hintPaid } = await import('../../src/ledger/start-close.ts')
  const { openBatcher } = await import('../../src/ledger/db/batcher.ts')
  const hint = { on: false }
  const shop = await open((honest, clock) => ({
    async query(order) {
      const answer = await honest.query(order)
      if (hint.on) {
        hint.on = false
        shop.pays('A')
        clock.now += 100
        const ledger = { db: shop.db, batcher: openBatcher(shop.db, 1), parts: 1 }
        const key = { part: 0, envId: order.envId, subMchId: order.subMchId, outTradeNo: 'A' }
        await hintPaid(ledger, key, new Date(clock.now))
      }
      return answer
    },
  }))
  await shop.gateway.order('A')
  hint.on = true
  await shop.db.rows('update orders set due_at = $1', [new Date(shop.clock.now)])
  await shop.passes(2_000, 500)
  expect(await shop.row('A')).toMatchObject({ state: 'SUCCESS' })
})

test('a fresh prepay is refused and the order was paid by the one before: the shop hears that it is paid', async () => {
  const shop = await open()
  await shop.gateway.order('A')
  await shop.db.rows(`update orders set payable_until = $1, expires_at = $2, asking = asking - 'closeAt'`, [
    new Date(shop.clock.now - 1),
    new Date(shop.clock.now + days(1)),
  ])
  expect(shop.pays('A')).toBe('paid')
  for (let call = 0; call < 2; call++) expect(await heard(shop.gateway.order('A'))).toBe('paid')
})

test('an empty account for a whole night uses up no refund: the late payment goes back when it is filled', async () => {
  const shop = await open()
  await shop.gateway.order('A')
  expect(await heard(shop.gateway.close('A'))).toBe('closed')
  const booked = shop.books.orders.get('A')
  if (booked === undefined) throw new Error('the channel has no order')
  booked.state = 'PAID'
  booked.payment = { transactionId: 't', openid: 'o', paidAt: new Date(shop.clock.now) }
  shop.account.isEmpty = true
  await shop.passes(days(1), minutes(2))
  shop.account.isEmpty = false
  for (let hour = 0; hour < 6; hour++) {
    await shop.passes(minutes(60), minutes(30))
    shop.books.settleRefunds(() => 'SUCCESS')
  }
  expect(await shop.row('A')).toMatchObject({ late: { returnedAt: expect.any(String) } })
  expect([...shop.books.refunds.values()].filter(({ state }) => state === 'SUCCESS')).toHaveLength(1)
})

test('a refund is refused while what was sent before is under way: its money is spoken for until nothing can overtake', async () => {
  const sent: (() => unknown)[] = []
  let calls = 0
  const shop = await open((honest, clock) => ({
    async refund(refund) {
      calls++
      if (calls === 1) {
        sent.push(() => honest.refund(refund))
        return { unsure: 'no answer' }
      }
      shop.account.isEmpty = true
      const answer = await honest.refund(refund)
      shop.account.isEmpty = false
      // What was sent first arrives, and the gateway stands still with its refusal.
      for (const arrive of sent.splice(0)) arrive()
      clock.now += minutes(6)
      return answer
    },
  }))
  await shop.gateway.order('A')
  shop.pays('A')
  await shop.db.rows('update orders set due_at = $1', [new Date(shop.clock.now)])
  await shop.gateway.look()
  await heard(shop.gateway.refund('A', 'R1', 300))
  await shop.passes(minutes(30), 10_000)
  shop.books.settleRefunds(() => 'SUCCESS')
  await shop.passes(minutes(30), 10_000)
  expect(await shop.refundOf('R1'), 'as the channel has it').toMatchObject({ state: 'SUCCESS' })
  expect(await heard(shop.gateway.refund('A', 'R1', 300))).toBe('accepted')
})

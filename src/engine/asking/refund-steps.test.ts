/** A reserve is freed only by a refusal that nothing which was sent before can overtake. */
import { expect, test } from 'vitest'
import { takesEffectBefore } from '../../channels/channel.ts'
import type { AskingRefund } from '../../ledger/asking.ts'
import { afterRefund, afterRefundQuery, begunBefore } from './refund-steps.ts'

const minute = (count: number) => new Date(Date.UTC(2030, 0, 1) + count * 60_000)
const first: AskingRefund = { next: 'refund', tries: 0 }
const refused = { refused: { code: 'NOTENOUGH', message: 'no money' } }
const unsure = { unsure: 'no answer' }
const accepted = { accepted: { refundId: '500' } }

test('the first answer is a refusal: that is certain', () => {
  expect(afterRefund(first, refused, minute(0))).toMatchObject({
    settled: 'REFUNDCLOSE',
    asking: { refusal: refused.refused },
  })
})

test('refused after an answer was lost: what was sent first may still be accepted, for as long as it can be under way', () => {
  const { asking } = afterRefund(first, unsure, minute(0))
  expect(asking.next, 'a lost answer is no refusal').toBe('query')
  expect(afterRefund(asking, refused, minute(4)), 'four minutes later').not.toHaveProperty('settled')
  expect(afterRefund(asking, refused, minute(5)), 'five minutes later').toHaveProperty(
    'settled',
    'REFUNDCLOSE',
  )
})

test('whoever asked before may have died: what is written before anything is sent says until when it counts', () => {
  const begun = begunBefore(first, minute(0))
  const just = new Date(takesEffectBefore(minute(0)).getTime() - 1)
  expect(afterRefund(begun, refused, just)).not.toHaveProperty('settled')
  expect(afterRefund(begun, refused, takesEffectBefore(minute(0)))).toHaveProperty('settled', 'REFUNDCLOSE')
})

test('what was accepted is never asked for again, though the channel does not know it for a while', () => {
  const { asking } = afterRefund(first, accepted, minute(0))
  expect(afterRefundQuery(asking, { state: 'unknown-number' }, minute(1)).asking).toMatchObject({
    next: 'query',
    accepted: true,
  })
})

test('what it never got it gets again, under the same number', () => {
  const { asking } = afterRefund(first, unsure, minute(0))
  expect(afterRefundQuery(asking, { state: 'unknown-number' }, minute(1)).asking.next).toBe('refund')
  expect(afterRefundQuery(asking, unsure, minute(1)).asking.next, 'no answer').toBe('query')
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Notice } from '../ledger/notices.ts'
import type { DeliveryFault } from '../protocol/acknowledgement.ts'
import { retryPauses } from '../protocol/retry-schedule.ts'
import { afterAttempt, isDue, sentAgain } from './next-step.ts'

const start = new Date('2026-11-23T00:00:00Z')
const fault = (code: DeliveryFault['code']): DeliveryFault => ({ code, text: { zh: '坏了', en: 'broken' } })
const first: Notice = {
  kind: 'paid',
  state: 'pending',
  since: start.toISOString(),
  next: start.toISOString(),
  attempts: 0,
  step: 0,
}

/** Tries again and again, each time when it is due; when the attempts were, in seconds. */
function untilOver(notice: Notice, pauses?: readonly number[]): { times: number[]; last: Notice } {
  const times: number[] = []
  let last = notice
  while (last.next !== undefined) {
    const at = new Date(last.next)
    times.push((at.getTime() - start.getTime()) / 1000)
    last = afterAttempt(last, fault('timeout'), at, pauses)
  }
  return { times, last }
}

test('v2 tries sixteen times in 24 h 4 min, CloudPay goes on within two days', () => {
  const v2 = untilOver(first, retryPauses.v2)
  expect(v2.times).toHaveLength(16)
  expect(v2.times.at(-1)).toBe(86_640)
  const cloudPay = untilOver(first)
  expect(cloudPay.times.slice(0, 16)).toEqual(v2.times)
  expect(cloudPay.times.at(-1)).toBeLessThanOrEqual(48 * 3_600)
  expect(48 * 3_600 - (cloudPay.times.at(-1) ?? 0), 'one more would be too late').toBeLessThan(6 * 3_600)
  expect(cloudPay.last).toMatchObject({ state: 'exhausted', attempts: 19 })
})

test('why it failed stays until it is acknowledged', () => {
  const failed = afterAttempt(first, fault('http-status'), start)
  expect(failed).toMatchObject({ state: 'failing', fault: { code: 'http-status', en: 'broken', zh: '坏了' } })
  expect(afterAttempt(first, fault('not-hosted'), start)).toMatchObject({ state: 'undeliverable' })
  const told = afterAttempt(failed, undefined, start)
  expect(told).toMatchObject({ state: 'delivered', attempts: 2 })
  expect(told).not.toHaveProperty('fault')
  expect(told).not.toHaveProperty('next')
})

test('a copy of an acknowledged notice comes a second later, and its failure changes nothing', () => {
  const told = afterAttempt({ ...first, copies: 1 }, undefined, start)
  expect(told).toMatchObject({ state: 'delivered', next: '2026-11-23T00:00:01.000Z' })
  const after = afterAttempt(told, fault('timeout'), new Date(told.next ?? 0))
  expect(after).toMatchObject({ state: 'delivered', attempts: 2 })
  expect(after).not.toHaveProperty('next')
})

test('sent again by hand it begins a new series, and counts on', () => {
  const { last } = untilOver(first, retryPauses.v2)
  const again = sentAgain(last, start)
  expect(isDue(again, start)).toBe(true)
  expect(untilOver(again, retryPauses.v2).last).toMatchObject({ state: 'exhausted', attempts: 32 })
})

test('whatever happens, an acknowledged notice stays delivered, time goes on, and a series ends', () => {
  const end = fc.constantFrom<DeliveryFault['code'] | 'ok'>('ok', 'timeout', 'not-hosted')
  const pauses = fc.array(fc.integer({ min: 1, max: 1e9 }), { maxLength: 20 })
  fc.assert(
    fc.property(
      fc.array(end, { maxLength: 60 }),
      pauses,
      fc.integer({ min: 0, max: 3 }),
      (ends, waits, copies) => {
        let notice: Notice = { ...first, copies }
        let acknowledged = false
        let attempts = 0
        for (const one of ends) {
          if (notice.next === undefined) break
          const at = new Date(notice.next)
          notice = afterAttempt(notice, one === 'ok' ? undefined : fault(one), at, waits)
          attempts++
          acknowledged ||= one === 'ok'
          expect(notice.state === 'delivered').toBe(acknowledged)
          expect(notice.attempts).toBe(attempts)
          if (notice.next !== undefined) expect(new Date(notice.next) > at).toBe(true)
        }
        expect(attempts).toBeLessThanOrEqual(waits.length + 1 + copies)
      },
    ),
  )
})

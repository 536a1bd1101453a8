import { expect, test } from 'vitest'
import { closableFrom, ordered, renewed, revived } from './deadlines.ts'

const at = new Date('2026-11-23T00:00:00Z')
const in_ = (ms: number) => new Date(at.getTime() + ms)
const hour = 3_600_000
const day = 24 * hour

test('an order without time_expire can be paid for two hours at a time, for seven days', () => {
  expect(ordered(at, undefined)).toEqual({ payableUntil: in_(2 * hour), expiresAt: in_(7 * day) })
})

test('its own time_expire ends an order before its prepay does', () => {
  expect(ordered(at, in_(hour))).toEqual({ payableUntil: in_(hour), expiresAt: in_(hour) })
})

test('a fresh prepay never outlives the order', () => {
  expect(renewed(in_(3 * hour), in_(4 * hour)).payableUntil).toEqual(in_(4 * hour))
  expect(renewed(in_(3 * hour), in_(7 * day)).payableUntil).toEqual(in_(5 * hour))
})

test('a revived order starts its days anew', () => {
  expect(revived(in_(8 * day))).toEqual({ payableUntil: in_(8 * day + 2 * hour), expiresAt: in_(15 * day) })
})

test('where the rules make it wait, an order can be closed from five minutes on, elsewhere ever', () => {
  expect(closableFrom(at, true)).toEqual(in_(5 * 60_000))
  expect(closableFrom(at, false).getTime()).toBeLessThan(at.getTime())
})

import { expect, test } from 'vitest'
import { type ClosingRules, closableFrom, ordered, renewed, revived } from './deadlines.ts'

const at = new Date('2026-11-23T00:00:00Z')
const in_ = (ms: number) => new Date(at.getTime() + ms)
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

const usual: ClosingRules = { closeAtTimeExpire: true, closeAfterSevenDays: true }
/** No order has to wait. */
const ever = closableFrom(at, false)
/** Those of `documented`. */
const fromFive = closableFrom(at, true)

test('an order without time_expire can be paid for two hours at a time, and is closed after seven days', () => {
  expect(ordered(at, undefined, usual, ever)).toEqual({
    payableUntil: in_(2 * hour),
    expiresAt: in_(7 * day),
    closeAt: in_(7 * day),
    closeWhy: 'seven_days',
  })
})

test('its own time_expire ends an order before its prepay does, and closes it', () => {
  expect(ordered(at, in_(hour), usual, ever)).toEqual({
    payableUntil: in_(hour),
    expiresAt: in_(hour),
    closeAt: in_(hour),
    closeWhy: 'time_expire',
  })
})

test('where an environment closes orders after a time of its own, that time is theirs', () => {
  const rules = { ...usual, closeAfter: 30 * minute }
  expect(ordered(at, undefined, rules, ever)).toMatchObject({
    payableUntil: in_(30 * minute),
    expiresAt: in_(30 * minute),
    closeAt: in_(30 * minute),
    closeWhy: 'close_after',
  })
  expect(ordered(at, in_(10 * minute), rules, ever), 'the first of them ends it').toMatchObject({
    closeAt: in_(10 * minute),
    closeWhy: 'time_expire',
  })
})

test('a time_expire of a month ends with the seven days of the system', () => {
  expect(ordered(at, in_(30 * day), usual, ever)).toMatchObject({
    expiresAt: in_(7 * day),
    closeWhy: 'seven_days',
  })
})

test('what ends an order within five minutes ends it then, and closes it once the rules allow', () => {
  expect(ordered(at, in_(minute), usual, fromFive)).toEqual({
    payableUntil: in_(minute),
    expiresAt: in_(minute),
    closeAt: in_(5 * minute),
    closeWhy: 'time_expire',
  })
})

test('each can be switched off: the order is out of time all the same, and is closed by what is left', () => {
  const noTimeExpire = { ...usual, closeAtTimeExpire: false }
  expect(ordered(at, in_(hour), noTimeExpire, ever)).toMatchObject({
    expiresAt: in_(hour),
    closeAt: in_(7 * day),
    closeWhy: 'seven_days',
  })
  const none = { closeAtTimeExpire: false, closeAfterSevenDays: false }
  expect(ordered(at, in_(hour), none, fromFive)).toEqual({
    payableUntil: in_(hour),
    expiresAt: in_(hour),
    closeAt: undefined,
    closeWhy: undefined,
  })
})

test('a fresh prepay never outlives the order', () => {
  expect(renewed(in_(3 * hour), in_(4 * hour)).payableUntil).toEqual(in_(4 * hour))
  expect(renewed(in_(3 * hour), in_(7 * day)).payableUntil).toEqual(in_(5 * hour))
})

test('a revived order starts its days anew', () => {
  expect(revived(in_(8 * day), usual)).toMatchObject({
    payableUntil: in_(8 * day + 2 * hour),
    expiresAt: in_(15 * day),
    closeAt: in_(15 * day),
    closeWhy: 'seven_days',
  })
})

test('where the rules make it wait, an order can be closed from five minutes on, elsewhere ever', () => {
  expect(fromFive).toEqual(in_(5 * minute))
  expect(ever.getTime()).toBeLessThan(at.getTime())
})

import { expect, test } from 'vitest'
import {
  asLedgerError,
  DatabaseError,
  LedgerUnavailable,
  maxAttempts,
  meaningOf,
  sqlstateOf,
  untilOutOfTheWay,
} from './db.ts'

const driverError = (code?: string) => Object.assign(new Error('as the driver says it'), { code })

test('deadlock and lost serialisation are tried again', () => {
  expect(['40P01', '40001'].map(meaningOf)).toEqual(['again', 'again'])
})

test('what concerns the server and not the statement leaves the ledger unavailable', () => {
  const states = ['08006', '08001', '57P01', '57P03', '57014', '53100', '53300', '58P01', '58030', '25006']
  for (const sqlstate of [...states, undefined]) expect(meaningOf(sqlstate), sqlstate).toBe('unavailable')
})

test('all else was refused, a wrong number of parameters too', () => {
  const states = ['23505', '22P02', '25P02', '42601', 'XX000', '08P01']
  for (const sqlstate of states) expect(meaningOf(sqlstate), sqlstate).toBe('refused')
})

test("Node's codes are no SQLSTATEs, not even the one of five letters", () => {
  for (const code of ['EPIPE', 'ECONNRESET', 'ENOSPC', undefined]) {
    expect(sqlstateOf(driverError(code))).toBeUndefined()
    expect(asLedgerError(driverError(code))).toBeInstanceOf(LedgerUnavailable)
  }
  expect(sqlstateOf(driverError('23505'))).toBe('23505')
  expect(sqlstateOf('thrown text')).toBeUndefined()
})

test('a refusal keeps its SQLSTATE and its cause', () => {
  const cause = driverError('23505')
  const error = asLedgerError(cause)
  expect(error).toBeInstanceOf(DatabaseError)
  expect(error).toMatchObject({ sqlstate: '23505', cause })
  expect(asLedgerError(error)).toBe(error)
})

test('whoever was in the way once is asked again', async () => {
  let asked = 0
  const answer = await untilOutOfTheWay(async () => {
    asked++
    if (asked < 3) throw new DatabaseError('40P01', 'deadlock detected')
    return asked
  })
  expect(answer).toBe(3)
})

test('asking again has an end, and that is an unavailable ledger', async () => {
  let asked = 0
  const always = untilOutOfTheWay(async () => {
    asked++
    throw new DatabaseError('40001', 'could not serialize access')
  })
  await expect(always).rejects.toBeInstanceOf(LedgerUnavailable)
  expect(asked).toBe(maxAttempts)
})

test('a refusal is not asked again', async () => {
  let asked = 0
  const refused = untilOutOfTheWay(async () => {
    asked++
    throw new DatabaseError('23505', 'duplicate key')
  })
  await expect(refused).rejects.toMatchObject({ sqlstate: '23505' })
  expect(asked).toBe(1)
})

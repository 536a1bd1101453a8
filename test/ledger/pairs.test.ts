/**
 * Every pair of commands that may meet on one order, in both orders, the first one held open: it has done its work and
 * not committed when the second arrives. On a real PostgreSQL, with two ledgers that share nothing but the database.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { closeLongestDue } from '../../src/ledger/close-due-orders.ts'
import { closeOrder, closeOrders, rememberClosed, rememberNumbers } from '../../src/ledger/close-order.ts'
import { createOrder, createOrders, freshPrepays, renewPrepay } from '../../src/ledger/create-order.ts'
import type { Db, Statements } from '../../src/ledger/db/db.ts'
import { type Ledger, migrateLedger, openLedger } from '../../src/ledger/ledger.ts'
import { findOrderIn } from '../../src/ledger/order.ts'
import { payOrder, payOrders } from '../../src/ledger/pay-order.ts'
import { type Replace, type Replaced, replaceOnce, replaceOrder } from '../../src/ledger/replace-order.ts'
import { type FreshPostgres, freshPostgres } from '../support/databases.ts'
import { asked, commandId, creation, minute, payment } from '../support/ledger-shop.ts'
import { freshNumber } from '../support/sandbox.ts'

let database: FreshPostgres
let first: Ledger
let second: Ledger
beforeAll(async () => {
  database = await freshPostgres()
  const db = await database.open()
  await migrateLedger(db, new Date(0))
  first = await openLedger(db, { lanes: 1 })
  second = await openLedger(await database.open(), { lanes: 1 })
})
afterAll(() => database.close())

let tea = ''
beforeEach(() => {
  tea = freshNumber('PAIR')
})

const ask = (at: Date) => asked(first, tea, at)
const create = (at = minute(0)) => ({ ...creation(first, tea), at })
const renewal = (at: Date) => ({
  ...ask(at),
  kind: 'renew' as const,
  prepayId: commandId(),
  payableUntil: minute(239),
  expiresAt: minute(240),
})
const revival = (at: Date) => ({
  ...renewal(at),
  kind: 'revive' as const,
  payableUntil: minute(600),
  expiresAt: minute(900),
})

/** A command: how it is held open inside a transaction, and how a caller carries it out and what it hears. */
interface Command {
  readonly hold: (tx: Statements, at: Date) => Promise<unknown>
  readonly call: (ledger: Ledger, at: Date) => Promise<string>
}

const heard = (settled: { moved: unknown } | { refused: string }) =>
  'moved' in settled ? 'moved' : settled.refused

/** Another attempt takes its place; each has a number of its own. */
const replacement = (at: Date): Replace => ({
  create: {
    ...creation(first, freshNumber('PAIR')),
    at,
    closableFrom: at,
    payableUntil: minute(900),
    expiresAt: minute(900),
    closeAt: minute(900),
  },
  replaces: tea,
})
const replaced = (outcome: Replaced | undefined) => {
  if (outcome === undefined || 'existing' in outcome) return 'exists'
  return 'created' in outcome ? 'moved' : outcome.refused
}

const commands: Record<
  'create' | 'remember' | 'pay' | 'close' | 'renew' | 'revive' | 'replace' | 'end',
  Command
> = {
  create: {
    hold: (tx, at) => createOrders.run(tx, 0, [create(at)]),
    call: async (ledger, at) => ((await createOrder(ledger, create(at))) === undefined ? 'exists' : 'moved'),
  },
  remember: {
    hold: (tx, at) => rememberNumbers.run(tx, 0, [{ ...ask(at), clock: 'pairs' }]),
    call: async (ledger, at) =>
      (await rememberClosed(ledger, { ...ask(at), clock: 'pairs' })) ? 'moved' : 'exists',
  },
  pay: {
    hold: (tx, at) => payOrders.run(tx, 0, [payment(first, tea, at)]),
    call: async (ledger, at) => heard(await payOrder(ledger, payment(first, tea, at))),
  },
  close: {
    hold: (tx, at) => closeOrders.run(tx, 0, [ask(at)]),
    call: async (ledger, at) => heard(await closeOrder(ledger, ask(at))),
  },
  renew: {
    hold: (tx, at) => freshPrepays.renew.run(tx, 0, [renewal(at)]),
    call: async (ledger, at) => heard(await renewPrepay(ledger, renewal(at))),
  },
  revive: {
    hold: (tx, at) => freshPrepays.revive.run(tx, 0, [revival(at)]),
    call: async (ledger, at) => heard(await renewPrepay(ledger, revival(at))),
  },
  replace: {
    hold: (tx, at) => replaceOnce(tx, replacement(at)),
    call: async (ledger, at) => replaced(await replaceOrder(ledger.db, replacement(at))),
  },
  // The engine closes what is due: it passes by what others hold, so it is only ever the first here.
  end: {
    hold: (tx, at) =>
      closeLongestDue(tx, { part: 0, clock: 'ledger', at, commandId: commandId(), limit: 1_000 }),
    call: () => Promise.reject(new Error('the engine waits for nobody')),
  },
}
type Name = keyof typeof commands

/** Until some session of this database waits for another's lock. */
async function untilBlocked(watch: Db): Promise<void> {
  for (;;) {
    const waiting = await watch.rows(
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    if (waiting.length > 0) return
  }
}

class ChangedMyMind extends Error {}

/** The first holds its row, the second arrives and waits; then the first commits, or thinks better of it. */
async function meet(one: Name, other: Name, at: Date, commits: boolean): Promise<string> {
  let second_: Promise<string> | undefined
  await first.db
    .transaction(async (tx) => {
      await commands[one].hold(tx, at)
      second_ = commands[other].call(second, at)
      await untilBlocked(second.db)
      if (!commits) throw new ChangedMyMind()
    })
    .catch((error: unknown) => {
      if (!(error instanceof ChangedMyMind)) throw error
    })
  if (second_ === undefined) throw new Error('the second never came')
  return second_
}

const stateNow = async () => (await findOrderIn(second.db, ask(minute(0))))?.state

/**
 * `at`: a minute at which both may move. `hears`: what the second hears after the first, and where the order stands.
 * `alone`: what it hears when the first thought better of it.
 */
const table: readonly [Name, Name, number, { hears: string; state: string; alone: string }][] = [
  ['pay', 'pay', 10, { hears: 'already-paid', state: 'SUCCESS', alone: 'moved' }],
  ['pay', 'close', 10, { hears: 'already-paid', state: 'SUCCESS', alone: 'moved' }],
  ['close', 'pay', 10, { hears: 'closed', state: 'CLOSED', alone: 'moved' }],
  ['close', 'close', 10, { hears: 'closed', state: 'CLOSED', alone: 'moved' }],
  ['close', 'renew', 130, { hears: 'closed', state: 'CLOSED', alone: 'moved' }],
  ['renew', 'close', 130, { hears: 'moved', state: 'CLOSED', alone: 'moved' }],
  ['renew', 'renew', 130, { hears: 'still-payable', state: 'NOTPAY', alone: 'moved' }],
  // A fresh prepay makes payable what was not: the payment that waited for it is not lost.
  ['renew', 'pay', 130, { hears: 'moved', state: 'SUCCESS', alone: 'out-of-time' }],
  ['revive', 'pay', 250, { hears: 'moved', state: 'SUCCESS', alone: 'out-of-time' }],
  ['revive', 'revive', 250, { hears: 'not-expired', state: 'NOTPAY', alone: 'moved' }],
  ['revive', 'close', 250, { hears: 'moved', state: 'CLOSED', alone: 'moved' }],
  ['close', 'revive', 250, { hears: 'closed', state: 'CLOSED', alone: 'moved' }],
  ['replace', 'pay', 10, { hears: 'closed', state: 'CLOSED', alone: 'moved' }],
  ['replace', 'pay', 3, { hears: 'closed', state: 'CLOSING', alone: 'moved' }],
  ['pay', 'replace', 10, { hears: 'paid', state: 'SUCCESS', alone: 'moved' }],
  ['replace', 'replace', 10, { hears: 'replaced', state: 'CLOSED', alone: 'moved' }],
  ['replace', 'close', 3, { hears: 'too-early', state: 'CLOSING', alone: 'too-early' }],
  ['replace', 'close', 10, { hears: 'closed', state: 'CLOSED', alone: 'moved' }],
  ['close', 'replace', 10, { hears: 'moved', state: 'CLOSED', alone: 'moved' }],
  ['replace', 'renew', 130, { hears: 'closed', state: 'CLOSED', alone: 'moved' }],
  ['renew', 'replace', 130, { hears: 'moved', state: 'CLOSED', alone: 'moved' }],
  ['replace', 'revive', 250, { hears: 'closed', state: 'CLOSED', alone: 'moved' }],
  ['revive', 'replace', 250, { hears: 'moved', state: 'CLOSED', alone: 'moved' }],
  ['end', 'close', 250, { hears: 'closed', state: 'CLOSED', alone: 'moved' }],
  ['end', 'pay', 250, { hears: 'closed', state: 'CLOSED', alone: 'out-of-time' }],
  ['end', 'replace', 250, { hears: 'moved', state: 'CLOSED', alone: 'moved' }],
  ['end', 'revive', 250, { hears: 'closed', state: 'CLOSED', alone: 'moved' }],
  ['renew', 'revive', 130, { hears: 'not-expired', state: 'NOTPAY', alone: 'not-expired' }],
  ['revive', 'renew', 250, { hears: 'still-payable', state: 'NOTPAY', alone: 'expired' }],
]

describe.each(table)('%s held open, then %s', (one, other, at, { hears, state, alone }) => {
  beforeEach(() => createOrder(first, create()))

  test(`and the first commits: the second hears ${hears}, the order is ${state}`, async () => {
    expect(await meet(one, other, minute(at), true)).toBe(hears)
    expect(await stateNow()).toBe(state)
  })

  test(`and the first rolls back: the second hears ${alone}`, async () => {
    expect(await meet(one, other, minute(at), false)).toBe(alone)
  })
})

const onNumbers: readonly [Name, Name, string][] = [
  ['create', 'create', 'NOTPAY'],
  ['create', 'remember', 'NOTPAY'],
  ['remember', 'create', 'CLOSED'],
  ['remember', 'remember', 'CLOSED'],
]

describe.each(onNumbers)('%s of a free number held open, then %s', (one, other, state) => {
  test(`and the first commits: the second finds it there, ${state}`, async () => {
    expect(await meet(one, other, minute(0), true)).toBe('exists')
    expect(await stateNow()).toBe(state)
  })

  test('and the first rolls back: the number is free for the second', async () => {
    expect(await meet(one, other, minute(0), false)).toBe('moved')
  })
})

test('a payment of one that is not there yet does not wait, and says so', async () => {
  await first.db.transaction(async (tx) => {
    await commands.create.hold(tx, minute(0))
    expect(await commands.pay.call(second, minute(10))).toBe('not-found')
    expect(await commands.close.call(second, minute(10))).toBe('not-found')
  })
  expect(await commands.close.call(second, minute(10))).toBe('moved')
})

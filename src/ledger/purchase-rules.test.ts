/**
 * Everything that can happen to a purchase of three attempts: all orders of all calls, by anyone, at any time, repeated or
 * late, walked breadth first by the rules that the ledger carries out. A crash is no step of its own: each call is one
 * transaction, so it happened, or it did not.
 */
import { expect, test } from 'vitest'
import { type ClosingRules, closableFrom, ordered, renewed, revived } from './deadlines.ts'
import { type Attempt, afterGivingWay, isPaid, whyNotReplace } from './purchase-rules.ts'
import { decide, targetOf } from './rules.ts'

const names = ['A', 'B', 'C'] as const
type Name = (typeof names)[number]

const start = Date.UTC(2026, 10, 23)
const at = (minute: number) => new Date(start + minute * 60_000)
/** Young, closable, past the prepay, past the order's own time, long after; each attempt is made at any of them but the last. */
const moments = [0, 3, 6, 125, 245, 400, 900, 9_000] as const
const rules: ClosingRules = { closeAtTimeExpire: true, closeAfter: 240 * 60_000, closeAfterSevenDays: true }

interface Known extends Attempt {
  readonly closeAt: Date | undefined
}
interface World {
  /** Which moment it is. */
  readonly now: number
  readonly attempts: Partial<Record<Name, Known>>
}

const nowOf = ({ now }: World) => at(moments[now] ?? Number.NaN)
const present = ({ attempts }: World) => names.flatMap((name) => attempts[name] ?? [])
const withAttempt = (world: World, name: Name, change: Partial<Known>): World => {
  const was = world.attempts[name]
  if (was === undefined) throw new Error(`${name} is not there`)
  return { ...world, attempts: { ...world.attempts, [name]: { ...was, ...change } } }
}

function created(world: World, name: Name): World {
  const now = nowOf(world)
  const closable = closableFrom(now, true)
  const attempt: Known = {
    outTradeNo: name,
    state: 'NOTPAY',
    replacedBy: undefined,
    closableFrom: closable,
    refundableUntil: undefined,
    ...ordered(now, undefined, rules, closable),
  }
  return { ...world, attempts: { ...world.attempts, [name]: attempt } }
}

/** The last of a chain. */
function liveOf(world: World, attempt: Known): Known {
  const next = attempt.replacedBy === undefined ? undefined : world.attempts[attempt.replacedBy as Name]
  return next === undefined ? attempt : liveOf(world, next)
}

function replace(world: World, old: Name, next: Name): World | undefined {
  const predecessor = world.attempts[old]
  if (world.attempts[next] !== undefined || predecessor === undefined) return undefined
  if (whyNotReplace(predecessor, liveOf(world, predecessor)) !== undefined) return undefined
  const state = afterGivingWay(predecessor, nowOf(world))
  const closeAt = state === 'CLOSING' ? predecessor.closableFrom : undefined
  return withAttempt(created(world, next), old, { state, replacedBy: next, closeAt })
}

/** A command of the state table on one attempt. */
function command(world: World, name: Name, asked: 'pay' | 'close' | 'renew' | 'revive'): World | undefined {
  const attempt = world.attempts[name]
  const now = nowOf(world)
  if (attempt === undefined || 'no' in decide(attempt, asked, now)) return undefined
  const state = targetOf(asked)
  switch (asked) {
    case 'pay':
    case 'close':
      return withAttempt(world, name, { state, closeAt: undefined })
    case 'renew':
      return withAttempt(world, name, renewed(now, attempt.expiresAt ?? now))
    case 'revive':
      return withAttempt(world, name, revived(now, rules))
  }
}

/** The engine closes all that is due, or any one of it: it may be late with the rest. */
const engineCloses = (world: World, name: Name): World | undefined => {
  const closeAt = world.attempts[name]?.closeAt
  return closeAt === undefined || closeAt > nowOf(world) ? undefined : command(world, name, 'close')
}

/** What may happen next, by name. */
function nextOf(world: World): [string, World][] {
  const steps: [string, World | undefined][] = [
    ...(present(world).length === 0 ? [['order A', created(world, 'A')] as [string, World]] : []),
    ...names.flatMap((old) =>
      names.map((next): [string, World | undefined] => [
        `${next} replaces ${old}`,
        replace(world, old, next),
      ]),
    ),
    ...names.flatMap((name) =>
      (['pay', 'close', 'renew', 'revive'] as const).map((asked): [string, World | undefined] => [
        `${asked} ${name}`,
        command(world, name, asked),
      ]),
    ),
    ...names.map((name): [string, World | undefined] => [
      `the engine closes ${name}`,
      engineCloses(world, name),
    ]),
    ['time passes', world.now + 2 < moments.length ? { ...world, now: world.now + 1 } : undefined],
  ]
  return steps.filter((step): step is [string, World] => step[1] !== undefined)
}

const payable = (world: World) => present(world).filter((one) => 'to' in decide(one, 'pay', nowOf(world)))
const paid = (world: World) => present(world).filter(isPaid)

/** What must hold everywhere. @returns what does not */
function broken(world: World): string | undefined {
  if (payable(world).length > 1) return 'two attempts can be paid'
  if (paid(world).length > 1) return 'two attempts are paid'
  if (paid(world).length === 1 && payable(world).length > 0)
    return 'a purchase that is paid can be paid again'
  const live = present(world).filter(({ replacedBy }) => replacedBy === undefined)
  if (present(world).length > 0 && live.length !== 1) return 'not one attempt is live'
  if (present(world).some((one) => one.state === 'NOTPAY' && one.replacedBy !== undefined))
    return 'an attempt whose place was taken is open'
  return undefined
}

/** What must hold of every step. @returns what does not */
function brokenStep(before: World, after: World): string | undefined {
  for (const one of present(before)) {
    const then = after.attempts[one.outTradeNo as Name]
    if (then === undefined) return 'an attempt is gone'
    if ((one.state === 'CLOSED' || one.state === 'CLOSING') && isPaid(then)) return 'what was closed is paid'
    if (isPaid(one) && !isPaid(then)) return 'what was paid is not'
    if (one.replacedBy !== undefined && then.replacedBy !== one.replacedBy) return 'a successor changed'
  }
  return undefined
}

/** With nobody but the engine at work it ends: paid, or closed. */
function endsWell(world: World): boolean {
  const later = { ...world, now: moments.length - 1 }
  const end = names.reduce((now, name) => engineCloses(now, name) ?? now, later)
  return present(end).every(({ state }) => state === 'CLOSED' || state === 'SUCCESS')
}

test('whatever happens to a purchase, at most one attempt can be paid, and all ends well', () => {
  const begin: World = { now: 0, attempts: {} }
  const seen = new Map<string, string>([[JSON.stringify(begin), '']])
  const queue: World[] = [begin]
  const outcomes = new Set<string>()
  for (let world = queue.shift(); world !== undefined; world = queue.shift()) {
    const way = seen.get(JSON.stringify(world)) ?? ''
    expect(broken(world), way).toBeUndefined()
    expect(endsWell(world), `does not end: ${way}`).toBe(true)
    outcomes.add(
      present(world)
        .map(({ state }) => state)
        .join(' '),
    )
    for (const [step, next] of nextOf(world)) {
      expect(brokenStep(world, next), `${way}, ${step}`).toBeUndefined()
      const key = JSON.stringify(next)
      if (seen.has(key)) continue
      seen.set(key, `${way}, ${step}`)
      queue.push(next)
    }
  }
  // The walk went everywhere: three attempts, the last of them paid; two of them waiting for their five minutes.
  expect(outcomes).toContain('CLOSED CLOSED SUCCESS')
  expect(outcomes).toContain('CLOSING CLOSING NOTPAY')
  expect(outcomes).toContain('CLOSED SUCCESS')
  expect(seen.size).toBeGreaterThan(1_000)
})

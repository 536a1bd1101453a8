/**
 * Every interleaving, breadth first, of two attempts at one purchase by the steps alone: two gateways whose steps overlap and
 * who die at any moment, a payer who pays at any moment, callers who close and replace, and a channel that answers late,
 * wrongly, twice or never. No database: what the ledger does with a move is modelled here, and simulated in test/simulation.
 */
import { expect, test } from 'vitest'
import type { CloseAnswer, CreateAnswer, QueryAnswer } from '../../channels/channel.ts'
import { takesEffectBefore } from '../../channels/channel.ts'
import type { Asking } from '../../ledger/asking.ts'
import { cameLate, isLate, paid } from '../../ledger/late-payments.ts'
import type { Move } from '../../ledger/settle-asked.ts'
import {
  afterClose,
  afterCreate,
  afterQuery,
  forget,
  giveUp,
  type Standing,
  type Step,
  stepOf,
} from './order-steps.ts'

const minute = (count: number) => new Date(Date.UTC(2030, 0, 1) + count * 60_000)
/** When all begins; when what was sent has arrived or never will; and when the orders' own time has been over for a while. */
const times = [minute(0), minute(10), minute(40)] as const
const expiresAt = minute(30)

const numbers = ['A', 'B'] as const
type Num = (typeof numbers)[number]

type Row = Standing & {
  readonly outTradeNo: Num
  readonly totalFee: number
  readonly seq: number
  readonly replaced: boolean
}
type Truth = 'none' | 'NOTPAY' | 'PAID' | 'CLOSED'
type Answer = CreateAnswer | CloseAnswer | QueryAnswer | undefined

/** A gateway in the middle of a step: it has its answer, and has written nothing. */
interface Held {
  readonly number: Num
  readonly seq: number
  readonly step: Step
  readonly answer: Answer
}

interface State {
  readonly time: 0 | 1 | 2
  readonly rows: Readonly<Partial<Record<Num, Row>>>
  readonly books: Readonly<Record<Num, Truth>>
  /** What was sent and has not arrived. */
  readonly underWay: readonly string[]
  readonly gateways: readonly (Held | undefined)[]
}

const created = (number: Num, state: 'CREATING' | 'WAITING', at: Date): Row => ({
  outTradeNo: number,
  totalFee: 900,
  seq: 1,
  replaced: false,
  state,
  prepayId: undefined,
  expiresAt,
  closedAt: undefined,
  late: undefined,
  dueAt: state === 'WAITING' ? undefined : at,
  asking: {
    tries: 0,
    closeAt: expiresAt.toISOString(),
    closeWhy: 'time_expire',
    ...(state === 'WAITING' ? {} : { sent: true, next: 'create' }),
  },
})

const begin: State = {
  time: 0,
  rows: { A: created('A', 'CREATING', times[0]) },
  books: { A: 'none', B: 'none' },
  underWay: [],
  gateways: [undefined, undefined],
}

const withRow = (state: State, row: Row): State => ({
  ...state,
  rows: { ...state.rows, [row.outTradeNo]: row },
})

function moved(row: Row, move: Move): Row {
  return {
    ...row,
    seq: row.seq + 1,
    state: move.state,
    asking: move.asking,
    dueAt: move.due,
    prepayId: move.prepay?.prepayId ?? row.prepayId,
    closedAt: row.closedAt ?? move.closedAt,
    late: move.late ?? row.late,
  }
}

/** As a command makes it: to be closed, durably. */
const toBeClosed = (row: Row, at: Date): Row => ({
  ...row,
  seq: row.seq + 1,
  state: 'CLOSING',
  dueAt: at,
  asking: {
    ...(row.asking ?? { tries: 0 }),
    next: 'close',
    ...(row.state === 'CREATING' ? { unsureUntil: takesEffectBefore(at).toISOString() } : {}),
  },
})

/** What the ledger does beside a move: a winner closes the others; the live attempt goes on once nobody can pay any other. */
function withPurchase(state: State, number: Num, at: Date): State {
  const itself = state.rows[number]
  const other = state.rows[number === 'A' ? 'B' : 'A']
  if (itself === undefined || other === undefined) return state
  if (itself.state === 'SUCCESS')
    return ['WAITING', 'CREATING', 'NOTPAY'].includes(other.state)
      ? withRow(state, toBeClosed(other, at))
      : state
  return started(state, at)
}

function started(state: State, at: Date): State {
  const { A, B } = state.rows
  if (A === undefined || B?.state !== 'WAITING') return state
  if (A.state !== 'CLOSED' && !(A.state === 'CLOSING' && A.prepayId === undefined)) return state
  const asking = { ...(B.asking ?? { tries: 0 }), sent: true, next: 'create' } as const
  return withRow(state, { ...B, seq: B.seq + 1, state: 'CREATING', dueAt: at, asking })
}

const unsure = { unsure: 'no answer' }

/** What a call does to the books when it arrives, and what it says then. */
function arrive(step: Step, number: Num, { books, time }: State): [Truth, Answer] {
  const truth = books[number]
  switch (step) {
    case 'create': {
      if (truth === 'PAID' || truth === 'CLOSED') return [truth, { refused: { code: truth, message: '' } }]
      if (truth === 'none' && time === 2) return [truth, { refused: { code: 'PARAM_ERROR', message: '' } }]
      return ['NOTPAY', { made: { prepayId: number } }]
    }
    case 'close':
      if (truth === 'none') return [truth, { said: 'unknown-number' }]
      return truth === 'PAID' ? [truth, { said: 'paid' }] : ['CLOSED', { said: 'closed' }]
    default: {
      if (truth === 'none') return [truth, { state: 'unknown-number' }]
      const payment = { transactionId: number, payerOpenid: 'o', bankType: 'X', paidAt: times[0] }
      return [truth, truth === 'PAID' ? { state: truth, payment } : { state: truth }]
    }
  }
}

const withBooks = (state: State, number: Num, truth: Truth): State => ({
  ...state,
  books: { ...state.books, [number]: truth },
})

interface Rules {
  /** The channel may say of an open order that it is closed. */
  readonly lies: boolean
  /** What is sent may arrive later, and twice. */
  readonly late: boolean
  readonly gateways: 1 | 2
  readonly attempts: 1 | 2
  /** Planted: what comes of a query in place of what should. */
  readonly mistake?: (row: Row, answer: QueryAnswer, at: Date) => Move | undefined
}

/** All that may come of asking: the books and what the gateway holds. */
function* asking(state: State, step: Step, number: Num, { lies, late }: Rules): Generator<[State, Answer]> {
  const [truth, answer] = arrive(step, number, state)
  const after = withBooks(state, number, truth)
  yield [after, answer]
  yield [state, unsure]
  if (step === 'query') {
    if (state.books[number] !== 'none') yield [state, { state: 'unknown-number' }]
    // A copy that is behind; five minutes after the order's own time none is.
    const isChanged = state.books[number] === 'PAID' || state.books[number] === 'CLOSED'
    if (isChanged && state.time < 2) yield [state, { state: 'NOTPAY' }]
    if (lies && state.books[number] === 'NOTPAY') yield [state, { state: 'CLOSED' }]
    return
  }
  yield [after, unsure]
  const sent = `${step} ${number}`
  if (late && !state.underWay.includes(sent)) {
    const later = { ...state, underWay: [...state.underWay, sent].sort() }
    yield [later, unsure]
    yield [{ ...after, underWay: later.underWay }, answer]
  }
  if (step === 'close' && state.books[number] === 'NOTPAY') yield [state, { said: 'closed' }]
}

/** What a gateway writes of its step: the same as asker.ts does. */
function outcome(state: State, { step, answer }: Held, row: Row, at: Date, mistake: Rules['mistake']): Move {
  if (step === 'give-up') return giveUp(row, at)
  if (step === 'create') return afterCreate(row, answer as CreateAnswer, at)
  if (step === 'close') return afterClose(row, answer as CloseAnswer, at)
  if (step !== 'query') return forget(row, at)
  const heard = answer as QueryAnswer
  const mistaken = mistake?.(row, heard, at)
  if (mistaken !== undefined) return mistaken
  if (!('state' in heard) || heard.state !== 'PAID') return afterQuery(row, heard, at)
  const winner = numbers.find((number) => state.rows[number]?.state === 'SUCCESS')
  return isLate(row, winner)
    ? cameLate(row, heard.payment, { policy: 'refund', winner }, at)
    : paid(row, heard.payment, at)
}

function written(
  state: State,
  held: Held,
  { mistake }: Pick<Rules, 'mistake'>,
  at = times[state.time],
): State {
  const row = state.rows[held.number]
  // Somebody moved the row since: nothing is written.
  if (row === undefined || row.seq !== held.seq) return state
  return withPurchase(withRow(state, moved(row, outcome(state, held, row, at, mistake))), held.number, at)
}

/** Due is whatever has a time: how long is waited is no matter here. */
const stepNow = (row: Row, at: Date): Step | undefined =>
  row.dueAt === undefined || row.late !== undefined ? undefined : stepOf({ ...row, dueAt: at }, at)

const holding = (state: State, place: number, held: Held | undefined): State => ({
  ...state,
  gateways: state.gateways.map((one, index) => (index === place ? held : one)),
})

function* byGateways(state: State, rules: Rules): Generator<State> {
  const at = times[state.time]
  for (const [place, held] of state.gateways.entries()) {
    if (held !== undefined) {
      yield holding(written(state, held, rules), place, undefined)
      yield holding(state, place, undefined)
      continue
    }
    // Two that hold nothing are the same.
    if (place === 1 && (rules.gateways === 1 || state.gateways[0] === undefined)) continue
    for (const number of numbers) {
      const row = state.rows[number]
      const step = row === undefined ? undefined : stepNow(row, at)
      if (row === undefined || step === undefined) continue
      const claimed = { number, seq: row.seq, step, answer: undefined }
      if (step === 'give-up' || step === 'forget') yield holding(state, place, claimed)
      else
        for (const [after, answer] of asking(state, step, number, rules))
          yield holding(after, place, { ...claimed, answer })
    }
  }
}

const mayBePaid = ({ rows, books, time }: State, number: Num) =>
  rows[number]?.prepayId !== undefined && books[number] === 'NOTPAY' && time < 2

function* byPeople(state: State, { attempts }: Rules): Generator<State> {
  const at = times[state.time]
  const { A, B } = state.rows
  for (const number of numbers) if (mayBePaid(state, number)) yield withBooks(state, number, 'PAID')
  const isOpen = (row: Row | undefined) =>
    row !== undefined && ['WAITING', 'CREATING', 'NOTPAY'].includes(row.state)
  for (const row of [A, B]) if (row !== undefined && isOpen(row)) yield withRow(state, toBeClosed(row, at))
  if (attempts === 1 || A === undefined || B !== undefined || A.state === 'SUCCESS') return
  const before = { ...(isOpen(A) ? toBeClosed(A, at) : A), replaced: true }
  yield started(withRow(withRow(state, before), created('B', 'WAITING', at)), at)
}

function* byTheLine(state: State): Generator<State> {
  for (const sent of state.underWay) {
    const [step, number] = sent.split(' ') as [Step, Num]
    const underWay = state.underWay.filter((one) => one !== sent)
    yield { ...withBooks(state, number, arrive(step, number, state)[0]), underWay }
    yield { ...state, underWay }
  }
  // Nothing that was sent outlives the first wait, and no step takes that long: its claim would be lost.
  if (state.time < 2 && state.underWay.length === 0)
    yield { ...state, time: (state.time + 1) as State['time'], gateways: [undefined, undefined] }
}

function* nextOf(state: State, rules: Rules): Generator<State> {
  yield* byGateways(state, rules)
  yield* byPeople(state, rules)
  yield* byTheLine(state)
}

/** What is wrong in one state, whatever comes next. */
function wrongIn(state: State, { lies }: Rules): string | undefined {
  const { rows, books } = state
  if (numbers.filter((number) => rows[number]?.state === 'SUCCESS').length > 1)
    return 'both attempts are paid'
  for (const number of numbers) {
    const row = rows[number]
    if ((row?.state === 'SUCCESS' || row?.late !== undefined) && books[number] !== 'PAID')
      return `${number} is paid, and not by the books`
    if (lies || row === undefined) continue
    if (row.late !== undefined) return `${number} was paid too late, and the channel never lied`
    if (row.state === 'CLOSED' && (mayBePaid(state, number) || books[number] === 'PAID'))
      return `${number} is closed, and can be or was paid`
  }
  if (!lies && rows.B?.prepayId !== undefined && (mayBePaid(state, 'A') || books.A === 'PAID'))
    return 'B was handed out while A can be or was paid'
  return undefined
}

const some = (time: Date | undefined) => (time === undefined ? undefined : times[0])

/** Of what was heard, tried and looked at, only whether, not when and how often: that decides how long is waited, and no more. */
function plainAsking(asking: Asking | undefined, now: Date): Asking | undefined {
  if (asking === undefined) return undefined
  const { tries: _, heard: __, watched: ___, closeSaid, unsureUntil, ...rest } = asking
  const isUnsure = unsureUntil !== undefined && new Date(unsureUntil) > now
  return {
    ...rest,
    tries: 0,
    ...(closeSaid === undefined ? {} : { closeSaid: times[0].toISOString() }),
    ...(isUnsure ? { unsureUntil: takesEffectBefore(now).toISOString() } : {}),
  }
}

const plainRow = (row: Row, now: Date): Row => ({
  ...row,
  seq: 1,
  dueAt: some(row.dueAt),
  closedAt: some(row.closedAt),
  asking: plainAsking(row.asking, now),
})

/**
 * The same state whatever number of moves it took; whoever holds a step of a row that was moved since holds nothing: it writes
 * nothing any more.
 */
function plainState(state: State): State {
  const rows = Object.fromEntries(
    Object.entries(state.rows).map(([number, row]) => [number, plainRow(row, times[state.time])]),
  )
  const held = state.gateways.flatMap((one) =>
    one !== undefined && state.rows[one.number]?.seq === one.seq ? [{ ...one, seq: 1 }] : [],
  )
  const sorted = held.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)))
  return { ...state, rows, gateways: [sorted[0], sorted[1]] }
}

/** All faults stop and time passes: with nobody but one gateway at work all must end, and agree with the books. */
function wrongInTheEnd(from: State, rules: Rules): string | undefined {
  let state: State = { ...from, time: 2, underWay: [], gateways: [undefined, undefined] }
  for (let steps = 0; steps < 40; steps++) {
    const at = minute(40 + 10 * steps)
    const due = numbers.flatMap((number) => {
      const row = state.rows[number]
      const step = row === undefined ? undefined : stepNow(row, at)
      return row === undefined || step === undefined ? [] : [{ number, seq: row.seq, step }]
    })
    for (const one of due) {
      const [truth, answer] = arrive(one.step, one.number, state)
      state = written(withBooks(state, one.number, truth), { ...one, answer }, rules, at)
    }
    if (due.length === 0) break
  }
  for (const number of numbers) {
    const row = state.rows[number]
    if (row === undefined) continue
    if (row.state !== 'SUCCESS' && row.state !== 'CLOSED') return `${number} never ends: ${row.state}`
    const isKnown = row.state === 'SUCCESS' || row.late !== undefined
    if ((state.books[number] === 'PAID') !== isKnown)
      return `${number} is ${row.state}, ${state.books[number]} by the books`
  }
  return undefined
}

function walk(rules: Rules): { states: number; ends: Set<string> } {
  const seen = new Map<string, string | undefined>([[JSON.stringify(begin), undefined]])
  const ends = new Set<string>()
  /** What comes at last depends on rows and books alone. */
  const ended = new Set<string>()
  const wrongAtLast = (state: State) => {
    const key = JSON.stringify([state.rows, state.books])
    if (ended.has(key)) return undefined
    ended.add(key)
    return wrongInTheEnd(state, rules)
  }
  let frontier = [begin]
  while (frontier.length > 0) {
    const next: State[] = []
    for (const state of frontier) {
      const key = JSON.stringify(state)
      const wrong = wrongIn(state, rules) ?? wrongAtLast(state)
      if (wrong !== undefined) {
        const way: string[] = []
        for (let at: string | undefined = key; at !== undefined; at = seen.get(at)) way.unshift(at)
        throw new Error(`${wrong}, after\n${way.join('\n')}`)
      }
      ends.add(numbers.map((number) => state.rows[number]?.state ?? '-').join(' '))
      for (const reached of nextOf(state, rules)) {
        const after = plainState(reached)
        const afterKey = JSON.stringify(after)
        if (seen.has(afterKey)) continue
        seen.set(afterKey, key)
        next.push(after)
      }
    }
    frontier = next
    if (seen.size > 3_000_000) throw new Error(`more than ${seen.size} states`)
  }
  return { states: seen.size, ends }
}

/** The whole takes minutes: `npm run simulate -- --walk`. Otherwise what makes it large is left out, one thing at a time. */
const scopes: readonly Rules[] =
  process.env.CLOUDPAY_WALK === undefined
    ? [
        { lies: false, late: true, gateways: 2, attempts: 1 },
        { lies: true, late: true, gateways: 2, attempts: 1 },
        { lies: false, late: false, gateways: 1, attempts: 2 },
        { lies: true, late: false, gateways: 1, attempts: 2 },
      ]
    : [
        { lies: false, late: true, gateways: 2, attempts: 2 },
        { lies: true, late: false, gateways: 2, attempts: 2 },
      ]

/** Both attempts at last, where there are two. */
const ways = {
  1: ['SUCCESS -', 'CLOSED -'],
  2: ['SUCCESS -', 'CLOSED -', 'CLOSED SUCCESS', 'SUCCESS CLOSED', 'CLOSED CLOSED'],
} as const

test.each(scopes)('every interleaving keeps every promise: %j', { timeout: 3_600_000 }, (rules) => {
  const { states, ends } = walk(rules)
  if (process.env.CLOUDPAY_WALK !== undefined) process.stdout.write(`${states} states\n`)
  expect([...ends]).toEqual(expect.arrayContaining([...ways[rules.attempts]]))
})

test('what the channel made once, and does not know any more, is not closed for that', () => {
  const row: Row = {
    ...created('A', 'CREATING', times[0]),
    state: 'CLOSING',
    prepayId: 'A',
    asking: { tries: 0, sent: true, next: 'query', closeSaid: times[0].toISOString() },
  }
  expect(afterQuery(row, { state: 'unknown-number' }, times[2]).state, 'a wrong answer').toBe('CLOSING')
  expect(afterQuery(row, { state: 'NOTPAY' }, times[2])).toMatchObject({
    state: 'CLOSED',
    asking: { evidence: 'expired' },
  })
})

/** The walk would find it: each of these was tried in place of the step itself. */
const mistakes: Record<string, (row: Row, answer: QueryAnswer, at: Date) => Move | undefined> = {
  'unpaid is taken for closed': (row, answer, at) =>
    'state' in answer && answer.state === 'NOTPAY' ? afterQuery(row, { state: 'CLOSED' }, at) : undefined,
  'no answer is taken for closed': (row, answer, at) =>
    'unsure' in answer ? afterQuery(row, { state: 'CLOSED' }, at) : undefined,
  'unknown is taken for closed': (row, answer, at) =>
    'state' in answer && answer.state === 'unknown-number' && row.state === 'CLOSING'
      ? afterQuery(row, { state: 'CLOSED' }, at)
      : undefined,
}

test.each(Object.entries(mistakes))('found: %s', (_name, mistake) => {
  expect(() => walk({ lies: false, late: true, gateways: 1, attempts: 1, mistake })).toThrow(
    'is closed, and can be',
  )
})

/**
 * How an order gets through a channel that loses, delays, repeats and garbles: what is to be done next with a row, and what
 * an answer makes of it. Pure functions of row, answer and time. Whoever carries a step out (asker.ts) writes its outcome
 * only where the row is still as it was when the step began.
 *
 *     WAITING ─► CREATING ─► NOTPAY ─► CLOSING ─► CLOSED ─► (watched for 25 hours)
 *                    │          │         │
 *                    └──────────┴─────────┴─► SUCCESS        any of them: a query said so
 *
 * Rules: an answer that is not certain is no answer: query, then act. A prepay is handed out only of a row that is NOTPAY.
 * Only a query moves money. Nothing is closed but on evidence (ledger/asking.ts).
 */
import {
  type CloseAnswer,
  type CreateAnswer,
  flightMs,
  type QueryAnswer,
  takesEffectBefore,
} from '../../channels/channel.ts'
import type { Asking, Evidence } from '../../ledger/asking.ts'
import { renewed } from '../../ledger/deadlines.ts'
import type { Order } from '../../ledger/order.ts'
import type { Move } from '../../ledger/settle-asked.ts'
import { earliest, expiredForMs, later, longOverMs, nextWatch, pauseAfterTries } from './pace.ts'

/** What a step reads of an order. */
export type Standing = Pick<
  Order,
  'state' | 'asking' | 'dueAt' | 'prepayId' | 'expiresAt' | 'closedAt' | 'late'
>

export type Step =
  /** Asks the channel. */
  | 'create'
  | 'close'
  | 'query'
  /** Nobody is asked: its time is over, and from now on it is being closed; the channel never heard of it, and it is closed. */
  | 'give-up'
  | 'forget'
  /** A late payment is to be returned: see ../return-late.ts. */
  | 'return'

const asked = ({ asking }: Standing): Asking => asking ?? { tries: 0 }
const isOver = (time: string | undefined, now: Date) => time !== undefined && new Date(time) <= now

/** What is to be done with it at `now`; undefined: nothing yet, or nothing ever. */
export function stepOf(order: Standing, now: Date): Step | undefined {
  const { state, dueAt, late, expiresAt } = order
  const { next, closeAt, sent } = asked(order)
  if (dueAt === undefined || now < dueAt) return undefined
  if (late !== undefined) return 'return'
  switch (state) {
    case 'WAITING':
      // Nothing was sent of it, and by now it could not be paid.
      return isOver(closeAt, now) || (expiresAt !== undefined && now >= expiresAt) ? 'forget' : undefined
    case 'CREATING':
      // Made after its own time it would begin a new one. Source: users' reports on v2.
      if (isOver(closeAt, now) || (expiresAt !== undefined && now >= expiresAt)) return 'give-up'
      return next === 'query' ? 'query' : 'create'
    case 'NOTPAY':
      // Due before its time: somebody hinted that it was paid.
      return isOver(closeAt, now) ? 'give-up' : 'query'
    case 'CLOSING':
      if (sent === undefined) return 'forget'
      return next === 'query' ? 'query' : 'close'
    case 'CLOSED':
      return next === 'close' ? 'close' : 'query'
    default:
      return undefined
  }
}

const without = <Key extends keyof Asking>(asking: Asking, ...keys: Key[]): Omit<Asking, Key> => {
  const rest = { ...asking }
  for (const key of keys) delete rest[key]
  return rest
}

/** As it is, but for what it is asked next, and when. */
const goOn = (order: Standing, asking: Asking, due: Date | undefined): Move => ({
  state: order.state,
  asking,
  due,
  events: [],
})

const closeTime = ({ closeAt }: Asking): Date | undefined =>
  closeAt === undefined ? undefined : new Date(closeAt)

/** What was sent may take effect so much later. */
const unsureUntil = (at: Date) => later(at, flightMs).toISOString()

/** From now on it is being closed; a create that is under way may still end. */
export function giveUp(order: Standing, at: Date): Move {
  const asking = asked(order)
  return {
    state: 'CLOSING',
    asking: {
      ...asking,
      next: 'close',
      tries: 0,
      ...(order.state === 'CREATING' ? { unsureUntil: takesEffectBefore(at).toISOString() } : {}),
    },
    due: at,
    closeWhy: asking.closeWhy,
    events: [{ event: 'closing', at: at.toISOString(), by: 'engine', ...whyOf(asking) }],
  }
}

const whyOf = ({ closeWhy, closeAt }: Asking) => ({
  ...(closeWhy === undefined ? {} : { why: closeWhy }),
  ...(closeAt === undefined ? {} : { due: closeAt }),
})

/** Closed for good, and watched where the channel knows of it. */
function closed(order: Standing, evidence: Evidence, at: Date): Move {
  const due = evidence === 'never-sent' ? undefined : nextWatch(at, 0)
  return {
    state: 'CLOSED',
    closedAt: at,
    asking: { ...without(asked(order), 'next'), evidence, tries: 0, watched: 0 },
    due,
    events: [{ event: 'closed', at: at.toISOString(), by: 'engine', evidence }],
  }
}

export const forget = (order: Standing, at: Date): Move => closed(order, 'never-sent', at)

/** No certain answer: the same question again, later. */
function unsure(order: Standing, at: Date, more: Partial<Asking> = {}): Move {
  const asking = asked(order)
  const tries = asking.tries + 1
  return goOn(order, { ...asking, ...more, next: 'query', tries }, pauseAfterTries(at, tries))
}

export function afterCreate(order: Standing, answer: CreateAnswer, at: Date): Move {
  const asking = asked(order)
  if ('unsure' in answer) return unsure(order, at, { unsureUntil: unsureUntil(at) })
  if ('refused' in answer) {
    // Not made by this call; what was sent before may still be.
    return {
      state: 'CLOSING',
      asking: { ...asking, next: 'query', tries: 0, refusal: answer.refused, unsureUntil: unsureUntil(at) },
      due: at,
      events: [{ event: 'refused', at: at.toISOString(), code: answer.refused.code }],
    }
  }
  const { prepayId, codeUrl, mwebUrl } = answer.made
  return {
    state: 'NOTPAY',
    asking: {
      ...without(asking, 'next', 'unsureUntil'),
      tries: 0,
      ...(codeUrl === undefined ? {} : { codeUrl }),
      ...(mwebUrl === undefined ? {} : { mwebUrl }),
    },
    due: closeTime(asking),
    prepay: { prepayId, payableUntil: renewed(at, order.expiresAt ?? at).payableUntil },
    events: [{ event: 'created', at: at.toISOString() }],
  }
}

export function afterClose(order: Standing, answer: CloseAnswer, at: Date): Move {
  const asking = asked(order)
  if ('unsure' in answer) return unsure(order, at)
  const said = 'said' in answer && answer.said === 'closed' ? { closeSaid: at.toISOString() } : {}
  return goOn(order, { ...asking, ...said, next: 'query' }, at)
}

/** Its own time was over for so long when it was asked: the end of it was sent along, so nobody could pay it then. */
const isOverFor = ({ expiresAt }: Standing, ms: number, askedAt: Date) =>
  expiresAt !== undefined && askedAt >= later(expiresAt, ms)

/** It says that nobody paid it, or does not know it: of one that is to be closed. */
function stillOpen(
  order: Standing,
  state: 'NOTPAY' | 'unknown-number',
  { at, askedAt }: { at: Date; askedAt: Date },
): Move {
  const asking = asked(order)
  const { prepayId } = order
  if (state === 'NOTPAY' && asking.closeSaid !== undefined && isOverFor(order, expiredForMs, askedAt))
    return closed(order, 'expired', at)
  // That it does not know what it once made, or will not close it, proves nothing; that it was not paid long after it could be does.
  if ((state === 'NOTPAY' || prepayId !== undefined) && isOverFor(order, longOverMs, askedAt))
    return closed(order, 'expired', at)
  const tries = asking.tries + 1
  const again = pauseAfterTries(at, tries)
  if (state === 'unknown-number' && prepayId === undefined) {
    if (asking.unsureUntil === undefined || isOver(asking.unsureUntil, askedAt))
      return closed(order, 'never-made', at)
    const unsureEnds = new Date(asking.unsureUntil)
    return goOn(order, { ...asking, next: 'query', tries }, earliest(again, unsureEnds))
  }
  return goOn(order, { ...asking, next: 'close', tries }, again)
}

/** Closed before: another look, or the close once more where the channel turns out to have been wrong. */
function watched(
  order: Standing,
  state: 'NOTPAY' | 'CLOSED' | 'unknown-number',
  { at, askedAt }: { at: Date; askedAt: Date },
): Move {
  const asking = asked(order)
  if (state === 'NOTPAY' && asking.evidence !== 'expired' && !isOverFor(order, expiredForMs, askedAt)) {
    const tries = asking.tries + 1
    return goOn(order, { ...asking, next: 'close', tries }, pauseAfterTries(at, tries))
  }
  const count = (asking.watched ?? 0) + 1
  return goOn(
    order,
    { ...without(asking, 'next'), tries: 0, watched: count },
    nextWatch(order.closedAt ?? at, count),
  )
}

/**
 * Of one that is not paid; an answer says how things stood when it was asked for, however much later it is read. Whether a payment
 * stays is the purchase's to decide (ledger/late-payments.ts).
 */
export function afterQuery(
  order: Standing,
  answer: Exclude<QueryAnswer, { readonly state: 'PAID' }>,
  at: Date,
  askedAt: Date = at,
): Move {
  if ('unsure' in answer) return unsure(order, at)
  const { state } = answer
  const heard: Standing = {
    ...order,
    asking: { ...asked(order), heard: { word: state, at: askedAt.toISOString() } },
  }
  const asking = asked(heard)
  if (order.state === 'CLOSED') return watched(heard, state, { at, askedAt })
  if (state === 'CLOSED') return closed(heard, 'said-closed', at)
  switch (order.state) {
    case 'CREATING':
      // Made or not: only the same call again hands out its prepay.
      return goOn(heard, { ...asking, next: 'create' }, at)
    case 'NOTPAY':
      return goOn(heard, { ...without(asking, 'next'), tries: 0 }, closeTime(asking))
    default:
      return stillOpen(heard, state, { at, askedAt })
  }
}

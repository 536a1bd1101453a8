/**
 * Works on orders and refunds whose channel has to be asked: claims one, takes the next step, writes what came of it, and
 * again. A caller that waits for its order works on it in the same way as the engine does; whoever is first holds the claim.
 * Nothing is kept here: whoever dies in the middle of a step leaves a row that is due again when its lease ends.
 */
import { type Channel, leaseMs, takesEffectBefore } from '../../channels/channel.ts'
import { firstNotice } from '../../channels/sandbox/first-notice.ts'
import { claimOrder, releaseOrder } from '../../ledger/claim-one.ts'
import { nextInTurn, type Turn } from '../../ledger/close-due-orders.ts'
import type { Environment } from '../../ledger/environments.ts'
import { cameLate, isLate, paid } from '../../ledger/late-payments.ts'
import {
  type ClaimAsked,
  claimDueOrders,
  claimDueRefunds,
  claimOrdersInTurn,
} from '../../ledger/money-lane.ts'
import { tellTarget } from '../../ledger/notices.ts'
import { findOrder, type Order } from '../../ledger/order.ts'
import { type OrderKey, orderKey } from '../../ledger/order-key.ts'
import { type LockedOrder, type Move, settleAsked } from '../../ledger/settle-asked.ts'
import type { LanePlace } from '../../ledger/tell-lane.ts'
import { newCommandId } from '../../ledger/world.ts'
import { returnLate } from '../return-late.ts'
import { type AskerMeans, answerOf } from './ask.ts'
import { afterClose, afterCreate, afterQuery, forget, giveUp, type Step, stepOf } from './order-steps.ts'
import { later } from './pace.ts'
import { type Claimed, openRefundAsker, type RefundAsker } from './refund-asker.ts'

/** Most orders, and most refunds, that one gateway asks about at once; what is claimed is started. */
const mostAtOnce = 64
/** Merchants that are looked at for a turn, when more is due than can be started. */
const mostTurns = 128
/** How soon a caller looks again while somebody else is at its order. */
const othersMs = 50

export interface Asker extends Pick<RefundAsker, 'workOnRefund'> {
  /**
   * Works on an order until there is nothing that its channel has to be asked at once, or the time is up; what is under way
   * then goes on by itself.
   * @returns the order as it is then. @throws LedgerUnavailable
   */
  workOn(environment: Environment, key: OrderKey, until: Date): Promise<Order | undefined>
  /**
   * Claims what is due and has a place, and begins it.
   * @returns how many were begun. @throws LedgerUnavailable those that are left are due as before
   */
  askDue(place: LanePlace, now: Date): Promise<number>
  /** Until nothing that was begun is under way. */
  idle(): Promise<void>
}

/** Of an order that its channel is being asked about. */
const isUnderWay = ({ state, asking, late, dueAt }: Order, now: Date): boolean =>
  asking !== undefined &&
  late === undefined &&
  (state === 'CREATING' || state === 'CLOSING' || (state === 'NOTPAY' && dueAt !== undefined && dueAt <= now))

/** What came of a step, as a function of the row as it is locked. */
type Outcome = (locked: LockedOrder, at: Date, askedAt: Date) => Move

export function openAsker(means: AskerMeans): Asker {
  const { ledger, world, channelOf, directory, pause, onMoved, onTrouble, onOver } = means
  const refunds = openRefundAsker(means)

  async function outcomeOf(
    channel: Channel,
    environment: Environment,
    order: Order,
    step: Step,
  ): Promise<Outcome> {
    switch (step) {
      case 'give-up':
        return (locked, at) => giveUp(locked.order, at)
      case 'create': {
        const answer = await answerOf(pause, () => channel.create(order))
        return (locked, at) => afterCreate(locked.order, answer, at)
      }
      case 'close': {
        const answer = await answerOf(pause, () => channel.close(order))
        return (locked, at) => afterClose(locked.order, answer, at)
      }
      case 'query': {
        const answer = await answerOf(pause, () => channel.query(order))
        return ({ order: locked, winner }, at, askedAt) => {
          if (!('state' in answer) || answer.state !== 'PAID') return afterQuery(locked, answer, at, askedAt)
          return isLate(locked, winner)
            ? cameLate(locked, answer.payment, { policy: environment.latePayments, winner }, at)
            : paid(locked, answer.payment, at)
        }
      }
      default:
        return (locked, at) => forget(locked.order, at)
    }
  }

  /** @returns the order after the step; undefined: the claim was lost */
  async function takeStep(
    channel: Channel,
    environment: Environment,
    order: Order,
    one: Claimed,
  ): Promise<Order | undefined> {
    const key = orderKey(ledger, order.envId, order.subMchId, order.outTradeNo)
    const began = world.wallClock()
    const step = stepOf(order, began)
    // Whoever stood still until others may be at it sends nothing: they count on that.
    if (step === undefined || began >= one.leaseUntil) {
      await releaseOrder(ledger.db, key, one)
      return undefined
    }
    if (step === 'return') {
      const { late } = order
      if (late !== undefined)
        await returnLate(means, environment, { ...order, late }, one.claim, world.wallClock())
      return undefined
    }
    const outcome = await outcomeOf(channel, environment, order, step)
    const at = world.wallClock()
    const moved = await settleAsked(
      ledger,
      {
        key,
        order,
        claim: one.claim,
        commandId: newCommandId(world),
        at,
        askedAt: began,
        decide: (locked) => outcome(locked, at, began),
        notice:
          tellTarget(order.request ?? {}) === null
            ? undefined
            : firstNotice({ kind: 'paid' }, at, order.faults),
      },
      takesEffectBefore(at),
    )
    if (moved === undefined) await releaseOrder(ledger.db, key, one)
    else onMoved(order, moved, at)
    return moved
  }

  const newClaim = () => {
    const wall = world.wallClock()
    return { now: wall, wall, leaseUntil: later(wall, leaseMs), claim: newCommandId(world) }
  }

  async function workOn(environment: Environment, key: OrderKey, until: Date): Promise<Order | undefined> {
    const channel = channelOf(environment)
    for (;;) {
      const order = await findOrder(ledger, key)
      const now = world.wallClock()
      const { dueAt } = order ?? {}
      if (channel === undefined || order === undefined || !isUnderWay(order, now) || now >= until)
        return order
      if (dueAt !== undefined && dueAt >= until) return order
      const one = newClaim()
      const claimed = await claimOrder(ledger.db, key, one)
      if (claimed === undefined) {
        await pause(Math.max(othersMs, (dueAt?.getTime() ?? 0) - now.getTime()))
        continue
      }
      const step = takeStep(channel, environment, claimed, one)
      // Whoever does not wait for it any longer must not bring the process down with it.
      step.catch(() => {})
      await Promise.race([step, pause(until.getTime() - now.getTime())])
    }
  }

  async function workOnClaimed(order: Order, one: Claimed): Promise<void> {
    const environment = await directory.environment(order.envId)
    const channel = environment === undefined ? undefined : channelOf(environment)
    if (environment !== undefined && channel !== undefined) await takeStep(channel, environment, order, one)
  }

  const underWay = { orders: new Set<Promise<void>>(), refunds: new Set<Promise<void>>() }
  function begin(which: 'orders' | 'refunds', work: Promise<void>): void {
    const all = underWay[which]
    const done = work
      .catch((error: unknown) => onTrouble('what a channel is to be asked could not be gone on with', error))
      .finally(() => {
        all.delete(done)
        onOver()
      })
    all.add(done)
  }

  /** Whose turn it is next is a hint: whoever starts anew begins with the first merchant. */
  const turns = new Map<number, Turn | undefined>()
  let looks = 0

  /** As many of each merchant that is next, in turn, and has something due. */
  async function claimInTurn(asked: ClaimAsked): Promise<Order[]> {
    const next = await nextInTurn(ledger.db, asked, turns.get(asked.part), mostTurns)
    const due = next.filter(({ isDue }) => isDue)
    const served = due.slice(0, asked.limit)
    // Where places end before merchants do, those who were not served are next.
    const last =
      served.length < due.length ? served.at(-1) : next.length < mostTurns ? undefined : next.at(-1)
    turns.set(asked.part, last)
    return served.length === 0 ? [] : claimOrdersInTurn(ledger.db, asked, served)
  }

  /**
   * Half of the places go to those that are due longest, half to every merchant in turn; a single place to the one and the other
   * by turns: when more is due than can be asked about, places become free one by one.
   */
  async function claimOrders(asked: ClaimAsked): Promise<Order[]> {
    looks++
    const forTurns = asked.limit === 1 ? looks % 2 : Math.floor(asked.limit / 2)
    const forLongest = asked.limit - forTurns
    const longest = forLongest === 0 ? [] : await claimDueOrders(ledger.db, { ...asked, limit: forLongest })
    if (longest.length < forLongest || forTurns === 0) return longest
    const inTurn = await claimInTurn({ ...asked, limit: forTurns })
    const found = [...longest, ...inTurn]
    return found.length === 0 ? claimDueOrders(ledger.db, asked) : found
  }

  return {
    workOn,
    workOnRefund: refunds.workOnRefund,
    async askDue({ part, clock }, now) {
      const one = newClaim()
      const asked = { part, clock, dueBy: now, ...one }
      const free = (which: 'orders' | 'refunds') => mostAtOnce - underWay[which].size
      const [orders, due] = await Promise.all([
        free('orders') > 0 ? claimOrders({ ...asked, limit: free('orders') }) : [],
        free('refunds') > 0 ? claimDueRefunds(ledger.db, { ...asked, limit: free('refunds') }) : [],
      ])
      for (const order of orders) begin('orders', workOnClaimed(order, one))
      for (const refund of due) begin('refunds', refunds.workOnClaimed(refund, one))
      return orders.length + due.length
    },
    async idle() {
      await Promise.all([...underWay.orders, ...underWay.refunds])
    },
  }
}

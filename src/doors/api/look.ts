/** How an environment stands, for those who watch it: looked at again and again, and told as what is new since before. */
import type { z } from 'zod'
import { environmentClock } from '../../ledger/clocks.ts'
import type { Environment } from '../../ledger/environments.ts'
import { readFaults } from '../../ledger/fault-rules.ts'
import { listOrders } from '../../ledger/list-orders.ts'
import { type Pulse, readPulse, type TallyName } from '../../ledger/tallies.ts'
import { change, mostWatched } from '../../protocol/api/events.ts'
import type { clockAnswer } from '../../protocol/api/sandbox.ts'
import type { DoorServices } from '../door-services.ts'
import { clockView } from '../sandbox/clock-view.ts'
import { orderView } from './order-view.ts'
import { shown } from './route.ts'

/** Of one event after the first: more than anybody reads in a second. What is left out comes with the next. */
const mostRows = 20
/** What is counted is best effort: orders are listed so often though nothing was. */
const listEveryMs = 15_000

type Orders = ReadonlyMap<string, unknown>

export interface Look {
  /** What is counted. */
  readonly pulse: Pulse
  readonly clock: z.output<typeof clockAnswer>
  /** What of the clock does not go on by itself at both ends. */
  readonly clockStand: string
  readonly faults: number
  /** Of the newest orders, by their numbers: each as it is sent. */
  readonly orders: Orders
  /** When they were listed, by `nowMs`. */
  readonly listedAt: number
  /** Some of them were left out so far. */
  readonly isBehind: boolean
}

export interface LookMeans extends Pick<DoorServices, 'ledger' | 'world'> {
  /** For pauses: a clock that nobody sets, in milliseconds. */
  nowMs(): number
}

/** Counted as something is told. */
const ofTelling: readonly string[] = ['told', 'not-told', 'notices', 'notices-told'] satisfies TallyName[]
export const isTold = (name: string) => ofTelling.includes(name)
export const isCall = (name: string) => name === 'calls'
const isOrders = (name: string) => !isCall(name) && !isTold(name)

/** Counts only grow; what is too old is counted no more, and means nothing. */
export const grew = (before: Pulse, now: Pulse, isOne: (name: string) => boolean): boolean =>
  [...now].some(([key, { name, n }]) => isOne(name) && n > (before.get(key)?.n ?? 0))

function standOf({ mode, now, next_due: due, next }: Look['clock'], wall: Date): string {
  const offset = mode === 'running' ? Math.round((now.getTime() - wall.getTime()) / 1_000) : 0
  return JSON.stringify([mode, mode === 'frozen' ? now : offset, due, next])
}

/** Real time is everybody's: what falls due on it is hardly ever this environment's. */
async function clockOf({ ledger }: LookMeans, environment: Environment, wall: Date): Promise<Look['clock']> {
  const reading = await environmentClock(ledger, environment, wall)
  return environment.clock === 'real'
    ? { env_id: environment.envId, now: reading.now, mode: 'real' }
    : clockView(ledger, environment, reading)
}

async function newestOrders({ ledger }: LookMeans, envId: string): Promise<Orders> {
  const { orders } = await listOrders(ledger, { envId, unpaid: false, limit: mostWatched })
  return new Map(
    orders.map((order) => [
      `${order.subMchId}/${order.outTradeNo}`,
      shown(change.shape.orders.element, orderView(order)),
    ]),
  )
}

/** @throws LedgerUnavailable */
export async function lookAt(
  means: LookMeans,
  environment: Environment,
  before: Look | undefined,
): Promise<Look> {
  const { ledger, world } = means
  const { envId } = environment
  const wall = world.wallClock()
  const [pulse, clock, faults] = await Promise.all([
    readPulse(ledger, envId, wall),
    clockOf(means, environment, wall),
    environment.channel === 'sandbox' ? readFaults(ledger.db, envId) : [],
  ])
  const clockStand = standOf(clock, wall)
  const at = means.nowMs()
  const isStill =
    before !== undefined &&
    !before.isBehind &&
    at < before.listedAt + listEveryMs &&
    clockStand === before.clockStand &&
    !grew(before.pulse, pulse, isOrders)
  const { orders, listedAt } = isStill ? before : { orders: await newestOrders(means, envId), listedAt: at }
  return { pulse, clock, clockStand, faults: faults.length, orders, listedAt, isBehind: false }
}

/** The newest orders that are not as they were told before. */
function changedSince(before: Orders, orders: Orders): [string, unknown][] {
  return [...orders].filter(([key, order]) => {
    const told = before.get(key)
    return told === undefined || (told !== order && JSON.stringify(told) !== JSON.stringify(order))
  })
}

/** As they are told now: what was left out is told as it was, or not yet. */
function toldOf(before: Orders, orders: Orders, told: readonly [string, unknown][]): Orders {
  const now = new Set(told.map(([key]) => key))
  return new Map(
    [...orders].flatMap(([key, order]): [string, unknown][] => {
      if (now.has(key)) return [[key, order]]
      const was = before.get(key)
      return was === undefined ? [] : [[key, was]]
    }),
  )
}

export interface News {
  /** How things stand, as they are told now. */
  readonly look: Look
  readonly orders: readonly unknown[]
  readonly isClock: boolean
}

/** @param before what was told so far; undefined: nothing, and all is news */
export function newsSince(before: Look | undefined, look: Look): News {
  if (before === undefined) return { look, orders: [...look.orders.values()], isClock: true }
  const orders = changedSince(before.orders, look.orders).slice(0, mostRows)
  const isBehind = orders.length === mostRows
  return {
    look: { ...look, orders: toldOf(before.orders, look.orders, orders), isBehind },
    orders: orders.map(([, order]) => order),
    isClock: before.clockStand !== look.clockStand || before.faults !== look.faults,
  }
}

/** What pages ask for besides, because of an event. */
export interface ToAsk {
  readonly callbacks: boolean
  readonly requests: boolean
  readonly spreadMs: number
}

export function eventOf({ look, orders }: News, { callbacks, requests, spreadMs }: ToAsk): Buffer {
  const { env_id, now, mode, next_due, next } = look.clock
  const data = {
    ...shown(change.omit({ orders: true }), {
      ...{ env_id, now, clock: mode, next_due, next },
      ...{ callbacks, requests, faults: look.faults, spread_ms: spreadMs },
    }),
    orders,
  }
  return Buffer.from(`event: changed\ndata: ${JSON.stringify(data)}\n\n`)
}

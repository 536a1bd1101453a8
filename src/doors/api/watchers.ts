/**
 * Who watches an environment, and what they are told: once a second at most, however many they are, the environment is
 * looked at, and all hear the same text. Nobody watches: nothing is asked.
 */
import type { ServerResponse } from 'node:http'
import { environmentClock } from '../../ledger/clocks.ts'
import type { Environment } from '../../ledger/environments.ts'
import { readFaults } from '../../ledger/fault-rules.ts'
import { listOrders } from '../../ledger/list-orders.ts'
import { readPulse, type TallyName } from '../../ledger/tallies.ts'
import { change, mostWatched } from '../../protocol/api/events.ts'
import type { DoorServices } from '../door-services.ts'
import { orderView } from './order-view.ts'
import { shown } from './route.ts'

const lookEveryMs = 1_000
const saySomethingMs = 15_000
/** Of one event after the first: more than anybody reads in a second. What is left out comes with the next. */
const mostRows = 20
/** What all who watch are sent together. The more they are, and the more happens, the rarer they hear: shops come first. */
const bytesAMs = 1_000
/** Who reads so slowly is let go, and comes back when it can. */
const mostUnread = 1024 * 1024

/** Of one process. */
export const mostWatchers = 1_500

interface Looked {
  /** As of all names that are counted, and of the clock and the faults: anything else means a change. */
  readonly pulse: ReadonlyMap<string, number>
  readonly clock: string
  readonly faults: number
  readonly now: Date
  readonly mode: 'running' | 'frozen' | 'real'
  /** Of the newest orders, by their numbers: each as it is sent. */
  readonly orders: ReadonlyMap<string, unknown>
  /** Some of them were left out so far. */
  readonly isBehind: boolean
}

type Means = Pick<DoorServices, 'ledger' | 'world'>

const counted = (
  a: ReadonlyMap<string, number>,
  b: ReadonlyMap<string, number>,
  isOne: (name: string) => boolean,
) => [...b].some(([name, n]) => isOne(name) && a.get(name) !== n)

/** Counted as something is told. */
const ofTelling: readonly string[] = ['told', 'not-told', 'notices', 'notices-told'] satisfies TallyName[]
const isTold = (name: string) => ofTelling.includes(name)
const isOrders = (name: string) => name !== 'calls' && !isTold(name)

async function lookAt(
  { ledger, world }: Means,
  environment: Environment,
  before: Looked | undefined,
): Promise<Looked> {
  const { envId } = environment
  const wall = world.wallClock()
  const [pulse, reading, faults] = await Promise.all([
    readPulse(ledger, envId, wall),
    environmentClock(ledger, environment, wall),
    environment.channel === 'sandbox' ? readFaults(ledger.db, envId) : [],
  ])
  const names = new Map(pulse.map(({ name, n }) => [name, n]))
  const real = environment.clock === 'real'
  const mode = real ? 'real' : reading.mode === 'running' ? 'running' : 'frozen'
  // A running clock that nobody touched goes on by itself at both ends.
  const offset = Math.round((reading.now.getTime() - wall.getTime()) / 1_000)
  const clock = mode === 'frozen' ? `frozen ${reading.now.getTime()}` : `${mode} ${real ? 0 : offset}`
  const still =
    before !== undefined &&
    !before.isBehind &&
    clock === before.clock &&
    !counted(before.pulse, names, isOrders)
  const orders = still
    ? before.orders
    : new Map<string, unknown>(
        (await listOrders(ledger, { envId, unpaid: false, limit: mostWatched })).orders.map((order) => [
          `${order.subMchId}/${order.outTradeNo}`,
          shown(change.shape.orders.element, orderView(order)),
        ]),
      )
  return { pulse: names, clock, faults: faults.length, now: reading.now, mode, orders, isBehind: false }
}

type Orders = Looked['orders']

/** The newest orders that are not as they were told before. */
function changedSince(before: Orders | undefined, orders: Orders): [string, unknown][] {
  const was = (key: string) => before?.get(key)
  const changed = [...orders].filter(([key, order]) => {
    const told = was(key)
    return told === undefined || (told !== order && JSON.stringify(told) !== JSON.stringify(order))
  })
  return before === undefined ? changed : changed.slice(0, mostRows)
}

/** As they are told now: what was left out is told as it was, or not yet. */
function toldOf(before: Orders | undefined, orders: Orders, told: readonly [string, unknown][]): Orders {
  const now = new Set(told.map(([key]) => key))
  return new Map(
    [...orders].flatMap(([key, order]): [string, unknown][] => {
      if (now.has(key)) return [[key, order]]
      const was = before?.get(key)
      return was === undefined ? [] : [[key, was]]
    }),
  )
}

function eventText(
  environment: Environment,
  looked: Looked,
  before: Looked | undefined,
  orders: readonly [string, unknown][],
): string | undefined {
  const callbacks = before === undefined || counted(before.pulse, looked.pulse, isTold)
  const requests = before === undefined || counted(before.pulse, looked.pulse, (name) => name === 'calls')
  const same =
    before !== undefined &&
    before.clock === looked.clock &&
    before.faults === looked.faults &&
    orders.length === 0
  if (same && !callbacks && !requests) return undefined
  const data = {
    ...shown(change.omit({ orders: true }), {
      env_id: environment.envId,
      now: looked.now,
      clock: looked.mode,
      callbacks,
      requests,
      faults: looked.faults,
    }),
    orders: orders.map(([, order]) => order),
  }
  return `event: changed\ndata: ${JSON.stringify(data)}\n\n`
}

/** One environment that somebody watches. */
class Watched {
  readonly listeners = new Set<ServerResponse>()
  readonly #means: Means
  readonly #environment: Environment
  #looked: Looked | undefined
  #looking = false
  #timer: NodeJS.Timeout | undefined
  #spoke = 0
  #quietUntil = 0

  constructor(means: Means, environment: Environment) {
    this.#means = means
    this.#environment = environment
  }

  /** Begins to answer: at first how things stand. @throws LedgerUnavailable nothing was said yet */
  async add(response: ServerResponse): Promise<void> {
    this.#looked ??= await lookAt(this.#means, this.#environment, undefined)
    if (response.destroyed) return
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    const orders = changedSince(undefined, this.#looked.orders)
    response.write(eventText(this.#environment, this.#looked, undefined, orders) ?? '')
    this.listeners.add(response)
    this.#timer ??= setInterval(() => void this.#look(), lookEveryMs).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#looked = undefined
    for (const response of this.listeners) response.end()
    this.listeners.clear()
  }

  async #look(): Promise<void> {
    const before = this.#looked
    const wall = this.#means.world.wallClock().getTime()
    if (before === undefined || this.#looking || wall < this.#quietUntil) return
    this.#looking = true
    try {
      const looked = await lookAt(this.#means, this.#environment, before)
      if (this.#timer === undefined) return
      const orders = changedSince(before.orders, looked.orders)
      const isBehind = orders.length === mostRows
      this.#looked = { ...looked, orders: toldOf(before.orders, looked.orders, orders), isBehind }
      const text = eventText(this.#environment, looked, before, orders)
      if (text !== undefined) this.#say(text, wall)
    } catch {
      // The database is away: what changed is told when it is back.
    } finally {
      this.#looking = false
    }
    if (wall - this.#spoke >= saySomethingMs) this.#say(': still here\n\n', wall)
  }

  #say(text: string, wall: number): void {
    this.#spoke = wall
    this.#quietUntil = wall + (text.length * this.listeners.size) / bytesAMs
    for (const response of this.listeners) {
      if (response.writableLength > mostUnread) response.destroy()
      else response.write(text)
    }
  }
}

export interface Watchers {
  /** @returns false: there are too many. @throws LedgerUnavailable */
  watch(environment: Environment, response: ServerResponse): Promise<boolean>
  close(): void
}

/** Whoever is gone, or whose answer waits behind another on its line, hears nothing: its end would never be told either. */
const isThere = ({ destroyed, socket }: ServerResponse) => !destroyed && socket !== null && !socket.destroyed

export function openWatchers(means: Means): Watchers {
  const watched = new Map<string, Watched>()
  /** Those that are let in, whether they were answered yet or not. */
  const inside = new Set<ServerResponse>()
  return {
    async watch(environment, response) {
      const { socket } = response
      if (inside.size >= mostWatchers) return false
      if (!isThere(response) || socket === null) return false
      const { envId } = environment
      const its = watched.get(envId) ?? new Watched(means, environment)
      watched.set(envId, its)
      inside.add(response)
      const leave = () => {
        socket.off('close', leave)
        inside.delete(response)
        its.listeners.delete(response)
        if (its.listeners.size > 0) return
        its.stop()
        if (watched.get(envId) === its) watched.delete(envId)
      }
      // Of the line, for the answer itself may never be begun.
      socket.once('close', leave)
      response.once('close', leave)
      try {
        await its.add(response)
      } catch (error) {
        leave()
        throw error
      }
      if (!isThere(response)) leave()
      return true
    },
    close() {
      for (const its of watched.values()) its.stop()
      watched.clear()
    },
  }
}

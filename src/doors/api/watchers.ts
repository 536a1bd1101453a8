/**
 * Who watches an environment, and what they are told: once a second at most, however many they are, the environment is
 * looked at, and all hear the same text. Nobody watches: nothing is asked.
 */
import type { ServerResponse } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import type { z } from 'zod'
import { environmentClock } from '../../ledger/clocks.ts'
import type { Environment } from '../../ledger/environments.ts'
import { readFaults } from '../../ledger/fault-rules.ts'
import { listOrders } from '../../ledger/list-orders.ts'
import { readPulse, type TallyName } from '../../ledger/tallies.ts'
import { change, mostWatched } from '../../protocol/api/events.ts'
import type { clockAnswer } from '../../protocol/api/sandbox.ts'
import type { DoorServices } from '../door-services.ts'
import { clockView } from '../sandbox/clock-view.ts'
import { orderView } from './order-view.ts'
import { shown } from './route.ts'

const lookEveryMs = 1_000
const saySomethingMs = 15_000
const stillHere = Buffer.from(': still here\n\n')
/** Of one event after the first: more than anybody reads in a second. What is left out comes with the next. */
const mostRows = 20
/** What all who watch are sent together. The more they are, and the more happens, the rarer they hear: shops come first. */
const bytesAMs = 1_000
/** Who hears that calls came, or that something was told, asks for more: so far apart from the next who does. */
const askEveryMs = 100
/** Lines that are written to before whoever else waits has a turn. */
const linesATurn = 50
/** Who reads so slowly is let go, and comes back when it can. */
const mostUnread = 1024 * 1024

/** Of one process. */
export const mostWatchers = 1_500

interface Looked {
  /** As of all names that are counted, and of the clock and the faults: anything else means a change. */
  readonly pulse: Pulse
  readonly clock: z.output<typeof clockAnswer>
  /** What of the clock does not go on by itself at both ends. */
  readonly clockStand: string
  readonly faults: number
  /** Of the newest orders, by their numbers: each as it is sent. */
  readonly orders: Orders
  /** Some of them were left out so far. */
  readonly isBehind: boolean
}

type Pulse = ReadonlyMap<string, number>
type Orders = ReadonlyMap<string, unknown>
type Means = Pick<DoorServices, 'ledger' | 'world'>

const counted = (a: Pulse, b: Pulse, isOne: (name: string) => boolean) =>
  [...b].some(([name, n]) => isOne(name) && a.get(name) !== n)

/** Counted as something is told. */
const ofTelling: readonly string[] = ['told', 'not-told', 'notices', 'notices-told'] satisfies TallyName[]
const isTold = (name: string) => ofTelling.includes(name)
const isCall = (name: string) => name === 'calls'
const isOrders = (name: string) => !isCall(name) && !isTold(name)

function standOf({ mode, now, next_due: due, next }: Looked['clock'], wall: Date): string {
  const offset = mode === 'running' ? Math.round((now.getTime() - wall.getTime()) / 1_000) : 0
  return JSON.stringify([mode, mode === 'frozen' ? now : offset, due, next])
}

/** Real time is everybody's: what falls due on it is hardly ever this environment's. */
async function clockOf({ ledger }: Means, environment: Environment, wall: Date): Promise<Looked['clock']> {
  const reading = await environmentClock(ledger, environment, wall)
  return environment.clock === 'real'
    ? { env_id: environment.envId, now: reading.now, mode: 'real' }
    : clockView(ledger, environment, reading)
}

async function lookAt(
  { ledger, world }: Means,
  environment: Environment,
  before: Looked | undefined,
): Promise<Looked> {
  const { envId } = environment
  const wall = world.wallClock()
  const [counts, clock, faults] = await Promise.all([
    readPulse(ledger, envId, wall),
    clockOf({ ledger, world }, environment, wall),
    environment.channel === 'sandbox' ? readFaults(ledger.db, envId) : [],
  ])
  const pulse = new Map(counts.map(({ name, n }) => [name, n]))
  const clockStand = standOf(clock, wall)
  const still =
    before !== undefined &&
    !before.isBehind &&
    clockStand === before.clockStand &&
    !counted(before.pulse, pulse, isOrders)
  const orders = still
    ? before.orders
    : new Map<string, unknown>(
        (await listOrders(ledger, { envId, unpaid: false, limit: mostWatched })).orders.map((order) => [
          `${order.subMchId}/${order.outTradeNo}`,
          shown(change.shape.orders.element, orderView(order)),
        ]),
      )
  return { pulse, clock, clockStand, faults: faults.length, orders, isBehind: false }
}

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

interface News {
  readonly looked: Looked
  readonly orders: readonly [string, unknown][]
  readonly callbacks: boolean
  readonly requests: boolean
  readonly spreadMs: number
}

function eventOf({ looked, orders, callbacks, requests, spreadMs }: News): Buffer {
  const { env_id, now, mode, next_due, next } = looked.clock
  const { faults } = looked
  const data = {
    ...shown(change.omit({ orders: true }), {
      ...{ env_id, now, clock: mode, next_due, next },
      ...{ callbacks, requests, faults, spread_ms: spreadMs },
    }),
    orders: orders.map(([, order]) => order),
  }
  return Buffer.from(`event: changed\ndata: ${JSON.stringify(data)}\n\n`)
}

/** One environment that somebody watches. */
class Watched {
  readonly listeners = new Set<ServerResponse>()
  readonly #means: Means
  readonly #environment: Environment
  #looked: Looked | undefined
  /** What of calls and callbacks all have heard. */
  #heard: Pulse = new Map()
  #looking = false
  #timer: NodeJS.Timeout | undefined
  #spoke = 0
  #quietUntil = 0
  #askingUntil = 0

  constructor(means: Means, environment: Environment) {
    this.#means = means
    this.#environment = environment
  }

  /** Begins to answer: at first how things stand. @throws LedgerUnavailable nothing was said yet */
  async add(response: ServerResponse): Promise<void> {
    if (this.#looked === undefined) {
      this.#looked = await lookAt(this.#means, this.#environment, undefined)
      this.#heard = this.#looked.pulse
    }
    if (response.destroyed) return
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    const looked = this.#looked
    const orders = changedSince(undefined, looked.orders)
    response.write(eventOf({ looked, orders, callbacks: true, requests: true, spreadMs: this.#spreadMs() }))
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

  /** Over how long those who watch spread what they ask for; few need not. */
  #spreadMs(): number {
    const ms = this.listeners.size * askEveryMs
    return ms < lookEveryMs ? 0 : ms
  }

  async #look(): Promise<void> {
    const before = this.#looked
    const wall = this.#means.world.wallClock().getTime()
    if (before === undefined || this.#looking || wall < this.#quietUntil) return
    this.#looking = true
    try {
      const looked = await lookAt(this.#means, this.#environment, before)
      if (this.#timer === undefined) return
      const event = this.#newsOf(before, looked, wall)
      if (event !== undefined) await this.#say(event, wall)
    } catch {
      // The database is away: what changed is told when it is back.
    } finally {
      this.#looking = false
    }
    if (wall - this.#spoke >= saySomethingMs) await this.#say(stillHere, wall)
  }

  /** @returns undefined: there are none */
  #newsOf(before: Looked, looked: Looked, wall: number): Buffer | undefined {
    const orders = changedSince(before.orders, looked.orders)
    const isBehind = orders.length === mostRows
    this.#looked = { ...looked, orders: toldOf(before.orders, looked.orders, orders), isBehind }
    // Of what they ask for because of it they hear again when all have asked.
    const mayAsk = wall >= this.#askingUntil
    const callbacks = mayAsk && counted(this.#heard, looked.pulse, isTold)
    const requests = mayAsk && counted(this.#heard, looked.pulse, isCall)
    const same = before.clockStand === looked.clockStand && before.faults === looked.faults
    if (same && orders.length === 0 && !callbacks && !requests) return undefined
    const spreadMs = this.#spreadMs()
    if (callbacks || requests) {
      this.#heard = looked.pulse
      this.#askingUntil = wall + spreadMs
    }
    return eventOf({ looked, orders, callbacks, requests, spreadMs })
  }

  /** A turn for others now and then: a thousand lines take a while to write. */
  async #say(text: Buffer, wall: number): Promise<void> {
    this.#spoke = wall
    this.#quietUntil = wall + (text.length * this.listeners.size) / bytesAMs
    for (const [at, response] of [...this.listeners].entries()) {
      if (at % linesATurn === linesATurn - 1) await setImmediate()
      if (response.writableLength > mostUnread) response.destroy()
      else if (this.listeners.has(response)) response.write(text)
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

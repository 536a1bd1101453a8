/**
 * The engine: does what is due, on every clock and in every part. It takes no input: it looks on a timer, or when it is
 * nudged, and finds its work in the database; whatever it was doing when it died is found again. Any number may run.
 */
import {
  askedClock,
  type ClockReading,
  clockName,
  environmentClock,
  environmentTime,
  stepClock,
} from '../ledger/clocks.ts'
import type { ClosedDue } from '../ledger/close-due-orders.ts'
import { LedgerUnavailable } from '../ledger/db/db.ts'
import { pruneDeliveries } from '../ledger/deliveries.ts'
import { type DueWork, findDueWork } from '../ledger/due-work.ts'
import type { Environment } from '../ledger/environments.ts'
import { type LanePlace, subjects } from '../ledger/tell-lane.ts'
import type { AskerMeans } from './asking/ask.ts'
import { type Asker, openAsker } from './asking/asker.ts'
import { openCloser } from './close-due-orders.ts'
import { returnDueLate } from './return-late.ts'
import { settleDueRefunds } from './settle-refunds.ts'
import { openTeller, type TellerMeans } from './telling/teller.ts'

/** How soon work is seen that another gateway made, or that another clock made due. */
const lookEveryMs = 1_000
const pruneEveryMs = 3_600_000
/** Tellings that end together make one look. */
const gatherMs = 5
/** How soon it is looked again while somebody else is at what is due. */
const othersMs = 50
/** How long a stop waits for what is under way; what is not over is told again later. */
const closeWithinMs = 1_000

export interface Engine {
  /** Something fell due. Never throws, never waits. */
  nudge(): void
  /**
   * Until nothing is due on an environment's clock any more, what is under way included.
   * @param withinMs at most so long; left out: however long it takes
   * @returns when the next is due; undefined: nothing is. @throws LedgerUnavailable
   */
  quiet(environment: Environment, withinMs?: number): Promise<Date | undefined>
  /**
   * Takes a test clock where it was told to go, from one thing that is due to the next, each done before the next step.
   * A walk that broke off goes on by itself.
   * @returns the clock once it is there, with all that fell due on the way done. @throws LedgerUnavailable
   */
  walk(environment: Environment): Promise<ClockReading>
  /** How it keeps up: real time since it last looked everywhere, and how long money had been due by then, in ms. */
  pace(): Pace
  /** For callers that wait for what a channel has to be asked. */
  readonly asking: Pick<Asker, 'workOn' | 'workOnRefund'>
  /** Begins nothing more, and gives up what does not end soon. */
  close(): Promise<void>
}

export interface Pace {
  readonly sinceLookMs: number
  /** Of the order or refund that was due longest, on its own clock; 0: nothing was due. */
  readonly dueAgeMs: number
}

interface ClockNow {
  readonly now: Date
  /** No attempt on it takes longer. */
  readonly timeoutMs: number
  /** Somebody waits until all that is due on it is done. */
  readonly isAwaited: boolean
}

interface Seen {
  /** Something is due: begun, at work elsewhere, or waiting for a place. */
  readonly busy: boolean
  /** What was done made more: look again at once. */
  readonly again: boolean
  /** When the next is due that is not due yet. */
  readonly next: Date | undefined
}

const earliest = (times: readonly (Date | undefined)[]): Date | undefined =>
  times.reduce(
    (first, time) => (time !== undefined && (first === undefined || time < first) ? time : first),
    undefined,
  )

const together = (seen: readonly Seen[]): Seen => ({
  busy: seen.some(({ busy }) => busy),
  again: seen.some(({ again }) => again),
  next: earliest(seen.map(({ next }) => next)),
})

const wait = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms).unref())

interface EngineMeans
  extends Omit<TellerMeans, 'onOver'>,
    Omit<AskerMeans, 'pause' | 'directory' | 'onOver'> {
  /** Orders that the engine closed, at a moment of their clock. */
  readonly onClosed: (closed: readonly ClosedDue[], at: Date) => void
}

export function openEngine(means: EngineMeans): Engine {
  const { ledger, directory, world, onTrouble } = means
  const teller = openTeller({ ...means, onOver: () => lookSoon() })
  const closer = openCloser(means)
  const asker = openAsker({ ...means, pause: wait, onOver: () => lookSoon() })
  let timer: NodeJS.Timeout | undefined
  let soon: NodeJS.Timeout | undefined
  let looking: Promise<void> | undefined
  let again = false
  let more = false
  let closed = false
  const walks = new Map<string, Promise<ClockReading>>()
  let lookedAt = world.wallClock()
  let dueAgeMs = 0
  const onLookTrouble = (error: unknown) => onTrouble('the engine could not look for what is due', error)

  async function readClocks(): Promise<Map<string, ClockNow>> {
    const ids = await directory.environmentIds()
    const clocks = new Map<string, ClockNow>()
    await Promise.all(
      ids.map(async (id) => {
        const environment = await directory.environment(id)
        if (environment === undefined) return
        const { now, target } = await environmentClock(ledger, environment, world.wallClock())
        // Whoever was walking it may have died on the way.
        if (target !== undefined && !walks.has(id)) walk(environment).catch(onLookTrouble)
        const name = clockName(environment)
        const timeoutMs = Math.max(environment.callbackTimeout, clocks.get(name)?.timeoutMs ?? 0)
        clocks.set(name, { now, timeoutMs, isAwaited: false })
      }),
    )
    return clocks
  }

  /** Orders and refunds that are due in one place. @returns how many of either were worked on */
  async function moneyOf(work: DueWork, place: LanePlace, now: Date): Promise<[number, number]> {
    const ordersDue = work.closesFrom !== undefined && work.closesFrom <= now
    const refundsDue = work.refundsFrom !== undefined && work.refundsFrom <= now
    // A channel may take seconds to answer: no look waits for it.
    if (place.clock === askedClock) {
      if (ordersDue || refundsDue) await asker.askDue(place, now)
      return [0, 0]
    }
    const [closed, returned, settled] = await Promise.all([
      ordersDue ? closer.closeDue(place, now) : 0,
      ordersDue ? returnDueLate(means, place, now) : 0,
      refundsDue ? settleDueRefunds(means, place, now) : 0,
    ])
    return [closed + returned, settled]
  }

  /** Does what is due in one place. Money never waits for telling. */
  async function lookAt(work: DueWork, { now, timeoutMs, isAwaited }: ClockNow): Promise<Seen> {
    const place = { part: work.part, clock: work.clock }
    const isDue = (from: Date | undefined) => from !== undefined && from <= now
    const [closed, settled] = await moneyOf(work, place, now)
    // What was settled is to be told: of the refunds, whether or not there was something before.
    const asked = { order: work.tellOrders, refund: work.tellRefunds || settled > 0 }
    const told = await Promise.all(
      subjects
        .filter((subject) => asked[subject])
        .map((subject) => teller.look(subject, { ...place, now, timeoutMs, isAwaited })),
    )
    return {
      busy: isDue(work.closesFrom) || isDue(work.refundsFrom) || told.some(({ more }) => more),
      again: closed > 0 || settled > 0,
      next: earliest([
        ...[work.closesFrom, work.refundsFrom].filter((from) => !isDue(from)),
        ...told.map(({ next }) => next),
      ]),
    }
  }

  /** Looks take turns, for they share the places that targets have. */
  let turn: Promise<unknown> = Promise.resolve()
  function inTurn<T>(look: () => Promise<T>): Promise<T> {
    const done = turn.then(look)
    turn = done.catch(() => {})
    return done
  }

  /** One look at one clock, wherever something waits on it. */
  async function lookOn(clock: string, at: ClockNow): Promise<Seen> {
    const places = await findDueWork(ledger.db, [clock])
    return together(await Promise.all(places.map((work) => lookAt(work, at))))
  }

  /** One look everywhere. @returns in how many milliseconds of real time it is time for the next */
  async function lookOnce(): Promise<number> {
    const clocks = await readClocks()
    const places = await findDueWork(ledger.db, [...clocks.keys()])
    const ages = places.map(({ clock, closesFrom, refundsFrom }) => {
      const first = earliest([closesFrom, refundsFrom])
      const now = clocks.get(clock)?.now
      return first === undefined || now === undefined ? 0 : now.getTime() - first.getTime()
    })
    dueAgeMs = Math.max(0, ...ages)
    lookedAt = world.wallClock()
    const seen = await Promise.all(
      places.map(async (work) => {
        const clock = clocks.get(work.clock)
        if (clock === undefined) return { busy: false, again: false, waitMs: lookEveryMs }
        const { busy, again, next } = await lookAt(work, clock)
        const waitMs = next === undefined ? lookEveryMs : Math.max(1, next.getTime() - clock.now.getTime())
        return { busy, again, waitMs }
      }),
    )
    more = seen.some(({ busy }) => busy)
    if (seen.some((one) => one.again)) again = true
    return Math.min(lookEveryMs, ...seen.map(({ waitMs }) => waitMs))
  }

  async function run(): Promise<void> {
    let waitMs = lookEveryMs
    do {
      again = false
      waitMs = await inTurn(lookOnce).catch((error: unknown) => {
        onLookTrouble(error)
        return lookEveryMs
      })
    } while (again && !closed)
    looking = undefined
    if (!closed) timer = setTimeout(nudge, waitMs).unref()
  }

  function nudge(): void {
    if (closed) return
    again = true
    clearTimeout(timer)
    looking ??= run()
  }

  /** A place became free: only of interest where something waits for one. */
  function lookSoon(): void {
    if (!more || closed) return
    soon ??= setTimeout(() => {
      soon = undefined
      nudge()
    }, gatherMs).unref()
  }

  const prune = async () => {
    for (const envId of await directory.environmentIds())
      await pruneDeliveries(ledger, envId, world.wallClock())
  }
  const pruning = setInterval(() => {
    prune().catch((error: unknown) => onTrouble('old deliveries could not be deleted', error))
  }, pruneEveryMs).unref()

  /** Real clocks are one: of all who share it, the most patient counts. */
  async function longestTimeout(clock: string): Promise<number> {
    const ids = await directory.environmentIds()
    const all = await Promise.all(ids.map((id) => directory.environment(id)))
    return Math.max(
      0,
      ...all.flatMap((one) => (one !== undefined && clockName(one) === clock ? [one.callbackTimeout] : [])),
    )
  }

  /** @param time at which to look; left out: the environment's, each time anew */
  async function untilQuiet(environment: Environment, until?: Date, time?: Date): Promise<Date | undefined> {
    const clock = clockName(environment)
    const timeoutMs = await longestTimeout(clock)
    for (;;) {
      const now = time ?? (await environmentTime(ledger, environment, world.wallClock()))
      const {
        busy,
        again: more,
        next,
      } = await inTurn(() => lookOn(clock, { now, timeoutMs, isAwaited: true }))
      const late = until !== undefined && world.wallClock() >= until
      if (late || closed || !(busy || more)) return next
      if (more) continue
      await Promise.race([teller.underWay() > 0 ? teller.oneOver() : wait(othersMs), wait(lookEveryMs)])
    }
  }

  async function takeThere(environment: Environment): Promise<ClockReading> {
    let now: Date | undefined
    for (;;) {
      const next = await untilQuiet(environment, undefined, now)
      if (closed) throw new LedgerUnavailable('the engine stops; the clock goes on when it runs again')
      const clock = await stepClock(ledger.db, environment.envId, next, world.wallClock())
      now = clock.now
      if (clock.target !== undefined) continue
      await untilQuiet(environment)
      return clock
    }
  }

  /** One walk at a time: whoever wants the clock to go further meanwhile waits for it to get there too. */
  function walk(environment: Environment): Promise<ClockReading> {
    const { envId } = environment
    const underWay = walks.get(envId)
    if (underWay !== undefined) return underWay
    const walking = takeThere(environment).finally(() => walks.delete(envId))
    walks.set(envId, walking)
    return walking
  }

  nudge()
  return {
    nudge,
    quiet: (environment, withinMs) =>
      untilQuiet(
        environment,
        withinMs === undefined ? undefined : new Date(world.wallClock().getTime() + withinMs),
      ),
    walk,
    asking: asker,
    pace: () => ({ sinceLookMs: world.wallClock().getTime() - lookedAt.getTime(), dueAgeMs }),
    async close() {
      closed = true
      clearTimeout(timer)
      clearTimeout(soon)
      clearInterval(pruning)
      await looking
      await turn
      await Promise.race([asker.idle(), wait(closeWithinMs)])
      await teller.close(closeWithinMs)
    },
  }
}

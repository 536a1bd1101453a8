/**
 * Who watches an environment, and when they are told: once a second at most, however many they are, the environment is
 * looked at, and all hear the same text. Nobody watches: nothing is asked. Pauses are on a clock that nobody sets.
 */
import type { ServerResponse } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { Environment } from '../../ledger/environments.ts'
import type { Pulse } from '../../ledger/tallies.ts'
import { eventOf, grew, isCall, isTold, type Look, type LookMeans, lookAt, newsSince } from './look.ts'

const lookEveryMs = 1_000
/** Looking takes at most one part in so many of the time, however slow the database. */
const lookShare = 10
const saySomethingMs = 15_000
const stillHere = Buffer.from(': still here\n\n')
/** What all who watch are sent together. The more they are, and the more happens, the rarer they hear: shops come first. */
const bytesAMs = 1_000
/** Who hears that calls came, or that something was told, asks for more: so far apart from the next who does. */
const askEveryMs = 100
/** So many lines are written to, then others have so many milliseconds: a thousand are told within a second, and nobody waits. */
const [linesATurn, pauseMs] = [20, 20]
/** Who reads so slowly is let go, and comes back when it can. */
const mostUnread = 1024 * 1024

/** Of one process. */
export const mostWatchers = 1_500

/** One environment that somebody watches. */
class Watched {
  /** Who was let in, answered yet or not. */
  readonly guests = new Set<ServerResponse>()
  readonly #listeners = new Set<ServerResponse>()
  readonly #means: LookMeans
  readonly #environment: Environment
  /** One for all who come at once: what changed after it is told to each of them. */
  #first: Promise<Look> | undefined
  #looked: Look | undefined
  /** What of calls and callbacks all have heard. */
  #heard: Pulse = new Map()
  #looking = false
  #timer: NodeJS.Timeout | undefined
  #isOver = false
  #spoke = 0
  #quietUntil = 0
  #askingUntil = 0

  constructor(means: LookMeans, environment: Environment) {
    this.#means = means
    this.#environment = environment
  }

  /** Begins to answer: at first how things stand. @throws LedgerUnavailable nothing was said yet */
  async add(response: ServerResponse): Promise<void> {
    const look = await this.#firstLook()
    if (this.#isOver) response.destroy()
    if (response.destroyed) return
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    const toAsk = { callbacks: true, requests: true, spreadMs: this.#spreadMs() }
    response.write(eventOf(newsSince(undefined, look), toAsk))
    this.#listeners.add(response)
    this.#timer ??= setInterval(() => void this.#look(), lookEveryMs).unref()
  }

  leave(response: ServerResponse): void {
    this.guests.delete(response)
    this.#listeners.delete(response)
  }

  /** For good; whoever still waits for a first look is sent away after it. */
  stop(): void {
    this.#isOver = true
    clearInterval(this.#timer)
    for (const response of this.#listeners) response.end()
    this.#listeners.clear()
  }

  /** @returns how things stand, as it was told last */
  async #firstLook(): Promise<Look> {
    this.#first ??= lookAt(this.#means, this.#environment, undefined)
    try {
      const first = await this.#first
      if (this.#looked === undefined) {
        this.#looked = first
        this.#heard = first.pulse
      }
      return this.#looked
    } catch (error) {
      this.#first = undefined
      throw error
    }
  }

  /** Over how long those who watch spread what they ask for; few need not. */
  #spreadMs(): number {
    const ms = this.#listeners.size * askEveryMs
    return ms < lookEveryMs ? 0 : ms
  }

  async #look(): Promise<void> {
    const begun = this.#means.nowMs()
    const before = this.#looked
    if (before === undefined || this.#looking || begun < this.#quietUntil) return
    this.#looking = true
    try {
      const look = await lookAt(this.#means, this.#environment, before)
      if (this.#isOver) return
      const at = this.#means.nowMs()
      this.#quietUntil = at + (at - begun) * (lookShare - 1)
      await this.#tell(before, look, at)
    } catch {
      // The database is away: what changed is told when it is back.
    } finally {
      this.#looking = false
    }
    if (this.#means.nowMs() - this.#spoke >= saySomethingMs) await this.#say(stillHere)
  }

  async #tell(before: Look, look: Look, at: number): Promise<void> {
    const news = newsSince(before, look)
    // Of what they ask for because of it they hear again when all have asked.
    const mayAsk = at >= this.#askingUntil
    const callbacks = mayAsk && grew(this.#heard, look.pulse, isTold)
    const requests = mayAsk && grew(this.#heard, look.pulse, isCall)
    if (!news.isClock && news.orders.length === 0 && !callbacks && !requests) {
      this.#looked = news.look
      return
    }
    const spreadMs = this.#spreadMs()
    const event = eventOf(news, { callbacks, requests, spreadMs })
    this.#looked = news.look
    if (callbacks || requests) {
      this.#heard = look.pulse
      this.#askingUntil = at + spreadMs
    }
    await this.#say(event)
  }

  /** A turn for others now and then: a thousand lines take a while to write. */
  async #say(text: Buffer): Promise<void> {
    this.#spoke = this.#means.nowMs()
    this.#quietUntil = Math.max(
      this.#quietUntil,
      this.#spoke + (text.length * this.#listeners.size) / bytesAMs,
    )
    for (const [at, response] of [...this.#listeners].entries()) {
      if (at % linesATurn === linesATurn - 1) await wait(pauseMs)
      if (!this.#listeners.has(response)) continue
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

export function openWatchers(means: LookMeans): Watchers {
  const watched = new Map<string, Watched>()
  /** Those that are let in, whether they were answered yet or not. */
  const inside = new Set<ServerResponse>()
  let isClosed = false
  return {
    async watch(environment, response) {
      const { socket } = response
      if (isClosed || inside.size >= mostWatchers) return false
      if (!isThere(response) || socket === null) return false
      const { envId } = environment
      const its = watched.get(envId) ?? new Watched(means, environment)
      watched.set(envId, its)
      inside.add(response)
      its.guests.add(response)
      const leave = () => {
        socket.off('close', leave)
        inside.delete(response)
        its.leave(response)
        if (its.guests.size > 0) return
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
      isClosed = true
      for (const its of watched.values()) its.stop()
      watched.clear()
    },
  }
}

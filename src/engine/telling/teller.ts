/**
 * Tells what is due: claims what it can start, attempts it, writes what came of it. A worker that dies in the middle
 * loses nothing, for its lease ends; one that hangs past its lease changes nothing, for its claim stands no more.
 */
import { LedgerUnavailable } from '../../ledger/db/db.ts'
import { type Delivery, logDelivery } from '../../ledger/deliveries.ts'
import type { Directory } from '../../ledger/directory.ts'
import type { Environment } from '../../ledger/environments.ts'
import type { Ledger } from '../../ledger/ledger.ts'
import type { Notice } from '../../ledger/notices.ts'
import {
  claimTellings,
  dueTargets,
  findTelling,
  type LanePlace,
  releaseClaim,
  type Subject,
  type Telling,
  writeTold,
} from '../../ledger/tell-lane.ts'
import { newCommandId } from '../../ledger/world.ts'
import type { DeliveryFault } from '../../protocol/acknowledgement.ts'
import { printable } from '../../protocol/cloud-function/refusal.ts'
import { retryPauses } from '../../protocol/retry-schedule.ts'
import { afterAttempt, isDue } from '../next-step.ts'
import { type Attempted, attempt, type Means } from './attempt.ts'
import { openConcurrency } from './concurrency.ts'

export interface TellerMeans extends Means {
  readonly ledger: Ledger
  readonly directory: Directory
  /** An attempt is over: for metrics, and whoever listens. */
  readonly onDelivery: (delivery: Delivery, before: Notice) => void
  /** A telling is over, and its place is free. Must not throw. */
  readonly onOver?: () => void
  /** Something went wrong here: for the log. Must not throw. */
  readonly onTrouble: (message: string, error: unknown) => void
}

/** A place in time: where to look, and until when. */
export interface Place extends LanePlace {
  /** On the clock of the place. */
  readonly now: Date
  /** No attempt of this place takes longer. */
  readonly timeoutMs: number
  /** Somebody waits until all of it is done. */
  readonly isAwaited: boolean
}

export interface Looked {
  /** There may be more: not every target had a place free, or another worker is at it. */
  readonly more: boolean
  /** When the next is due that is not due yet. */
  readonly next: Date | undefined
}

export interface Teller {
  /** Begins what is due and has a place. @throws LedgerUnavailable */
  look(subject: Subject, place: Place): Promise<Looked>
  /** Orders and refunds that are being told. */
  underWay(): number
  /** Settles when one of them is over; at once where there is none. */
  oneOver(): Promise<void>
  /** Waits so long, then gives up what is under way: it is told again. */
  close(withinMs: number): Promise<void>
}

/** An attempt was given up because this process stops: nothing is known of it. */
class Stopped extends Error {
  override readonly name = 'Stopped'
}

/** Beyond the attempt itself: what its lease leaves for writing what came of it. */
const leaseSlackMs = 5_000
/** What keeps one from being written is another's success; so many in a row, and the lease may end. */
const mostWrites = 20
/** Rows of one claim. */
const mostClaimed = 256

/** What a target said stands in reasons: of that only what a database and a line of a log can hold. */
const mostReason = 1_000
const clean = (text: string) => printable(text.slice(0, mostReason))
const storable = ({ code, text }: DeliveryFault): DeliveryFault => ({
  code,
  text: { zh: clean(text.zh), en: clean(text.en) },
})

/** An answer that we could not deal with is one that does not acknowledge: it is tried again on schedule. */
const failedHere = (target: string, error: unknown): Attempted => ({
  fault: {
    code: 'not-acknowledged',
    text: { zh: `应答无法处理：${error}`, en: `the answer cannot be dealt with: ${error}` },
  },
  status: undefined,
  answer: undefined,
  sent: '',
  target,
})

export function openTeller(means: TellerMeans): Teller {
  const { ledger, directory, world, onDelivery, onTrouble, onOver = () => {} } = means
  const concurrency = openConcurrency()
  const running = new Set<Promise<void>>()
  let stopped = false

  /** One attempt at one notice, and its line in the log. */
  async function tryOnce(environment: Environment, telling: Telling, notice: Notice, now: Date) {
    const begun = world.wallClock()
    const attempted = await attempt(means, environment, telling, notice).catch((error: unknown) => {
      if (error instanceof LedgerUnavailable) throw error
      onTrouble('an attempt failed here', error)
      return failedHere(telling.tellTarget, error)
    })
    if (stopped && attempted.fault !== undefined) throw new Stopped()
    const fault = attempted.fault === undefined ? undefined : storable(attempted.fault)
    const over = world.wallClock()
    const { subject, part, envId, subMchId, number } = telling
    const delivery: Delivery = {
      subject,
      part,
      envId,
      subMchId,
      number,
      id: Buffer.from(world.randomBytes(8)).toString('hex'),
      loggedAt: over,
      at: now,
      kind: notice.kind,
      attempt: notice.attempts + 1,
      target: attempted.target,
      outcome: fault?.code ?? 'acknowledged',
      why: fault?.text,
      status: attempted.status,
      ms: Math.max(0, over.getTime() - begun.getTime()),
      answer: attempted.answer,
      sent: attempted.sent,
    }
    try {
      onDelivery(delivery, notice)
    } catch (error) {
      onTrouble('whoever listens to attempts threw', error)
    }
    await logDelivery(ledger, delivery).catch((error: unknown) =>
      onTrouble('an attempt was not logged', error),
    )
    const code = fault?.code
    const usual = telling.tellTarget.startsWith('url:') ? retryPauses.v2 : retryPauses.cloudpay
    return {
      notice: afterAttempt(notice, fault, now, environment.callbackRetries ?? usual),
      answered: code !== 'timeout' && code !== 'connection',
    }
  }

  /**
   * A refund that was accepted meanwhile wrote the same row: then it is written again, beside what was added. Where the
   * claim is gone, not at all.
   */
  async function write(telling: Telling, claim: string, tried: readonly Notice[]): Promise<void> {
    let notices = tried
    for (let times = 0; times < mostWrites; times++) {
      if (await writeTold(ledger, { ...telling, claim, notices })) return
      const now = await findTelling(ledger.db, telling, claim)
      if (now === undefined) return
      notices = [...tried, ...now.notices.slice(tried.length)]
    }
  }

  /** @returns whether the target answered in time */
  async function tell(telling: Telling, claim: string, now: Date): Promise<boolean> {
    const environment = await directory.environment(telling.envId)
    // Taken out of the configuration: its keys are gone. The lease ends; whoever has them again tells.
    if (environment === undefined) return true
    const tried = await Promise.all(
      telling.notices.map((notice) =>
        isDue(notice, now)
          ? tryOnce(environment, telling, notice, now)
          : Promise.resolve({ notice, answered: true }),
      ),
    )
    await write(
      telling,
      claim,
      tried.map(({ notice }) => notice),
    )
    return tried.every(({ answered }) => answered)
  }

  /**
   * What is not known is told again: at once where the ledger was away or we stop, and the claim can be given back.
   * Whatever else went wrong would go wrong again at once: then when its lease ends.
   */
  async function failed(telling: Telling, claim: string, error: unknown): Promise<true> {
    if (!(error instanceof Stopped)) onTrouble('telling failed, it is tried again', error)
    if (error instanceof Stopped || error instanceof LedgerUnavailable)
      await releaseClaim(ledger.db, telling, claim).catch(() => {})
    return true
  }

  function start(telling: Telling, claim: string, now: Date): void {
    concurrency.begin(telling.tellTarget)
    const work: Promise<void> = tell(telling, claim, now)
      .catch((error: unknown) => failed(telling, claim, error))
      .then((answered) => {
        concurrency.end(telling.tellTarget, answered)
        running.delete(work)
        onOver()
      })
    running.add(work)
  }

  return {
    async look(subject, { part, clock, now, timeoutMs, isAwaited }) {
      const all = await dueTargets(ledger.db, subject, { part, clock })
      const due = all.filter(({ at }) => at <= now).sort((a, b) => a.at.getTime() - b.at.getTime())
      const next = all
        .filter(({ at }) => at > now)
        .reduce<Date | undefined>(
          (first, { at }) => (first === undefined || at < first ? at : first),
          undefined,
        )
      // Whoever hangs is due all the time, with rows that are claimed: that it has places takes none from others.
      const targets = due.flatMap(({ target }) => {
        const free = concurrency.free(target, isAwaited)
        return free > 0 ? [{ target, free }] : []
      })
      const limit = Math.min(mostClaimed, concurrency.freeInAll())
      if (targets.length === 0 || limit === 0 || stopped) return { more: due.length > 0, next }
      const wall = world.wallClock()
      const claim = newCommandId(world)
      const claimed = await claimTellings(ledger.db, {
        subject,
        part,
        clock,
        targets,
        limit,
        dueBy: now,
        wall,
        leaseUntil: new Date(wall.getTime() + timeoutMs + leaseSlackMs),
        claim,
      })
      for (const telling of claimed) start(telling, claim, now)
      return { more: due.length > 0, next }
    },
    underWay: () => running.size,
    oneOver: async () => {
      if (running.size > 0) await Promise.race(running)
    },
    async close(withinMs) {
      let late: NodeJS.Timeout | undefined
      const soon = new Promise<void>((resolve) => {
        late = setTimeout(resolve, withinMs)
      })
      await Promise.race([Promise.all(running), soon])
      clearTimeout(late)
      stopped = true
      await means.poster.close()
      await Promise.all(running)
    },
  }
}

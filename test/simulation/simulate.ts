/**
 * One history: several gateways on one ledger, shops that order, start again, close and refund, payers who pay whatever they
 * have at hand; statements that are lost or late, gateways that die at any await, an engine that looks when chance has it.
 * Then all faults stop, days pass, and what is left is checked (checker.ts).
 */

import type { Channel } from '../../src/channels/channel.ts'
import { type Db, LedgerUnavailable } from '../../src/ledger/db/db.ts'
import { type Environment, environmentSettingSchema, type LatePolicy } from '../../src/ledger/environments.ts'
import { environmentNamed } from '../support/sandbox.ts'
import { type Books, openBooks } from '../upstream/books.ts'
import { openLine } from '../upstream/line.ts'
import { type Chance, chanceOf } from './chance.ts'
import { type Gateway, openGateway, type Upstream } from './gateway.ts'
import { type Asked, aboutOnePurchase, type Counter } from './people.ts'
import { openWaitingRoom } from './waiting-db.ts'

export interface History {
  /** Whoever moved the money, where it had to be asked: what it knows, and what it said that was not so. */
  readonly upstream: { readonly books: Books; readonly lied: ReadonlySet<string> } | undefined
  readonly latePayments: LatePolicy
  readonly asked: readonly Asked[]
  /** In virtual time, when all was over. */
  readonly end: Date
}

const gateways = 3
const purchases = 3
/** Calls of one shop or payer. */
const callsEach = 9
const start = Date.UTC(2026, 10, 23)
const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs
/** Around the five minutes, a `closeAfter`, and the two hours of a prepay id. */
const jumps = [1_000, 10_000, 30_000, minuteMs, 6 * minuteMs, 45 * minuteMs, 125 * minuteMs, 125 * minuteMs]

/** More than any history needs to end. */
const mostLooks = 2_000

const settle = () => new Promise<void>((resolve) => void setImmediate(resolve))

/** A gateway that dies takes with it what it was at, and another takes its place. */
interface Running {
  owner: object
  gateway: Gateway
  /** Resolves when it dies: whoever waits for it hears nothing. */
  died: Promise<void>
  die: () => void
}

interface Simulation {
  readonly chance: Chance
  readonly running: Running[]
  readonly asked: Asked[]
  readonly books: Books | undefined
  step: number
}

type Answer = { readonly heard: string; readonly prepayId?: string | undefined }

/** Through any gateway that is up at the moment. */
async function call(
  simulation: Simulation,
  about: Omit<Asked, 'began' | 'ended' | 'heard'>,
  ask: (gateway: Gateway) => Promise<Answer>,
): Promise<Answer> {
  const { gateway, died } = simulation.chance.pick(simulation.running)
  const began = ++simulation.step
  const answer = await Promise.race([
    ask(gateway).catch((error: unknown): Answer => {
      if (error instanceof LedgerUnavailable) return { heard: 'unknown' }
      throw error
    }),
    died.then((): Answer => ({ heard: 'unknown' })),
  ])
  simulation.asked.push({ ...about, began, ended: ++simulation.step, heard: answer.heard })
  return answer
}

/** Where people ask: any gateway that is up. */
const counterOf = (simulation: Simulation): Counter => ({
  chance: simulation.chance,
  order: async (outTradeNo, replaces) =>
    (
      await call(simulation, { what: 'order', outTradeNo, replaces }, async (gateway) => {
        const { outcome } = await gateway.order(outTradeNo, replaces)
        return {
          heard: outcome.outcome,
          prepayId: 'prepay' in outcome ? outcome.prepay.prepayId : undefined,
        }
      })
    ).prepayId,
  close: async (outTradeNo) => {
    await call(simulation, { what: 'close', outTradeNo }, async (gateway) => ({
      heard: (await gateway.close(outTradeNo)).outcome.outcome,
    }))
  },
  refund: async (outTradeNo, outRefundNo, fee) => {
    await call(simulation, { what: 'refund', outTradeNo, outRefundNo, fee }, async (gateway) => ({
      heard: (await gateway.refund(outTradeNo, outRefundNo, fee)).outcome.outcome,
    }))
  },
  pay: async (outTradeNo, prepayId, openid) => {
    const { books } = simulation
    if (books !== undefined) {
      // Phones do not ask our gateways, and people take their time.
      for (let moments = simulation.chance.below(250); moments > 0; moments--) await settle()
      const began = ++simulation.step
      const heard = books.pay(prepayId, openid)
      const ended = ++simulation.step
      simulation.asked.push({ what: 'pay', outTradeNo, prepayId, openid, began, ended, heard })
      await settle()
      return
    }
    await call(simulation, { what: 'pay', outTradeNo, prepayId, openid }, async (gateway) => {
      const paid = await gateway.pay(prepayId, openid)
      return { heard: paid.outcome === 'refused' ? paid.why : paid.outcome }
    })
  },
  wait: settle,
})

/** How one history goes: which channel, and which bug is planted in it. */
export interface How {
  /** `asked`: one that loses, delays, repeats and garbles what it is asked (test/upstream). */
  readonly channel: 'sandbox' | 'asked'
  /** Statements on their way. */
  readonly rewrite?: (sql: string) => string
  /** What comes of asking. */
  readonly tamper?: (channel: Channel) => Channel
}

/** When anything is due next, on whatever clock. */
async function nextDue(db: Db): Promise<Date | undefined> {
  const [row] = await db.rows<{ next: Date | null }>(
    'select least((select min(o.due_at) from orders o), (select min(r.due_at) from refunds r)) as next',
  )
  return row?.next ?? undefined
}

/** What is waited for in the same step is shorter. */
const longPause = 1_000

/** Longer than a claim that a dead gateway left. */
const pastLeases = 21_000

/** @param db with a ledger of one part, empty */
export async function simulate(
  seed: number,
  db: Db,
  { channel: kind, rewrite = (sql) => sql, tamper = (channel) => channel }: How,
): Promise<History> {
  const chance = chanceOf(seed)
  let now = start
  const world = { wallClock: () => new Date(now), randomBytes: chance.bytes }
  const setting = environmentSettingSchema.parse({
    ...environmentNamed('simulated', chance.pick(['documented', 'observed']), {
      clock: 'real',
      ...(kind === 'asked' ? { channel: 'wechatpay' } : {}),
      latePayments: chance.pick(['refund', 'refund', 'adopt', 'ask']),
      closeAtTimeExpire: true,
      closeAfterSevenDays: true,
      closeAfter: chance.pick([undefined, '40m']),
      refundTakes: '5m',
    }),
  })
  const environment: Environment = { ...setting, directMerchants: [] }
  const room = openWaitingRoom(db, rewrite)
  const books =
    kind === 'asked'
      ? openBooks(
          () => new Date(now),
          () => chance.happens(0.1),
        )
      : undefined
  const line = books === undefined ? undefined : openLine(books, chance, () => new Date(now))
  const asks = line === undefined ? undefined : tamper(line)
  const upstreamOf = (owner: object): Upstream | undefined =>
    asks === undefined
      ? undefined
      : {
          pause(ms) {
            // Most answers come in time: nobody waits for what only ends when they do not.
            if (ms > longPause && !chance.happens(0.1)) return new Promise(() => {})
            const over = now + ms
            return room.wait(owner, async () => {
              now = Math.max(now, over)
            })
          },
          channel: {
            create: (order) => room.wait(owner, () => asks.create(order)),
            close: (order) => room.wait(owner, () => asks.close(order)),
            query: (order) => room.wait(owner, () => asks.query(order)),
            refund: (refund) => room.wait(owner, () => asks.refund(refund)),
            queryRefund: (refund) => room.wait(owner, () => asks.queryRefund(refund)),
          },
        }
  const open = (): Running => {
    const owner = {}
    let die = () => {}
    const died = new Promise<void>((resolve) => {
      die = resolve
    })
    return {
      owner,
      gateway: openGateway(room.connect(owner), environment, world, chance, upstreamOf(owner)),
      died,
      die,
    }
  }
  const simulation: Simulation = {
    chance,
    running: Array.from({ length: gateways }, open),
    asked: [],
    books,
    step: 0,
  }

  let busy = 0
  const failures: unknown[] = []
  const task = (run: Promise<void>) => {
    busy++
    run.catch((error: unknown) => void failures.push(error)).finally(() => busy--)
  }
  for (let index = 0; index < purchases; index++) {
    for (const person of aboutOnePurchase(counterOf(simulation), `P${index}`, callsEach)) task(person)
  }
  const look = ({ gateway, died }: Running) =>
    task(
      Promise.race([gateway.look(), died]).catch((error: unknown) => {
        if (!(error instanceof LedgerUnavailable)) throw error
      }),
    )

  while (busy > 0) {
    await settle()
    const choice = chance.next()
    if (choice < (books === undefined ? 0.04 : 0.015)) {
      const jump = chance.pick(jumps)
      // What is under way takes effect within five minutes, or never.
      if (jump > 4 * minuteMs) line?.arrive()
      now += jump
    } else if (choice < 0.045) line?.arrive()
    else if (choice < 0.05) books?.settleRefunds(() => chance.pick(['SUCCESS', 'SUCCESS', 'REFUNDCLOSE']))
    else if (choice < 0.06) {
      const place = chance.below(gateways)
      const victim = simulation.running[place]
      if (victim !== undefined) room.forget(victim.owner)
      victim?.die()
      simulation.running[place] = open()
    } else if (choice < 0.1) look(chance.pick(simulation.running))
    else if (room.size() > 0) {
      const luck = chance.next()
      await room.letGo(
        chance.below(room.size()),
        luck < 0.04 ? 'lost-before' : luck < 0.08 ? 'lost-after' : 'done',
      )
    }
    if (failures.length > 0) throw failures[0]
  }

  // All faults stop, and days pass: with nobody but the engine at work everything ends.
  line?.arrive()
  line?.calm()
  const until = now + 10 * dayMs
  for (let looks = 0; looks < mostLooks; looks++) {
    const next = await nextDue(db)
    if (next === undefined || now >= until) break
    now = Math.max(now + pastLeases, next.getTime())
    books?.settleRefunds(() => 'SUCCESS')
    look(chance.pick(simulation.running))
    while (busy > 0) {
      await settle()
      if (room.size() > 0) await room.letGo(0, 'done')
    }
    if (failures.length > 0) throw failures[0]
  }
  const upstream = books === undefined || line === undefined ? undefined : { books, lied: line.lied }
  return { upstream, latePayments: setting.latePayments, asked: simulation.asked, end: new Date(now) }
}

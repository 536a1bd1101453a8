/**
 * Returns payments that came too late: one step at a time, each from what the ledger holds, so that a step that is done twice
 * returns nothing twice. A return that fails is tried again, under a new number, and raises an alarm; it never ends otherwise.
 */
import type { ChannelOf } from '../channels/channel.ts'
import { issueRefundId, unknownRefundId } from '../channels/sandbox/prepay.ts'
import { refundDueAt } from '../channels/sandbox/refund.ts'
import { acceptRefund } from '../ledger/accept-refund.ts'
import type { Late } from '../ledger/asking.ts'
import { clockName } from '../ledger/clocks.ts'
import type { Directory } from '../ledger/directory.ts'
import type { Environment } from '../ledger/environments.ts'
import { lateRefundNo } from '../ledger/late-payments.ts'
import { type LateStep, type Returned, returnsOf, writeLate } from '../ledger/late-returns.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { claimDueLate } from '../ledger/money-lane.ts'
import type { HistoryEvent, Order } from '../ledger/order.ts'
import { orderKey } from '../ledger/order-key.ts'
import type { LanePlace } from '../ledger/tell-lane.ts'
import { newCommandId, type World } from '../ledger/world.ts'
import { fen } from '../protocol/fen.ts'

export interface ReturnMeans {
  readonly ledger: Ledger
  readonly world: World
  readonly channelOf: ChannelOf
  /** A payment that came too late needs somebody to look at it. */
  readonly onAlarm: (order: Order, alarm: NonNullable<Late['alarm']>) => void
}

/** A step takes a statement or three. */
const leaseMs = 10_000
/** Of one look; what is left waits for the next. */
const mostAtOnce = 64

/** On the environment's clock: how soon a return is looked at again. The last repeats. */
const looksMs = [5_000, 30_000, 120_000, 600_000, 3_600_000]
const lookAfter = (at: Date, tries: number) =>
  new Date(at.getTime() + (looksMs[Math.min(tries, looksMs.length - 1)] ?? 0))

/** What is to be done about a late payment, as its refunds stand. */
export type ReturnStep =
  | { readonly do: 'done' }
  /** So much is to go back, under that number. */
  | { readonly do: 'return'; readonly number: string; readonly fee: number }
  /** That return is over, and money is left: the next number. */
  | { readonly do: 'next'; readonly failed: boolean }
  | { readonly do: 'wait'; readonly alarm?: 'account' }

/** @param outTradeNo of the order, @param refunds all of its refunds, whoever asked for them */
export function returnStep(
  outTradeNo: string,
  { fee, returns }: Late,
  refunds: readonly Returned[],
): ReturnStep {
  const sumOf = (...states: Returned['state'][]) =>
    refunds.filter(({ state }) => states.includes(state)).reduce((sum, { refundFee }) => sum + refundFee, 0)
  if (sumOf('SUCCESS') >= fee) return { do: 'done' }
  const left = fee - sumOf('SUCCESS', 'PROCESSING', 'CHANGE')
  if (left <= 0) {
    return refunds.some(({ state }) => state === 'CHANGE') ? { do: 'wait', alarm: 'account' } : { do: 'wait' }
  }
  const number = lateRefundNo(outTradeNo, returns)
  const own = refunds.find(({ outRefundNo }) => outRefundNo === number)
  if (own === undefined) return { do: 'return', number, fee: left }
  // Under way, or it returned a part: the rest needs a number of its own.
  return own.state === 'PROCESSING' || own.state === 'CHANGE'
    ? { do: 'wait' }
    : { do: 'next', failed: own.state === 'REFUNDCLOSE' }
}

/** Asks for the return; the order's own lock decides whether there is that much left. @returns why not */
async function begin(
  { ledger, world, channelOf }: ReturnMeans,
  environment: Environment,
  order: Order,
  { number, fee }: { number: string; fee: number },
  at: Date,
): Promise<'taken' | 'refused' | undefined> {
  const { subMchId, outTradeNo, madeAs } = order
  const totalFee = order.totalFee ?? 0
  const isAsked = channelOf(environment) !== undefined
  const settled = await acceptRefund(ledger, {
    key: orderKey(ledger, environment.envId, subMchId, outTradeNo),
    commandId: newCommandId(world),
    at,
    clock: clockName(environment),
    request: {
      subMchId,
      outTradeNo,
      outRefundNo: number,
      totalFee: fen(totalFee),
      refundFee: fen(fee),
    },
    refundId: isAsked ? unknownRefundId(number) : issueRefundId(world, at),
    madeAs: madeAs ?? { wire: 'cloudpay', direct: false, signType: 'MD5', appid: '', mchId: '' },
    faults: [],
    dueAt: isAsked ? at : refundDueAt(environment, at, []),
    ...(isAsked ? { asking: { next: 'refund', tries: 0 } as const } : {}),
    by: 'policy',
  })
  if ('refused' in settled) return 'refused'
  return 'existing' in settled && settled.existing.outTradeNo !== outTradeNo ? 'taken' : undefined
}

/**
 * One step with an order that is claimed, and whose late payment is to go back.
 * @param at on the environment's clock
 * @throws LedgerUnavailable nothing is known; the order is due again when the lease ends
 */
export async function returnLate(
  means: ReturnMeans,
  environment: Environment,
  order: Order & { readonly late: Late },
  claim: string,
  at: Date,
): Promise<void> {
  const { ledger, world, onAlarm } = means
  const { late, outTradeNo } = order
  const key = orderKey(ledger, order.envId, order.subMchId, outTradeNo)
  const write = (change: Partial<Late>, due: Date | undefined, ...events: HistoryEvent[]) =>
    writeLate(ledger.db, {
      key,
      claim,
      commandId: newCommandId(world),
      change,
      due,
      events,
    } satisfies LateStep)
  const tries = late.tries + 1
  /** The longer it fails, by looks or by numbers that were used up, the rarer it is tried. */
  const alarm = async (
    which: NonNullable<Late['alarm']>,
    change: Partial<Late>,
    ...events: HistoryEvent[]
  ) => {
    const due = lookAfter(at, Math.max(tries, late.returns))
    const written = await write({ ...change, tries, alarm: which }, due, ...events)
    if (written.length > 0) onAlarm(order, which)
  }

  const step = returnStep(outTradeNo, late, await returnsOf(ledger.db, key))
  switch (step.do) {
    case 'done':
      await write({ returnedAt: at.toISOString() }, undefined, { event: 'returned', at: at.toISOString() })
      return
    case 'wait':
      if (step.alarm === undefined) await write({ tries }, lookAfter(at, tries - 1))
      else await alarm(step.alarm, {})
      return
    case 'next':
      if (step.failed)
        await alarm(
          'failed',
          { returns: late.returns + 1 },
          {
            event: 'return-failed',
            at: at.toISOString(),
            outRefundNo: lateRefundNo(outTradeNo, late.returns),
          },
        )
      else await write({ returns: late.returns + 1 }, at)
      return
    case 'return': {
      const why = await begin(means, environment, order, step, at)
      if (why === undefined) await write({ tries: 0 }, lookAfter(at, 0))
      else await alarm('failed', why === 'taken' ? { returns: late.returns + 1 } : {})
    }
  }
}

interface LookMeans extends ReturnMeans {
  readonly directory: Pick<Directory, 'environment'>
}

/** Where the channel's own word decides (the sandbox): others claim all that is due (asking/asker.ts). @returns how many */
export async function returnDueLate(
  means: LookMeans,
  { part, clock }: LanePlace,
  now: Date,
): Promise<number> {
  const { ledger, world, directory } = means
  const wall = world.wallClock()
  const claim = newCommandId(world)
  const leaseUntil = new Date(wall.getTime() + leaseMs)
  const claimed = await claimDueLate(ledger.db, {
    part,
    clock,
    dueBy: now,
    wall,
    leaseUntil,
    claim,
    limit: mostAtOnce,
  })
  await Promise.all(
    claimed.map(async (order) => {
      const environment = await directory.environment(order.envId)
      const { late } = order
      if (environment !== undefined && late !== undefined)
        await returnLate(means, environment, { ...order, late }, claim, now)
    }),
  )
  return claimed.length
}

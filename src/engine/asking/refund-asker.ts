/** Works on refunds whose channel has to be asked: the same way as on orders (asker.ts). */
import { type Channel, leaseMs } from '../../channels/channel.ts'
import { noticeOf } from '../../channels/sandbox/refund.ts'
import { writeRefundStep } from '../../ledger/asked-refund.ts'
import { type ClaimOne, claimRefund } from '../../ledger/claim-one.ts'
import type { Environment } from '../../ledger/environments.ts'
import { orderKey } from '../../ledger/order-key.ts'
import { findRefund, type Refund, type RefundKey } from '../../ledger/refund.ts'
import { settleRefund } from '../../ledger/settle-refund.ts'
import { newCommandId } from '../../ledger/world.ts'
import { type AskerMeans, answerOf } from './ask.ts'
import { later } from './pace.ts'
import { afterRefund, afterRefundQuery, begunBefore, type RefundMove } from './refund-steps.ts'

const othersMs = 50

export type Claimed = Pick<ClaimOne, 'claim' | 'leaseUntil'>

export interface RefundAsker {
  /** Until its channel took it on or refused it, or the time is up. @returns as it is then. @throws LedgerUnavailable */
  workOnRefund(environment: Environment, key: RefundKey, until: Date): Promise<Refund | undefined>
  workOnClaimed(refund: Refund, one: Claimed): Promise<void>
}

/** Neither taken on nor refused, as far as is known. */
const isUnknown = ({ state, asking }: Refund) =>
  state === 'PROCESSING' && asking !== undefined && asking.accepted === undefined

export function openRefundAsker(means: AskerMeans): RefundAsker {
  const { ledger, world, channelOf, directory, pause } = means

  const keyOf = ({ envId, subMchId, outRefundNo }: Refund): RefundKey => ({
    ...orderKey(ledger, envId, subMchId, ''),
    outRefundNo,
  })

  async function askAbout(
    channel: Channel,
    refund: Refund,
    { claim, leaseUntil }: Claimed,
  ): Promise<RefundMove | undefined> {
    const asking = refund.asking ?? { tries: 0 }
    if (asking.next !== 'refund') {
      const answer = await answerOf(pause, () => channel.queryRefund(refund))
      return afterRefundQuery(asking, answer, world.wallClock())
    }
    const begun = begunBefore(asking, world.wallClock())
    const written = await writeRefundStep(ledger.db, { key: keyOf(refund), claim, asking: begun })
    // Whoever stood still until others may be at it sends nothing: they count on that.
    if (written === undefined || world.wallClock() >= leaseUntil) return undefined
    const askedAt = world.wallClock()
    const answer = await answerOf(pause, () => channel.refund(refund))
    return afterRefund(asking, answer, world.wallClock(), askedAt)
  }

  async function takeStep(channel: Channel, refund: Refund, one: Claimed): Promise<void> {
    const { claim } = one
    const key = keyOf(refund)
    const move = await askAbout(channel, refund, one)
    if (move === undefined) return
    if (!('settled' in move)) {
      const { asking, due, refundId } = move
      await writeRefundStep(ledger.db, { key, claim, asking, due, refundId })
      return
    }
    const { settled: result, asking } = move
    const at = world.wallClock()
    await settleRefund(ledger, {
      ...key,
      outTradeNo: refund.outTradeNo,
      commandId: newCommandId(world),
      at,
      result,
      notice: noticeOf(refund, result, at),
      claim,
      asking,
    })
  }

  return {
    async workOnRefund(environment, key, until) {
      const channel = channelOf(environment)
      for (;;) {
        const refund = await findRefund(ledger.db, key)
        const now = world.wallClock()
        if (channel === undefined || refund === undefined || !isUnknown(refund) || now >= until) return refund
        const claim = newCommandId(world)
        const leaseUntil = later(now, leaseMs)
        const claimed = await claimRefund(ledger.db, key, { now, wall: now, leaseUntil, claim })
        if (claimed === undefined) {
          await pause(othersMs)
          continue
        }
        const step = takeStep(channel, claimed, { claim, leaseUntil })
        step.catch(() => {})
        await Promise.race([step, pause(until.getTime() - now.getTime())])
      }
    },
    async workOnClaimed(refund, one) {
      const environment = await directory.environment(refund.envId)
      const channel = environment === undefined ? undefined : channelOf(environment)
      if (channel !== undefined) await takeStep(channel, refund, one)
    },
  }
}

/** A gateway of the simulation: the real methods, ledger and engine, on a database that the simulation holds. */

import type { Channel } from '../../src/channels/channel.ts'
import { payAsCustomer } from '../../src/channels/sandbox/pay.ts'
import { openAsker } from '../../src/engine/asking/asker.ts'
import { openCloser } from '../../src/engine/close-due-orders.ts'
import { returnDueLate } from '../../src/engine/return-late.ts'
import { settleDueRefunds } from '../../src/engine/settle-refunds.ts'
import { askedClock } from '../../src/ledger/clocks.ts'
import { openBatcher } from '../../src/ledger/db/batcher.ts'
import { type Db, LedgerUnavailable } from '../../src/ledger/db/db.ts'
import { findDueWork } from '../../src/ledger/due-work.ts'
import type { Environment } from '../../src/ledger/environments.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import type { World } from '../../src/ledger/world.ts'
import { closeOrder } from '../../src/methods/close-order.ts'
import { refund } from '../../src/methods/refund.ts'
import type { Caller, Services } from '../../src/methods/services.ts'
import { unifiedOrder } from '../../src/methods/unified-order.ts'
import { fen } from '../../src/protocol/fen.ts'
import type { Chance } from './chance.ts'
import { totalFee } from './people.ts'

export const subMchId = '1900000109'

/** What the channel of a gateway has to be asked, and how time goes by for whoever waits for it. */
export interface Upstream {
  readonly channel: Channel
  readonly pause: (ms: number) => Promise<void>
}

export interface Gateway {
  order(outTradeNo: string, replaces?: string): ReturnType<typeof unifiedOrder>
  close(outTradeNo: string): ReturnType<typeof closeOrder>
  refund(outTradeNo: string, outRefundNo: string, fee: number): ReturnType<typeof refund>
  /** @param openid of this very payment: the books tell by it whose money it was */
  pay(prepayId: string, openid: string): ReturnType<typeof payAsCustomer>
  /** The engine looks once, and does what is due. */
  look(): Promise<void>
}

/** What may come of a refund, now and then: as a fault of the sandbox's menu. */
const strikes = (chance: Chance) => {
  if (chance.happens(0.25)) return [{ name: 'refund-closed' }]
  return chance.happens(0.1) ? [{ name: 'refund-change' }] : []
}

export function openGateway(
  db: Db,
  environment: Environment,
  world: World,
  chance: Chance,
  upstream?: Upstream,
): Gateway {
  const ledger: Ledger = { db, batcher: openBatcher(db, 2), parts: 1 }
  const channelOf = () => upstream?.channel
  const directory = { environment: () => Promise.resolve(environment) }
  const means = { ledger, world, channelOf, directory, onAlarm() {} }
  const asker = openAsker({
    ...means,
    pause: upstream?.pause ?? (() => Promise.resolve()),
    onMoved() {},
    onOver() {},
    onTrouble(_message, error) {
      if (!(error instanceof LedgerUnavailable)) throw error
    },
  })
  const services = {
    ledger,
    world,
    channelOf,
    asking: asker,
    directory: { merchant: () => Promise.resolve({ subMchId, subAppid: undefined, listed: true }) },
    faults: {
      striking: (_envId: string, site: { strikes: readonly string[] }) =>
        Promise.resolve(site.strikes.includes('refund') ? strikes(chance) : []),
    },
    publicUrl: () => 'http://127.0.0.1',
    workIsDue() {},
    onMade() {},
    // No hosts, no directory of environments: this is about money.
  } as unknown as Services
  const caller: Caller = {
    environment,
    appid: undefined,
    madeAs: { wire: 'cloudpay', direct: false, signType: 'MD5', appid: 'wx1', mchId: '1' },
    faults: [],
  }
  const closer = openCloser({ ledger, world, onClosed() {} })
  return {
    order: (outTradeNo, replaces) =>
      unifiedOrder(services, caller, {
        functionName: 'payCallback',
        envId: 'prod-1a2b',
        subMchId,
        body: 'Tea',
        outTradeNo,
        feeType: 'CNY',
        totalFee: fen(totalFee),
        spbillCreateIp: '127.0.0.1',
        tradeType: 'NATIVE',
        ...(replaces === undefined ? {} : { replaces }),
      }),
    close: (outTradeNo) => closeOrder(services, caller, { subMchId, outTradeNo }),
    refund: (outTradeNo, outRefundNo, fee) =>
      refund(services, caller, {
        subMchId,
        outTradeNo,
        outRefundNo,
        totalFee: fen(totalFee),
        refundFee: fen(fee),
      }),
    pay: (prepayId, openid) =>
      payAsCustomer(services, environment, { prepayId }, { openid, somebody: openid }),
    async look() {
      const now = world.wallClock()
      for (const { part, clock, closesFrom, refundsFrom } of await findDueWork(db, ['real', askedClock])) {
        if (clock === askedClock) {
          await asker.askDue({ part, clock }, now)
          await asker.idle()
          continue
        }
        if (closesFrom !== undefined && closesFrom <= now) {
          await closer.closeDue({ part, clock }, now)
          await returnDueLate(means, { part, clock }, now)
        }
        if (refundsFrom !== undefined && refundsFrom <= now)
          await settleDueRefunds({ ledger, world }, { part, clock }, now)
      }
    },
  }
}

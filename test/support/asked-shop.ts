/**
 * A shop whose channel has to be asked: one gateway on a database in memory, a clock that the test turns, and the channel's
 * own books, which a test may make lie.
 */
import { randomBytes } from 'node:crypto'
import type { Channel } from '../../src/channels/channel.ts'
import { type Environment, environmentSettingSchema } from '../../src/ledger/environments.ts'
import { migrateLedger, openLedger } from '../../src/ledger/ledger.ts'
import type { Order } from '../../src/ledger/order.ts'
import type { Refund } from '../../src/ledger/refund.ts'
import { chanceOf } from '../simulation/chance.ts'
import { openGateway } from '../simulation/gateway.ts'
import { openBooks } from '../upstream/books.ts'
import { freshStore } from './databases.ts'
import { environmentNamed } from './sandbox.ts'

const begin = Date.UTC(2026, 10, 23)
/** Whoever waits for longer waits for an answer that is there already. */
const longestPauseMs = 5_000

/** @param spoil what the channel does otherwise than its books say */
export async function askedShop(
  spoil: (channel: Channel, clock: { now: number }) => Partial<Channel> = () => ({}),
) {
  const { db } = await freshStore()
  await migrateLedger(db, new Date(0))
  await openLedger(db, { lanes: 1 })
  const clock = { now: begin }
  const now = () => new Date(clock.now)
  const setting = environmentNamed('asked', 'observed', { clock: 'real', channel: 'wechatpay' })
  const environment: Environment = {
    ...environmentSettingSchema.parse({ ...setting, closeAtTimeExpire: true, closeAfter: '40m' }),
    directMerchants: [],
  }
  const account = { isEmpty: false }
  const books = openBooks(now, () => account.isEmpty)
  const honest: Channel = {
    create: async (order: Order) => books.create(order),
    close: async (order: Order) => books.close(order),
    query: async (order: Order) => books.query(order),
    refund: async (refund: Refund) => books.refund(refund),
    queryRefund: async (refund: Refund) => books.queryRefund(refund),
  }
  const gateway = openGateway(db, environment, { wallClock: now, randomBytes }, chanceOf(1), {
    channel: { ...honest, ...spoil(honest, clock) },
    pause: (ms) => {
      if (ms > longestPauseMs) return new Promise<void>(() => {})
      clock.now += ms
      return new Promise<void>((resolve) => setImmediate(resolve))
    },
  })
  return {
    db,
    gateway,
    books,
    account,
    clock,
    /** The customer pays what the channel has. */
    pays: (number: string) => books.pay(books.orders.get(number)?.prepayId ?? '', 'o-customer'),
    async row(number: string) {
      const [row] = await db.rows<{ state: string; asking: Record<string, unknown>; late: object | null }>(
        'select o.state, o.asking, o.late from orders o where o.out_trade_no = $1',
        [number],
      )
      return row
    },
    async refundOf(number: string) {
      const [row] = await db.rows<{ state: string; asking: Record<string, unknown> }>(
        'select r.state, r.asking from refunds r where r.out_refund_no = $1',
        [number],
      )
      return row
    },
    /** Time goes by, and the engine looks so often. */
    async passes(ms: number, everyMs: number) {
      for (const until = clock.now + ms; clock.now < until; ) {
        clock.now += everyMs
        await gateway.look()
      }
    },
    close: () => db.close(),
  }
}

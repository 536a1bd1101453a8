/**
 * The line to it, which is bad: what is asked is lost on the way, its answer is lost on the way back, it arrives late or
 * twice; and what is answered is wrong now and then, in the ways that users report.
 */
import type { Channel, Unsure } from '../../src/channels/channel.ts'
import type { Order } from '../../src/ledger/order.ts'
import type { Refund } from '../../src/ledger/refund.ts'
import type { Books } from './books.ts'

export interface Luck {
  next(): number
  happens(probability: number): boolean
}

export interface Line extends Channel {
  /** What is under way takes effect: at last, or once more. @returns how many there were */
  arrive(): number
  /** From now on all goes well, and what was under way is gone. */
  calm(): void
  /** Numbers of which it said that they are closed when they were not: what is paid of them afterwards nobody could know. */
  readonly lied: ReadonlySet<string>
}

const lost: Unsure = { unsure: 'no answer' }

/** Within five minutes, by its own clock, what was sent has arrived; or it never does. */
const flightMs = 4.5 * 60_000

export function openLine(books: Books, luck: Luck, now: () => Date): Line {
  const underWay: { readonly run: () => unknown; readonly sentAt: number }[] = []
  const send = (run: () => unknown) => underWay.push({ run, sentAt: now().getTime() })
  const lied = new Set<string>()
  let calm = false

  /** One call on a bad line. @param copies whether it may arrive twice */
  function call<A extends object>(run: () => A, copies = true): A | Unsure {
    if (calm) return run()
    const fate = luck.next()
    if (fate < 0.07) return lost
    if (fate < 0.14) {
      run()
      return lost
    }
    if (fate < 0.2) {
      send(run)
      return lost
    }
    if (copies && fate < 0.25) send(run)
    return run()
  }

  const wrong = (probability: number) => !calm && luck.happens(probability)

  return {
    lied,
    create: (order: Order) => Promise.resolve(call(() => books.create(order))),
    close(order: Order) {
      // Users report it: close says SUCCESS, and the query stays NOTPAY.
      if (wrong(0.3) && books.orders.get(order.outTradeNo)?.state === 'NOTPAY')
        return Promise.resolve({ said: 'closed' })
      return Promise.resolve(call(() => books.close(order)))
    },
    query(order: Order) {
      const truth = books.query(order)
      // A copy of its books that is behind: what was made is not there, what was paid or closed is open.
      if (wrong(0.06) && 'state' in truth && truth.state !== 'unknown-number')
        return Promise.resolve({ state: wrong(0.3) ? 'unknown-number' : 'NOTPAY' })
      if (wrong(0.5) && 'state' in truth && truth.state === 'NOTPAY') {
        lied.add(order.outTradeNo)
        return Promise.resolve({ state: 'CLOSED' })
      }
      return Promise.resolve(call(() => books.query(order)))
    },
    // As Channel asks of whoever sends one.
    refund: (refund: Refund) => Promise.resolve(call(() => books.refund(refund), false)),
    queryRefund(refund: Refund) {
      if (wrong(0.06)) return Promise.resolve({ state: 'unknown-number' })
      return Promise.resolve(call(() => books.queryRefund(refund)))
    },
    arrive() {
      const latest = now().getTime() - flightMs
      const arriving = underWay.splice(0).filter(({ sentAt }) => sentAt >= latest)
      for (const { run } of arriving) run()
      return arriving.length
    },
    calm() {
      calm = true
      underWay.length = 0
    },
  }
}

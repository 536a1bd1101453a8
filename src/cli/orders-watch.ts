/** `cloudpay orders watch`: orders as they change, a line each, until Ctrl+C or until nobody reads them. */
import type { ApiOrder } from '../protocol/api/orders.ts'
import { readableTime } from '../protocol/beijing-time.ts'
import type { Language } from '../protocol/text.ts'
import { padded } from './columns.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { type OperatorFlags, operated } from './operator.ts'
import { money } from './order-text.ts'
import { stateCell } from './order-words.ts'
import { orderJson } from './orders-list.ts'
import { printable } from './printable.ts'
import { stopRequested } from './stop-requested.ts'
import type { Paint } from './terminal.ts'

/** Rows come one by one: the columns have the widths of what is usual. */
const widths = { number: 32, state: 9, money: 14 } as const

function watchedLine(now: Date, order: ApiOrder, language: Language, paint: Paint): string {
  const state = stateCell(order, language)
  const word = padded(state.text, widths.state)
  return [
    paint('dim', readableTime(now)),
    padded(order.outTradeNo, widths.number),
    state.style === undefined ? word : paint(state.style, word),
    padded(order.totalFee === undefined ? '' : money(order.totalFee), widths.money, 'right'),
    printable(order.body ?? ''),
  ]
    .join('  ')
    .trimEnd()
}

/**
 * @returns the exit code
 * @throws StartRefused
 */
export const watchOrders = (flags: OperatorFlags, context: Context): Promise<number> =>
  operated(flags, context, async ({ cloudPay, origin }, { print, warn, paint, language, unread }) => {
    const over = new AbortController()
    void Promise.race([stopRequested({ alsoWhenHungUp: true }), unread]).then(() => over.abort())
    // What watches tries again for ever: a server that is not there is said first.
    await cloudPay.orders.list({ pageSize: 1 }).page()
    warn({
      zh: `正在查看 ${origin} 的环境 ${cloudPay.envId}，按 Ctrl+C 停止`,
      en: `watching environment ${cloudPay.envId} at ${origin}; press Ctrl+C to stop`,
    })
    try {
      for await (const { now, orders } of cloudPay.watch({ signal: over.signal })) {
        // The newest first, as lists are; lines of time go the other way.
        for (const order of orders.toReversed())
          print(flags.json === true ? orderJson(order) : watchedLine(now, order, language, paint))
      }
    } catch (error) {
      if (!over.signal.aborted) throw error
    }
    return exitCodes.done
  })

/** `cloudpay orders watch`: orders as they change, a line each, until Ctrl+C or until nobody reads them. */
import { CloudPayUnanswered } from '../client/errors.ts'
import type { ApiOrder } from '../protocol/api/orders.ts'
import { readableTime } from '../protocol/beijing-time.ts'
import type { Language, Text } from '../protocol/text.ts'
import { padded } from './columns.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { money } from './money.ts'
import { environmentOf, type OperatorFlags, operated } from './operator.ts'
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

const brokenText = (origin: string, why: unknown): Text => {
  // Its own words, where it has any: too many who watch, for one.
  const said = why instanceof CloudPayUnanswered ? why.message : undefined
  return said === undefined
    ? {
        zh: `与 ${origin} 的连接断开，正在重试，直到它恢复`,
        en: `the line to ${origin} is broken; trying again until it answers`,
      }
    : { zh: `${said}；正在重试`, en: `${said}; trying again` }
}

const backText = (origin: string): Text => ({
  zh: `已重新连上 ${origin}`,
  en: `watching ${origin} again`,
})

/** More than a page of the newest; what is older and changes is told once more than it had to be. */
const mostRemembered = 2_000

/** What differs from what was seen before: first all, which is how things stand; after a broken line only what changed. */
function openMemory() {
  const seen = new Map<string, string>()
  const isNews = (order: ApiOrder) => {
    const key = `${order.subMchId}\n${order.outTradeNo}`
    const now = JSON.stringify(order)
    const before = seen.get(key)
    seen.delete(key)
    seen.set(key, now)
    return before !== now
  }
  return (orders: readonly ApiOrder[]): ApiOrder[] => {
    // The newest first, as lists are; lines of time go the other way.
    const news = orders.toReversed().filter(isNews)
    for (const key of seen.keys()) {
      if (seen.size <= mostRemembered) break
      seen.delete(key)
    }
    return news
  }
}

/**
 * @returns the exit code
 * @throws StartRefused
 */
export const watchOrders = (flags: OperatorFlags, context: Context): Promise<number> =>
  operated(flags, context, async (operator, { print, warn, paint, language, unread }) => {
    const { cloudPay, origin } = operator
    const over = new AbortController()
    void Promise.race([stopRequested({ alsoWhenHungUp: true }), unread]).then(() => over.abort())
    // What watches tries again for ever: a server that is not there is said first.
    await cloudPay.orders.list({ pageSize: 1 }).page()
    const envId = await environmentOf(operator)
    const newsOf = openMemory()
    let isAway = false
    const onBroken = (why: unknown) => {
      // Once, however often it is tried.
      if (!isAway) warn(brokenText(origin, why))
      isAway = true
    }
    warn({
      zh: `正在查看 ${origin} 的环境 ${envId}，按 Ctrl+C 停止`,
      en: `watching environment ${envId} at ${origin}; press Ctrl+C to stop`,
    })
    try {
      for await (const { now, orders } of cloudPay.watch({ signal: over.signal, onBroken })) {
        if (isAway) warn(backText(origin))
        isAway = false
        for (const order of newsOf(orders))
          print(flags.json === true ? orderJson(order) : watchedLine(now, order, language, paint))
      }
    } catch (error) {
      if (!over.signal.aborted) throw error
    }
    return exitCodes.done
  })

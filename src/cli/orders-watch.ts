/** `cloudpay orders watch`: orders as they change, a line each, until Ctrl+C or until nobody reads them. */
import type { CloudPay } from '../client/cloud-pay.ts'
import { CloudPayRefused, CloudPayUnanswered } from '../client/errors.ts'
import type { ApiOrder } from '../protocol/api/orders.ts'
import { readableTime } from '../protocol/beijing-time.ts'
import { printable } from '../protocol/printable.ts'
import type { Language, Text } from '../protocol/text.ts'
import { padded } from './columns.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { money } from './money.ts'
import { environmentOf, type OperatorFlags, operated } from './operator.ts'
import { stateCell } from './order-words.ts'
import { orderJson } from './orders-list.ts'
import { stopRequested } from './stop-requested.ts'
import type { Paint } from './terminal.ts'

/** Rows come one by one: the columns have the widths of what is usual. */
const widths = { number: 32, state: 9, money: 14 } as const

function watchedLine(at: Date, order: ApiOrder, language: Language, paint: Paint): string {
  const state = stateCell(order, language)
  const word = padded(state.text, widths.state)
  return [
    paint('dim', readableTime(at)),
    padded(order.outTradeNo, widths.number),
    state.style === undefined ? word : paint(state.style, word),
    padded(order.totalFee === undefined ? '' : money(order.totalFee), widths.money, 'right'),
    printable(order.body ?? ''),
  ]
    .join('  ')
    .trimEnd()
}

const watchingText = (origin: string, envId: string): Text => ({
  zh: `正在查看 ${origin} 的环境 ${envId}，有变化就显示，按 Ctrl+C 停止`,
  en: `watching environment ${envId} at ${origin} for changes; press Ctrl+C to stop`,
})

const brokenText = (origin: string, why: unknown): Text => {
  // Its own words, where it has any: too many who watch, for one.
  const said = why instanceof CloudPayUnanswered ? printable(why.message) : undefined
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

interface News {
  readonly order: ApiOrder
  readonly before: ApiOrder | undefined
}

/** What differs from what was seen before: of the first look nothing, for that is how things stand. */
function openMemory() {
  const seen = new Map<string, ApiOrder>()
  let looked = false
  return (orders: readonly ApiOrder[]): News[] => {
    const news: News[] = []
    // The newest first, as lists are; lines of time go the other way.
    for (const order of orders.toReversed()) {
      const key = `${order.subMchId}\n${order.outTradeNo}`
      const before = seen.get(key)
      seen.delete(key)
      seen.set(key, order)
      if (looked && JSON.stringify(before) !== JSON.stringify(order)) news.push({ order, before })
    }
    looked = true
    for (const key of seen.keys()) {
      if (seen.size <= mostRemembered) break
      seen.delete(key)
    }
    return news
  }
}

/** The order's own time of what changed, where the order itself tells. */
function ownTime({ order, before }: News): Date | undefined {
  const { state, createdAt, paidAt, closedAt, refundCount } = order
  const isNew = (at: Date | undefined, was: Date | undefined) => at?.getTime() !== was?.getTime()
  if (state === 'NOTPAY' && before === undefined) return createdAt
  if (state === 'CLOSED' && isNew(closedAt, before?.closedAt)) return closedAt
  if (state === 'SUCCESS' && refundCount === 0 && isNew(paidAt, before?.paidAt)) return paidAt
  return undefined
}

/** Of a refund, of an order again, only the order's history tells. @param now where that cannot be had */
async function changedAt(cloudPay: CloudPay, news: News, now: Date): Promise<Date> {
  const own = ownTime(news)
  if (own !== undefined) return own
  const { outTradeNo, subMchId } = news.order
  try {
    const found = await cloudPay.orders.get(outTradeNo, { subMchId })
    return (found.outcome === 'found' ? found.order.history.at(-1)?.at : undefined) ?? now
  } catch (error) {
    // A line of time is worth more than none: the watching itself says that the server is away, or refuses.
    if (error instanceof CloudPayUnanswered || error instanceof CloudPayRefused) return now
    throw error
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
    let isWatching = false
    const onBroken = (why: unknown) => {
      // Once, however often it is tried.
      if (!isAway) warn(brokenText(origin, why))
      isAway = true
    }
    try {
      for await (const { now, orders } of cloudPay.watch({ signal: over.signal, onBroken })) {
        if (isAway) warn(backText(origin))
        isAway = false
        const news = newsOf(orders)
        // Only now: what is ordered from here on is told.
        if (!isWatching) warn(watchingText(origin, envId))
        isWatching = true
        for (const one of news)
          print(
            flags.json === true
              ? orderJson(one.order)
              : watchedLine(await changedAt(cloudPay, one, now), one.order, language, paint),
          )
      }
    } catch (error) {
      if (!over.signal.aborted) throw error
    }
    return exitCodes.done
  })

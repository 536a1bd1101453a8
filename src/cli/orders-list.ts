/** `cloudpay orders list`: orders in a table, or a JSON a line. */
import { brokenSetting } from '../app/refusals.ts'
import { parseWhen } from '../protocol/api/fields.ts'
import { type ApiOrder, order as orderSchema, orderStates } from '../protocol/api/orders.ts'
import { readableTime } from '../protocol/beijing-time.ts'
import type { Language } from '../protocol/text.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { type LimitFlags, pageSizeOf, readLimit, take } from './list-limit.ts'
import { type OperatorFlags, operated } from './operator.ts'
import { asWire, money } from './order-text.ts'
import { stateCell } from './order-words.ts'
import { type Cell, type Column, tableLines } from './table.ts'
import type { Paint } from './terminal.ts'
import { wordsOf } from './words-of.ts'

export interface OrdersListFlags extends OperatorFlags, LimitFlags {
  readonly search?: string | undefined
  readonly state?: string | undefined
  readonly unpaid?: boolean | undefined
  readonly createdAfter?: string | undefined
  readonly createdBefore?: string | undefined
}

/** @throws StartRefused */
function readWhen(flag: string, given: string | undefined): string | undefined {
  if (given === undefined || parseWhen(given) !== undefined) return given
  throw brokenSetting(flag, given, {
    zh: '应为带时区的时间，例如 2026-12-01T00:00:00+08:00，或多久以前，例如 2h',
    en: 'it must be a time with an offset, such as 2026-12-01T00:00:00+08:00, or how long ago, such as 2h',
  })
}

const heads = (language: Language): Column[] =>
  language === 'zh'
    ? [
        { head: '订单号' },
        { head: '状态' },
        { head: '金额', side: 'right' },
        { head: '下单（北京时间）' },
        { head: '商户' },
        { head: '内容', widest: 32 },
      ]
    : [
        { head: 'number' },
        { head: 'state' },
        { head: 'amount', side: 'right' },
        { head: 'ordered (Beijing)' },
        { head: 'merchant' },
        { head: 'what', widest: 32 },
      ]

const row = (order: ApiOrder, language: Language): (Cell | string)[] => [
  order.outTradeNo,
  stateCell(order, language),
  order.totalFee === undefined ? '' : money(order.totalFee),
  readableTime(order.createdAt),
  order.subMchId,
  order.body ?? '',
]

/** @returns lines of a table */
export const ordersTable = (orders: readonly ApiOrder[], language: Language, paint: Paint): string[] =>
  tableLines(
    heads(language),
    orders.map((order) => row(order, language)),
    paint,
  )

/** One, as `--json` prints it. */
export const orderJson = (order: ApiOrder): string => JSON.stringify(asWire(orderSchema, order))

/**
 * @returns the exit code
 * @throws StartRefused
 */
export const listOrders = (flags: OrdersListFlags, context: Context): Promise<number> =>
  operated(flags, context, async ({ cloudPay, envId, subMchId }, { print, warn, paint, language }) => {
    const limit = readLimit(flags)
    const list = cloudPay.orders.list({
      subMchId,
      states: wordsOf('--state', flags.state, orderStates),
      search: flags.search,
      unpaid: flags.unpaid,
      createdAfter: readWhen('--created-after', flags.createdAfter),
      createdBefore: readWhen('--created-before', flags.createdBefore),
      pageSize: pageSizeOf(limit),
    })
    const lines = (orders: readonly ApiOrder[]) =>
      flags.json === true ? orders.map(orderJson) : ordersTable(orders, language, paint)
    const { count, more } = await take(
      list.pages(),
      ({ orders }) => orders,
      limit,
      (orders) => {
        for (const line of lines(orders)) print(line)
      },
    )
    if (count === 0)
      warn({
        zh: `环境 ${envId} 没有这样的订单；放宽条件，或核对 --env-id`,
        en: `environment ${envId} has no such order; ask for more of them, or check --env-id`,
      })
    else if (more)
      warn({
        zh: `还有更多：--limit <数量> 或 --all`,
        en: `there are more: --limit <number>, or --all`,
      })
    return exitCodes.done
  })

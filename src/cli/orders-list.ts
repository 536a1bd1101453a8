/** `cloudpay orders list`: orders in a table, or a JSON a line. */
import { brokenSetting } from '../app/refusals.ts'
import { parseWhen } from '../protocol/api/fields.ts'
import { type ApiOrder, order as orderSchema, orderStates } from '../protocol/api/orders.ts'
import { readableTime } from '../protocol/beijing-time.ts'
import type { Language, Text } from '../protocol/text.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { jsonText } from './json-text.ts'
import { type LimitFlags, pageSizeOf, readLimit, take } from './list-limit.ts'
import { money } from './money.ts'
import { environmentOf, type OperatorFlags, operated } from './operator.ts'
import { asWire } from './order-text.ts'
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

interface Listed extends Column {
  readonly cell: (order: ApiOrder) => Cell | string
}

/** Of an order that can be paid or closed now. */
const untilWhen = ({ state, payableUntil }: ApiOrder) =>
  state === 'NOTPAY' && payableUntil !== undefined ? readableTime(payableUntil) : ''

function columnsOf(orders: readonly ApiOrder[], language: Language): Listed[] {
  const say = (zh: string, en: string) => (language === 'zh' ? zh : en)
  const until: Listed = { head: say('可支付至', 'payable until'), cell: untilWhen }
  return [
    { head: say('订单号', 'number'), cell: ({ outTradeNo }) => outTradeNo },
    { head: say('状态', 'state'), cell: (order) => stateCell(order, language) },
    {
      head: say('金额', 'amount'),
      side: 'right',
      cell: ({ totalFee }) => (totalFee === undefined ? '' : money(totalFee)),
    },
    { head: say('下单（北京时间）', 'ordered (Beijing)'), cell: ({ createdAt }) => readableTime(createdAt) },
    // Wide, and only of some.
    ...(orders.some((order) => untilWhen(order) !== '') ? [until] : []),
    { head: say('商户', 'merchant'), cell: ({ subMchId }) => subMchId },
    { head: say('内容', 'what'), widest: 32, cell: ({ body }) => body ?? '' },
  ]
}

/** @returns lines of a table */
export function ordersTable(orders: readonly ApiOrder[], language: Language, paint: Paint): string[] {
  const listed = columnsOf(orders, language)
  const rows = orders.map((order) => listed.map(({ cell }) => cell(order)))
  return tableLines(listed, rows, paint)
}

/** One, as `--json` prints it. */
export const orderJson = (order: ApiOrder): string => jsonText(asWire(orderSchema, order))

/** What there is none of, as it was asked for. */
function noneText(
  { search, state, unpaid, createdAfter, createdBefore, subMchId }: OrdersListFlags,
  envId: string,
): Text {
  const isNarrow = [search, state, createdAfter, createdBefore, subMchId].some((flag) => flag !== undefined)
  if (isNarrow)
    return {
      zh: `环境 ${envId} 没有符合这些条件的订单；可去掉几个条件，或核对 --env-id`,
      en: `no order in environment ${envId} matches these flags; leave some of them out, or check --env-id`,
    }
  return unpaid === true
    ? {
        zh: `环境 ${envId} 没有未支付的订单：都已支付或关闭，或还没有订单`,
        en: `environment ${envId} has no unpaid orders: all are paid or closed, or there are none`,
      }
    : { zh: `环境 ${envId} 还没有订单`, en: `environment ${envId} has no orders yet` }
}

/**
 * @returns the exit code
 * @throws StartRefused
 */
export const listOrders = (flags: OrdersListFlags, context: Context): Promise<number> =>
  operated(flags, context, async (operator, { print, warn, paint, language }) => {
    const { cloudPay, subMchId } = operator
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
    if (count === 0) {
      const envId = await environmentOf(operator)
      warn(noneText(flags, envId))
    } else if (more)
      warn({
        zh: `还有更多：--limit <数量> 或 --all`,
        en: `there are more: --limit <number>, or --all`,
      })
    return exitCodes.done
  })

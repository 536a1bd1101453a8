/** `cloudpay orders show <number>`: one order, whole. */
import { orderDetail } from '../protocol/api/order-detail.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { findOrder, merchantNamed, nothingFound } from './find-order.ts'
import { jsonText } from './json-text.ts'
import { type OperatorFlags, operated } from './operator.ts'
import { orderPage } from './order-page.ts'
import { asWire } from './order-text.ts'

/**
 * @returns the exit code
 * @throws StartRefused
 */
export const showOrder = (number: string, flags: OperatorFlags, context: Context): Promise<number> =>
  operated(flags, context, async (operator, { print, warn, paint, language }) => {
    const order = await findOrder(operator, number)
    if (order === undefined) {
      warn(await nothingFound(operator, number))
      return exitCodes.unknown
    }
    if (flags.json === true) print(jsonText(asWire(orderDetail, order)))
    else {
      const named = { hints: operator.hints, subMchId: merchantNamed(operator, number, order) }
      for (const line of orderPage(order, language, paint, named)) print(line)
    }
    return exitCodes.done
  })

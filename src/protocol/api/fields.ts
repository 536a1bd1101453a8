/** Building blocks of the API's schemas. What only a rule of ours checks is said to `/openapi.json` by `meta`. */
import { z } from 'zod'
import { isoTime } from '../beijing-time.ts'
import { demoMerchant } from '../demo-merchant.ts'
import { parseDuration } from '../duration.ts'
import { out_trade_no as outTradeNo, sub_mch_id as subMchId } from '../fields.ts'
import { brokenRule } from '../format-problem.ts'

export const env_id = z.string().min(1).max(64).meta({ description: 'The environment.' })
/** Resolved at the door (doors/environment-asked.ts). */
export const envIdAsked = env_id.optional().meta({
  description: 'The environment. Left out: the only one that the server has; among several, `sandbox`.',
})

export const sub_mch_id = subMchId.meta({
  maxLength: 32,
  pattern: '^[0-9A-Za-z_-]+$',
  description: 'The merchant.',
})
/** Resolved at the door (doors/merchant-asked.ts); the default stands for what went without saying. */
export const subMchIdAsked = sub_mch_id.default(demoMerchant).meta({
  maxLength: 32,
  pattern: '^[0-9A-Za-z_-]+$',
  description:
    'The merchant. Left out: whoever has the number; else the only one that the environment lists; else the demo’s.',
})

/** The same where a call may be about nobody's order in particular: it is then about every merchant's. */
export const subMchIdOrAll = sub_mch_id.optional().meta({
  maxLength: 32,
  pattern: '^[0-9A-Za-z_-]+$',
  description: 'The merchant. Left out: whoever has the number; without a number, every merchant.',
})

export const out_trade_no = outTradeNo.meta({
  maxLength: 32,
  pattern: '^[0-9A-Za-z_\\-|*@]+$',
  description: "The order's number.",
})

/** Whose order is meant, beside its number. */
export const whose = z.strictObject({ env_id: envIdAsked, sub_mch_id: subMchIdAsked })
export const oneOrder = whose.extend({ out_trade_no })

/** A time in answers: ISO 8601 with `+08:00`; a Date in programs. */
export const moment = z.codec(z.iso.datetime({ offset: true }).meta({ format: 'date-time' }), z.date(), {
  decode: (text) => new Date(text),
  encode: isoTime,
})

/** In fen; of a sum, more than one order can have. */
export const amount = z.number().int().nonnegative().meta({ description: 'In fen.' })

export const text = z.object({ zh: z.string(), en: z.string() }).meta({ id: 'Text' })

/** A time that is asked for, or how long before the environment's present time it is. */
export type When = { readonly at: Date } | { readonly agoMs: number }

/** Before any payment of WeChat's, and within what every database holds. */
const startOfTime = new Date('2000-01-01T00:00:00+08:00')
const endOfTime = new Date('2100-01-01T00:00:00+08:00')
const longestMs = endOfTime.getTime() - startOfTime.getTime()

/** Milliseconds within that. */
export const timeMs = z.number().int().min(startOfTime.getTime()).max(endOfTime.getTime())

const isTime = (value: string) => z.iso.datetime({ offset: true }).safeParse(value).success

/** @returns undefined: it is neither, or beyond what anybody can mean */
export function parseWhen(given: string): When | undefined {
  const agoMs = parseDuration(given)
  if (agoMs !== undefined) return agoMs <= longestMs ? { agoMs } : undefined
  if (!isTime(given)) return undefined
  const at = new Date(given)
  return at >= startOfTime && at < endOfTime ? { at } : undefined
}

export const when = z
  .string()
  .refine(
    (given) => parseWhen(given) !== undefined,
    brokenRule(
      '应为 2000 至 2100 年间带时区的 ISO 8601 时间，例如 "2026-12-01T00:00:00+08:00"（网址中 + 写作 %2B），或距现在的时长，例如 "2h"',
      'must be ISO 8601 with an offset, such as "2026-12-01T00:00:00+08:00" (in an address, + is %2B), between 2000 and 2100; or how long ago, such as "2h"',
    ),
  )
  .transform((given): When => parseWhen(given) ?? { agoMs: 0 })
  .meta({
    description: 'ISO 8601 with an offset, or how long before the present time of the environment: `2h`.',
  })

export const whenTime = (asked: When, now: Date): Date =>
  'at' in asked ? asked.at : new Date(Math.max(startOfTime.getTime(), now.getTime() - asked.agoMs))

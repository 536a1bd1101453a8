/**
 * v2 has one flat element of texts and numbers: no lists, no structures, no character that XML cannot hold. Owns the
 * last shape of an answer before it is signed, because the signature covers what is really sent.
 */
import type { WireAnswer } from '../wire-value.ts'
import { xmlText } from './xml-text.ts'

/**
 * `coupon_id_list: ['a', 'b']` becomes `coupon_id_0` and `coupon_id_1`, an empty list nothing. Structures
 * (`payment`) are not part of v2: they are left out.
 */
export const flatFields = (answer: WireAnswer): Readonly<Record<string, string | number>> =>
  Object.fromEntries(
    Object.entries(answer).flatMap(([name, value]): [string, string | number][] => {
      if (typeof value === 'number') return [[name, value]]
      if (typeof value === 'string') return [[name, xmlText(value)]]
      if (!Array.isArray(value)) return []
      const items: readonly unknown[] = value
      return items.map((item, at) => [`${name.replace(/_list$/, '')}_${at}`, xmlText(String(item))])
    }),
  )

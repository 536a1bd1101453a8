/**
 * Caller names to wire names, as the SDK converts its argument: `outTradeNo` → `out_trade_no`. For callers that speak
 * to the server without the SDK and may send either. Owns keys only: values are never looked into but for their keys.
 */
import { type Refused, refuse } from './refusal.ts'

/** Deepest nesting of objects and arrays; the outermost object is 1. Ours to choose: far more than any documented request. */
export const maxNesting = 16

/**
 * One name: every `A`–`Z` becomes `_` and its lower case, without `_` at the start; digits, `$` and other letters stay
 * (observed: wx-server-sdk 4.0.2, 3.0.4, 2.6.3). `URLPath` is `u_r_l_path` there, so it is here.
 */
export const wireName = (name: string): string =>
  name.replace(/[A-Z]/g, (letter, at: number) => `${at === 0 ? '' : '_'}${letter.toLowerCase()}`)

/**
 * A copy of `value` with wire names for keys, through plain objects and arrays of any nesting; everything else is
 * handed on as it is. When both spellings of a name are given the camelCase one wins, whatever the order; of several
 * camelCase spellings the last (observed: wx-server-sdk 4.0.2). Converting twice changes nothing more.
 *
 * `__proto__` and `constructor` become own keys like others and reach no prototype; do not `Object.assign` the result.
 *
 * @returns `{ named }`, or refused beyond {@link maxNesting} levels (cyclic values too)
 */
export const toWireNames = (value: unknown): { readonly named: unknown } | Refused<'nested-too-deep'> => {
  const named = convert(value, maxNesting)
  if (named !== tooDeep) return { named }
  return refuse('nested-too-deep', {
    zh: `请求参数嵌套超过 ${maxNesting} 层；请减少嵌套`,
    en: `the request is nested more than ${maxNesting} levels deep; flatten it`,
  })
}

const tooDeep = Symbol('nested too deep')

const convert = (value: unknown, levelsLeft: number): unknown => {
  if (Array.isArray(value)) {
    if (levelsLeft === 0) return tooDeep
    const items: unknown[] = []
    for (const item of value) {
      const converted = convert(item, levelsLeft - 1)
      if (converted === tooDeep) return tooDeep
      items.push(converted)
    }
    return items
  }
  if (!isPlainObject(value)) return value
  if (levelsLeft === 0) return tooDeep
  const wire: [string, unknown][] = []
  const camel: [string, unknown][] = []
  for (const [key, inner] of Object.entries(value)) {
    const converted = convert(inner, levelsLeft - 1)
    if (converted === tooDeep) return tooDeep
    const name = wireName(key)
    ;(name === key ? wire : camel).push([name, converted])
  }
  // fromEntries defines own properties, where assignment would run the setter of `__proto__`.
  return Object.fromEntries([...wire, ...camel])
}

const isPlainObject = (value: unknown): value is object => {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

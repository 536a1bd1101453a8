/** snake_case keys of the wire and of SQL rows ↔ camelCase properties in TypeScript: one mechanical rule. */

type Camel<Key extends string> = Key extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Key

/** The same object type with its own keys in camelCase; values are as they were. */
export type CamelKeys<T> = { [Key in keyof T as Key extends string ? Camel<Key> : Key]: T[Key] }

/** Keys are ours, so there are few of them: each is spelled once. */
const spelled = new Map<string, string>()

function camel(key: string): string {
  const known = spelled.get(key)
  if (known !== undefined) return known
  const made = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  spelled.set(key, made)
  return made
}

/** Renames the object's own keys; nested values are left alone. Rows and parsed requests only: keys are ours. */
export const camelKeys = <T extends object>(record: T): CamelKeys<T> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [camel(key), value])) as CamelKeys<T>

/** Back again: `outTradeNo` → `out_trade_no`. */
const spelledBack = new Map<string, string>()

export function snakeKey(key: string): string {
  const known = spelledBack.get(key)
  if (known !== undefined) return known
  const made = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  spelledBack.set(key, made)
  return made
}

export const snakeKeys = (record: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [snakeKey(key), value]))

/** Objects of the API: snake_case on the wire, camelCase in programs, however deep. One mechanical rule (camel-keys.ts). */
import { type CamelKeys, camelKeys, snakeKeys } from '../camel-keys.ts'

/** The same with all keys in camelCase; times and lists are kept as such. */
export type DeepCamel<T> = T extends Date
  ? T
  : T extends readonly (infer Item)[]
    ? DeepCamel<Item>[]
    : T extends object
      ? CamelKeys<{ [Key in keyof T]: DeepCamel<T[Key]> }>
      : T

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !(value instanceof Date) && !Array.isArray(value)

const deep =
  (rename: (record: object) => object) =>
  (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(deep(rename))
    if (!isRecord(value)) return value
    const renamed = Object.entries(rename(value)).map(([key, inner]) => [key, deep(rename)(inner)] as const)
    return Object.fromEntries(renamed)
  }

/** Keys are ours: what a schema has let through. */
export const deepCamel = <T>(value: T): DeepCamel<T> => deep(camelKeys)(value) as DeepCamel<T>

/** Back again; a schema reads what comes of it. */
export const deepSnake = (value: object): unknown => deep(snakeKeys)(value)

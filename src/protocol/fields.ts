/**
 * Building blocks of the request schemas: wire texts, merchant numbers, times.
 * Lengths count characters, as the pages' String(n) does (**inferred**; v2 counts bytes in places).
 */
import { z } from 'zod'
import { parseWireTime } from './beijing-time.ts'
import { firstProblem, brokenRule as rule } from './format-problem.ts'
import type { Text } from './text.ts'

const length = (text: string) => [...text].length

/** Text that any database and any client can hold: whole Unicode, no NUL. */
export const text = (max: number) =>
  z
    .string()
    .refine(
      (value) => length(value) <= max,
      rule(`不得超过 ${max} 个字符`, `must have at most ${max} characters`),
    )
    .refine(
      (value) => value.isWellFormed() && !value.includes('\0'),
      rule('含有非法字符', 'holds an illegal character'),
    )

/** A whole number in an address, in decimal digits and nothing else: `0x10` and `1e2` are none. */
export const numeral = (min: number, max: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value),
    z.number().int().min(min).max(max),
  )

export const sub_mch_id = text(32).refine(
  (value) => /^[0-9A-Za-z_-]+$/.test(value),
  rule('只能含数字、字母和 _-', 'may hold digits, letters and _- only'),
)
/** Source: CloudPay pages: digits, letters, `_-|*@`. */
export const out_trade_no = text(32).refine(
  (value) => /^[0-9A-Za-z_\-|*@]+$/.test(value),
  rule('只能含数字、字母和 _-|*@', 'may hold digits, letters and _-|*@ only'),
)
/** The same letters, twice as many. */
export const out_refund_no = text(64).refine(
  (value) => /^[0-9A-Za-z_\-|*@]+$/.test(value),
  rule('只能含数字、字母和 _-|*@', 'may hold digits, letters and _-|*@ only'),
)
/** Required in every table, yet official samples leave it out and it works: optional, and without effect. */
export const nonce_str = text(32).optional()

export const ip = text(64).refine(
  (value) => z.ipv4().safeParse(value).success || z.ipv6().safeParse(value).success,
  rule('应为 IPv4 或 IPv6 地址', 'must be an IPv4 or IPv6 address'),
)

export const time = text(14).refine(
  (value) => parseWireTime(value) !== undefined,
  rule('应为北京时间 yyyyMMddHHmmss', 'must be Beijing time as yyyyMMddHHmmss'),
)

/** What reading a request comes to: the request, or what is wrong with it. */
export type Read<Request> = { readonly request: Request } | { readonly problem: Text }

/** `null` and the empty text mean "not given", as an empty element does in v2. */
const given = (body: object) =>
  Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null && value !== ''))

/** Reads a request body with `schema`. Unknown fields are ignored, as the real service does. */
export function readWith<Schema extends z.ZodType>(schema: Schema, body: object): Read<z.output<Schema>> {
  const asked = given(body)
  const read = schema.safeParse(asked)
  return read.success ? { request: read.data } : { problem: firstProblem(read.error, asked) }
}

/** Building blocks of v2's request schemas: its values are texts, whatever they mean. */
import { z } from 'zod'
import { fenSchema } from '../fen.ts'
import { text } from '../fields.ts'
import { brokenRule } from '../format-problem.ts'

/** Decimal digits as they are signed: `007` and `+7` are not the number that the merchant's records hold. */
const digits = z
  .string()
  .refine(
    (value) => /^(0|[1-9]\d{0,14})$/.test(value),
    brokenRule('应为不带符号和前导零的整数', 'must be an integer without sign or leading zeros'),
  )
  .transform(Number)

/** An amount in fen. */
export const fenDigits = digits.pipe(fenSchema)

/** A whole number that `schema` takes. */
export const numberDigits = <Schema extends z.ZodType<unknown, number | undefined>>(schema: Schema) =>
  digits.optional().pipe(schema)

function isPlainUrl(value: string): boolean {
  if (!/^https?:\/\/[^\s?#/]+\/[^\s?#]*$/i.test(value) || !URL.canParse(value)) return false
  const { username, password } = new URL(value)
  return username === '' && password === ''
}

export const notify_url = text(256).refine(
  isPlainUrl,
  brokenRule(
    '应为带路径、不带参数和登录信息的 http(s) 地址',
    'must be an http(s) URL with a path, without a query or a login',
  ),
)

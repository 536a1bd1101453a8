/** What every answer of a pay method promises, whatever its outcome: its keys, its signature. */
import { sign } from '../../src/protocol/sign.ts'

/** One answer, snake_case, as it went over the wire. */
export type Wire = Readonly<Record<string, unknown>>

/** `return_code` FAIL says nothing else. */
export const formatFailKeys = ['return_code', 'return_msg']
/** The common block, and what `result_code` SUCCESS adds to it. */
export const successKeys = [
  'return_code',
  'return_msg',
  'appid',
  'mch_id',
  'sub_appid',
  'sub_mch_id',
  'nonce_str',
  'sign',
  'result_code',
  'result_msg',
]
export const refusalKeys = [...successKeys, 'err_code', 'err_code_des']

export const keysOf = (answer: Wire) => Object.keys(answer).sort()
export const sorted = (keys: readonly string[]) => [...keys].sort()

/** The signature that v2 rules give the answer: over the fields of one value, lists and `payment` left out. */
export const signatureOf = (answer: Wire, apiKey: string): string =>
  sign(
    Object.fromEntries(
      Object.entries(answer).filter(
        (entry): entry is [string, string | number] =>
          typeof entry[1] === 'string' || typeof entry[1] === 'number',
      ),
    ),
    apiKey,
  )

/** A field that has to be text; fails the test otherwise. */
export function textOf(answer: Wire, name: string): string {
  const value = answer[name]
  if (typeof value !== 'string') throw new Error(`${name} is no text in ${JSON.stringify(answer)}`)
  return value
}

/** `payment` as a client reads it: texts only. */
export function paymentIn(answer: Wire): Record<string, string> {
  const { payment } = answer
  if (typeof payment !== 'object' || payment === null)
    throw new Error(`no payment in ${JSON.stringify(answer)}`)
  return Object.fromEntries(Object.entries(payment).map(([name, value]) => [name, String(value)]))
}

/**
 * The envelope of every pay method's answer: three layers, the common block, the signature.
 * Source: CloudPay pages, "return values"; shapes of real answers.
 */
import {
  type CatalogueEntry,
  catalogue,
  type Facts,
  type MethodName,
  type RefusalName,
  refusalText,
} from './catalogue.ts'
import type { Profile } from './rule-profiles.ts'
import { sign } from './sign.ts'
import type { Language } from './text.ts'

/** What an answer carries besides its outcome. */
export interface AnswerContext {
  readonly method: MethodName
  readonly profile: Profile
  readonly language: Language
  /** The service provider in whose name the platform answers, and whose key signs. */
  readonly provider: { readonly appid: string; readonly mchId: string; readonly apiKey: string }
  readonly subMchId: string
  readonly subAppid: string | undefined
  /** At most 32 characters; the real service sends 16. */
  readonly nonceStr: string
}

export type WireValue = string | number | readonly string[] | Readonly<Record<string, string>>
/** One answer as it goes out, snake_case. */
export type WireAnswer = Readonly<Record<string, WireValue>>
type Fields = Readonly<Record<string, WireValue | undefined>>

const present = (fields: Fields): WireAnswer =>
  Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, WireValue] => entry[1] !== undefined),
  )

const scalar = (fields: WireAnswer): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(fields).filter(
      (entry): entry is [string, string | number] =>
        typeof entry[1] === 'string' || typeof entry[1] === 'number',
    ),
  )

function signedAnswer(context: AnswerContext, fields: Fields): WireAnswer {
  const { provider } = context
  const unsigned = present({
    return_code: 'SUCCESS',
    return_msg: 'OK',
    appid: provider.appid,
    mch_id: provider.mchId,
    sub_appid: context.subAppid,
    sub_mch_id: context.subMchId,
    nonce_str: context.nonceStr,
    sign: '',
    ...fields,
  })
  // Lists and `payment` have no place in the v2 signature: it covers what has one value.
  return { ...unsigned, sign: sign(scalar(unsigned), provider.apiKey) }
}

/** `result_code` SUCCESS, signed, with the method's own fields. */
export const success = (context: AnswerContext, fields: Fields = {}): WireAnswer =>
  signedAnswer(context, { result_code: 'SUCCESS', result_msg: 'OK', ...fields })

/** A business refusal (`result_code` FAIL, signed) or one of format or binding (`return_code` FAIL, never signed). */
export function refusal(context: AnswerContext, name: RefusalName, facts?: Facts): WireAnswer {
  const entry: CatalogueEntry = catalogue[name]
  const text = refusalText(name, context.method, context, facts)
  if (entry.layer === 'return_code') return { return_code: 'FAIL', return_msg: text }
  return signedAnswer(context, {
    result_code: 'FAIL',
    result_msg: 'FAIL',
    err_code: entry.errCode,
    err_code_des: text,
  })
}

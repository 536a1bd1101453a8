/**
 * The envelope of every pay method's answer: three layers, the common block, the signature.
 * Source: CloudPay pages, "return values"; shapes of real answers.
 */
import { catalogue, type Facts, type RefusalName, refusalText } from './catalogue.ts'
import type { CatalogueEntry, MethodName } from './catalogue-entry.ts'
import type { Profile } from './rule-profiles.ts'
import { type SignType, sign } from './sign.ts'
import type { Language } from './text.ts'
import { flatFields } from './v2/flat-fields.ts'
import type { WireAnswer, WireValue } from './wire-value.ts'

export type { WireAnswer, WireValue }

/** Whose name an answer carries, and whose key signs it. */
export interface Account {
  readonly appid: string
  readonly mchId: string
  readonly apiKey: string
}

/** How a door's protocol spells an answer. */
export interface Dialect {
  /** `v2`: only what XML can hold, without `payment` and `result_msg`, which real v2 replies leave out. */
  readonly wire: 'cloudpay' | 'v2'
  /** The service provider, or a merchant that speaks for itself. */
  readonly account: Account
  /** The account is the merchant itself: nothing is said of a sub-merchant. */
  readonly direct: boolean
  readonly signType: SignType
}

/** As whom an order or a refund was made: its notices speak the same way. Kept with it, so without the key. */
export interface MadeAs {
  readonly wire: Dialect['wire']
  readonly direct: boolean
  readonly signType: SignType
  readonly appid: string
  readonly mchId: string
}

export const madeAs = ({ wire, direct, signType, account }: Dialect): MadeAs => ({
  wire,
  direct,
  signType,
  appid: account.appid,
  mchId: account.mchId,
})

/** CloudPay's: the platform answers in the provider's name. */
export const cloudPay = (provider: Account): Dialect => ({
  wire: 'cloudpay',
  account: provider,
  direct: false,
  signType: 'MD5',
})

/** What an answer carries besides its outcome. */
export interface AnswerContext extends Dialect {
  readonly method: MethodName
  readonly profile: Profile
  readonly language: Language
  readonly subMchId: string
  readonly subAppid: string | undefined
  /** At most 32 characters; the real service sends 16. */
  readonly nonceStr: string
}

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

/** Who is spoken of: a direct merchant's closeOrder was recorded with an empty sub_mch_id, its other answers have none. */
const merchantOf = ({ direct, method, subAppid, subMchId }: AnswerContext): Fields => {
  if (!direct) return { sub_appid: subAppid, sub_mch_id: subMchId }
  return method === 'closeOrder' ? { sub_mch_id: '' } : {}
}

function signedAnswer(context: AnswerContext, fields: Fields): WireAnswer {
  const { account } = context
  const answer = present({
    return_code: 'SUCCESS',
    return_msg: 'OK',
    appid: account.appid,
    mch_id: account.mchId,
    ...merchantOf(context),
    nonce_str: context.nonceStr,
    sign: '',
    ...fields,
  })
  const unsigned = context.wire === 'v2' ? flatFields(answer) : answer
  // Lists and `payment` have no place in the v2 signature: it covers what has one value.
  return { ...unsigned, sign: sign(scalar(unsigned), account.apiKey, context.signType) }
}

const resultMsg = ({ wire }: AnswerContext, text: 'OK' | 'FAIL') => (wire === 'v2' ? undefined : text)

/** `result_code` SUCCESS, signed, with the method's own fields. */
export const success = (context: AnswerContext, fields: Fields = {}): WireAnswer =>
  signedAnswer(context, { result_code: 'SUCCESS', result_msg: resultMsg(context, 'OK'), ...fields })

/** `return_code` FAIL: nothing else is said, and nobody signs it. */
export const communicationFail = (text: string): WireAnswer => ({ return_code: 'FAIL', return_msg: text })

/** A business refusal (`result_code` FAIL, signed) or one of format or binding (`return_code` FAIL, never signed). */
export function refusal(context: AnswerContext, name: RefusalName, facts?: Facts): WireAnswer {
  const entry: CatalogueEntry = catalogue[name]
  const text = refusalText(name, context.method, context, facts)
  if (entry.layer === 'return_code') return communicationFail(text)
  return signedAnswer(context, {
    result_code: 'FAIL',
    result_msg: resultMsg(context, 'FAIL'),
    err_code: entry.errCode,
    err_code_des: text,
  })
}

/** A business refusal of whoever moves the money, passed on as it was said. */
export const refusalAsSaid = (
  context: AnswerContext,
  { code, message }: { readonly code: string; readonly message: string },
): WireAnswer =>
  signedAnswer(context, {
    result_code: 'FAIL',
    result_msg: resultMsg(context, 'FAIL'),
    err_code: code,
    err_code_des: message,
  })

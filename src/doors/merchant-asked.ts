/** Whose order a call at the control doors means that names no merchant; an order must not be taken for another's. */
import type { Environment } from '../ledger/environments.ts'
import { merchantsOfNumber } from '../ledger/merchants-of-number.ts'
import type { Subject } from '../ledger/tell-lane.ts'
import { demoMerchant } from '../protocol/demo-merchant.ts'
import type { DoorServices } from './door-services.ts'
import type { Answer } from './sandbox/answer.ts'

const severalHave = (number: string, merchants: readonly string[]): Answer => ({
  status: 400,
  code: 'SEVERAL_MERCHANTS',
  text: {
    zh: `多个商户都有号码 ${number}：${merchants.join('、')}；请用 sub_mch_id 指明`,
    en: `several merchants have the number ${number}: ${merchants.join(', ')}; name one with sub_mch_id`,
  },
})

/** What a call says of a merchant, and of whom it may be. */
export interface AskedOf {
  /** A merchant is needed, and none is named: an order or a refund is meant, or the merchant itself. */
  readonly lacksMerchant: boolean
  /** What there may be already, whose merchant is meant. */
  readonly numbered: { readonly subject: Subject; readonly number: string } | undefined
}

function numberedIn(data: Readonly<Record<string, unknown>>, makes: boolean): AskedOf['numbered'] {
  const order = makes ? data.replaces : data.out_trade_no
  if (typeof order === 'string') return { subject: 'order', number: order }
  const refund = data.out_refund_no
  return typeof refund === 'string' ? { subject: 'refund', number: refund } : undefined
}

/**
 * @param data what was made of `json`; a merchant that only stands there went without saying
 * @param how `makes`: an order, so that its own number is nobody's yet. `ofMany`: what looks like a number stands for many,
 *   and where no merchant is named they are everybody's
 */
export function askedOf(
  json: unknown,
  data: Readonly<Record<string, unknown>>,
  { makes = false, ofMany = false }: { readonly makes?: boolean; readonly ofMany?: boolean } = {},
): AskedOf {
  const isNamed = typeof json === 'object' && json !== null && 'sub_mch_id' in json
  const numbered = ofMany ? undefined : numberedIn(data, makes)
  return { lacksMerchant: !isNamed && (data.sub_mch_id !== undefined || numbered !== undefined), numbered }
}

/**
 * The call with its merchant: whoever has the number; else the only one that the environment lists; else the demo's.
 * @throws LedgerUnavailable
 */
export async function withMerchant(
  { ledger, directory }: Pick<DoorServices, 'ledger' | 'directory'>,
  { envId }: Environment,
  { lacksMerchant, numbered }: AskedOf,
  json: unknown,
): Promise<{ readonly json: unknown } | { readonly refusal: Answer }> {
  if (!lacksMerchant) return { json }
  const meant = (sub_mch_id: string) => ({ json: { ...Object(json), sub_mch_id } })
  if (numbered !== undefined) {
    const { subject, number } = numbered
    const [holder, ...others] = await merchantsOfNumber(ledger, envId, subject, number)
    if (holder !== undefined)
      return others.length === 0 ? meant(holder) : { refusal: severalHave(number, [holder, ...others]) }
  }
  const [only, other] = await directory.listedMerchants(envId)
  return meant(only !== undefined && other === undefined ? only.subMchId : demoMerchant)
}

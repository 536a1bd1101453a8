/** Whose order a call at the control doors means that names no merchant; an order must not be taken for another's. */
import type { Environment } from '../ledger/environments.ts'
import { merchantsOfNumber, onlyListedMerchant } from '../ledger/unnamed-merchant.ts'
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
  /** A merchant is needed, and none is named. */
  readonly lacksMerchant: boolean
  /** Of an order or a refund that there may be. */
  readonly number: string | undefined
}

/**
 * @param data what was made of `json`; a merchant that only stands there went without saying
 * @param makes an order, so that its own number is nobody's yet
 */
export function askedOf(json: unknown, data: Readonly<Record<string, unknown>>, makes = false): AskedOf {
  const isNamed = typeof json === 'object' && json !== null && 'sub_mch_id' in json
  const number = makes ? data.replaces : (data.out_trade_no ?? data.out_refund_no)
  return {
    lacksMerchant: data.sub_mch_id !== undefined && !isNamed,
    number: typeof number === 'string' ? number : undefined,
  }
}

/**
 * The call with its merchant: whoever has the number; else the only one that the environment lists; else the demo's.
 * @throws LedgerUnavailable
 */
export async function withMerchant(
  { ledger }: Pick<DoorServices, 'ledger'>,
  { envId }: Environment,
  { lacksMerchant, number }: AskedOf,
  json: unknown,
): Promise<{ readonly json: unknown } | { readonly refusal: Answer }> {
  if (!lacksMerchant) return { json }
  const holders = number === undefined ? [] : await merchantsOfNumber(ledger, envId, number)
  if (number !== undefined && holders.length > 1) return { refusal: severalHave(number, holders) }
  const sub_mch_id = holders[0] ?? (await onlyListedMerchant(ledger, envId)) ?? demoMerchant
  return { json: { ...Object(json), sub_mch_id } }
}

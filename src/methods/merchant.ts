/** Which merchant a call is for, whether it is taken, and which app id its answers carry. */
import type { Merchant } from '../ledger/directory.ts'
import type { CommonOutcome } from '../protocol/outcome.ts'
import type { Caller, Services } from './services.ts'

/** A merchant that nobody listed is known to `strictMerchants` as little as one never seen. */
export async function findMerchant(
  services: Pick<Services, 'directory'>,
  { environment }: Pick<Caller, 'environment'>,
  subMchId: string,
): Promise<{ merchant: Merchant | undefined } | { refused: CommonOutcome }> {
  const merchant = await services.directory.merchant(environment.envId, subMchId)
  if (environment.strictMerchants && merchant?.listed !== true) {
    return { refused: { outcome: 'merchant-unbound', envId: environment.envId } }
  }
  return { merchant }
}

/**
 * Remembers a merchant that nobody listed, with the first that it did.
 * @throws LedgerUnavailable nothing is known; again is safe
 */
export async function takeIn(
  { directory, notice }: Pick<Services, 'directory' | 'notice'>,
  envId: string,
  subMchId: string,
  first: { readonly with: string; readonly subAppid?: string | undefined },
): Promise<void> {
  if (await directory.takeIn(envId, subMchId, first.subAppid))
    notice(`took in an unknown merchant with its first ${first.with}`, { envId, subMchId })
}

/** The first that is given: the order's own or the body's, that of `cloudPay({ appid })`, the merchant's, the environment's. */
export const subAppidOf = (
  { environment, appid }: Pick<Caller, 'environment' | 'appid'>,
  merchant: Merchant | undefined,
  asked?: string,
): string | undefined => asked ?? appid ?? merchant?.subAppid ?? environment.subAppid

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

/** The first that is given: the order's own or the body's, that of `cloudPay({ appid })`, the merchant's, the environment's. */
export const subAppidOf = (
  { environment, appid }: Pick<Caller, 'environment' | 'appid'>,
  merchant: Merchant | undefined,
  asked?: string,
): string | undefined => asked ?? appid ?? merchant?.subAppid ?? environment.subAppid

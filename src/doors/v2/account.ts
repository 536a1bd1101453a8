/**
 * Who a v2 call speaks for, before its signature is checked: the environment and account of its `mch_id`, and whether
 * the `appid` and the sub-merchant belong to it. Nothing here is proven yet, so nothing secret is said.
 */
import type { Directory, V2Account } from '../../ledger/directory.ts'
import type { Environment } from '../../ledger/environments.ts'
import { findMerchant } from '../../methods/merchant.ts'
import type { Services } from '../../methods/services.ts'
import type { Dialect } from '../../protocol/answer.ts'
import type { Facts, RefusalName } from '../../protocol/catalogue.ts'
import type { Text } from '../../protocol/text.ts'
import type { Envelope } from '../../protocol/v2/envelope.ts'

/** An account that a call may speak for. */
export interface Speaker extends Pick<Dialect, 'account' | 'direct'> {
  readonly environment: Environment
  /** The merchant's app; undefined: none is bound to it, any may be. */
  readonly boundAppid: string | undefined
}

/** Short: both languages and the recorded words share 128 characters. */
const unknownNumber: Text = {
  zh: '须为服务商，或带 apiKey 的商户',
  en: "use a provider's or a merchant's own",
}
const sharedNumber: Text = { zh: '多个环境共用此号，请各设一个', en: 'several environments have it' }
const noProvider: Text = { zh: '该 mch_id 不是服务商', en: 'this mch_id is no provider' }

export type NotKnown = { readonly notKnown: { readonly field: string; readonly why: Text } }

const speakerOf = ({ environment, merchant }: V2Account, appid: string): Speaker => {
  if (merchant === undefined) {
    const { provider } = environment
    return { environment, account: provider, direct: false, boundAppid: provider.appid }
  }
  const { subMchId, subAppid, apiKey } = merchant
  return {
    environment,
    account: { appid, mchId: subMchId, apiKey },
    direct: true,
    boundAppid: subAppid ?? environment.subAppid,
  }
}

/** With `sub_mch_id` the provider of that number speaks, without it the merchant; a number may be both. */
export async function findSpeaker(
  directory: Directory,
  { appid, mchId, subMchId }: Envelope,
): Promise<Speaker | NotKnown> {
  const accounts = await directory.v2AccountsOf(mchId)
  const providers = accounts.filter(({ merchant }) => merchant === undefined)
  const merchants = accounts.filter(({ merchant }) => merchant !== undefined)
  const notKnown = (field: string, why: Text): NotKnown => ({ notKnown: { field, why } })
  if (accounts.length === 0) return notKnown('mch_id', unknownNumber)
  if (subMchId !== undefined && providers.length === 0) return notKnown('sub_mch_id', noProvider)
  const meant = subMchId === undefined && merchants.length > 0 ? merchants : providers
  const [account] = meant
  return account === undefined || meant.length > 1
    ? notKnown('mch_id', sharedNumber)
    : speakerOf(account, appid)
}

export interface Unbound {
  readonly refusal: RefusalName
  readonly facts: Facts
}

const isKnownApp = ({ provider, subAppid, directMerchants }: Environment, appid: string) =>
  [provider.appid, subAppid, ...directMerchants.map((merchant) => merchant.subAppid)].includes(appid)

/** In the order of the real checks: sub-merchant known, appid known, appid bound, sub_appid bound. */
export async function whatIsUnbound(
  services: Services,
  { environment, boundAppid }: Speaker,
  { appid, subMchId, subAppid }: Envelope,
): Promise<Unbound | undefined> {
  // Whoever is not strict takes a sub-merchant in with its first order: nothing to look up.
  const found =
    subMchId === undefined || !environment.strictMerchants
      ? undefined
      : await findMerchant(services, { environment }, subMchId)
  if (found !== undefined && 'refused' in found)
    return { refusal: 'merchantUnbound', facts: { env: environment.envId } }
  if (boundAppid !== undefined && appid !== boundAppid) {
    const name = isKnownApp(environment, appid) ? 'appidMchIdNotMatch' : 'appidNotExist'
    return { refusal: name, facts: { bound: boundAppid } }
  }
  const bound = found?.merchant?.subAppid
  return bound !== undefined && subAppid !== undefined && subAppid !== bound
    ? { refusal: 'appMismatch', facts: { bound } }
    : undefined
}

/** Environments whose providers and merchants speak v2, and who they are: one environment a rule profile. */
import type { EnvironmentSettingInput } from '../../src/ledger/environments.ts'
import type { Profile } from '../../src/protocol/rule-profiles.ts'
import { environmentNamed, subMchId } from './sandbox.ts'
import type { V2Identity } from './v2-client.ts'

/** 32 characters, different for every name. */
const keyOf = (name: string) => `key-of-${name}-`.padEnd(32, '0123456789abcdef').slice(0, 32)

const merchantAppid = 'wx8888888888888888'

/** @param number makes its mch_ids its own: a v2 call is told apart by nothing else */
export function v2Environment(
  profile: Profile,
  number: number,
  more: Partial<EnvironmentSettingInput> = {},
): EnvironmentSettingInput {
  const envId = more.envId ?? profile
  return environmentNamed(envId, profile, {
    provider: {
      appid: `wxprovider0000000${number}`,
      mchId: `123000010${number}`,
      apiKey: keyOf(`provider${number}`),
    },
    merchants: [
      { subMchId, subAppid: merchantAppid },
      { subMchId: `190000020${number}`, subAppid: merchantAppid, apiKey: keyOf(`merchant${number}`) },
    ],
    ...more,
  })
}

/** The provider of {@link v2Environment}, speaking for the demo's merchant. */
export const providerOf = ({ provider }: EnvironmentSettingInput): V2Identity => ({
  ...provider,
  sub: { subMchId, subAppid: merchantAppid },
})

/** Its merchant that speaks for itself. */
export function merchantOf({ merchants }: EnvironmentSettingInput): V2Identity {
  const merchant = merchants?.find(({ apiKey }) => apiKey !== undefined)
  if (merchant?.apiKey === undefined) throw new Error('no merchant of this environment speaks for itself')
  return { appid: merchantAppid, mchId: merchant.subMchId, apiKey: merchant.apiKey }
}

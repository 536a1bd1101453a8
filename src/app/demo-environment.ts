/**
 * The environment that the first start makes when no configuration file names another. Its credentials are
 * printed everywhere and known to everyone: `exposure.ts` refuses them on any address but loopback.
 */
import type { EnvironmentSettingInput } from '../ledger/environments.ts'
import { demoKeys, demoOpenid } from '../protocol/demo-merchant.ts'

export const demoEnvironment = {
  envId: 'sandbox',
  channel: 'sandbox',
  clock: 'test',
  secretId: 'AKIDsandbox',
  secretKey: demoKeys.secretKey,
  provider: {
    appid: 'wxd678efh667hg6787',
    mchId: '1230000109',
    apiKey: demoKeys.apiKey,
  },
  subAppid: 'wx8888888888888888',
  /** Speaks v2 for itself as well, with the provider's key. */
  merchants: [
    {
      subMchId: '1900000109',
      subAppid: 'wx8888888888888888',
      apiKey: demoKeys.apiKey,
    },
  ],
  /** Function code leaves the payer out: the platform knows its user. */
  defaultOpenid: demoOpenid,
} satisfies EnvironmentSettingInput

/** The merchant that a newcomer's first order is for. */
export const demoSubMchId = '1900000109'

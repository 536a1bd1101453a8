/** The demo environment, which is meant when a call of ours names none and there are several. */
export const demoEnvId = 'sandbox'

/** The demo environment's merchant, who is meant when a call of ours names none. */
export const demoMerchant = '1900000109'

/** The demo's customer, who pays what names no payer. */
export const demoOpenid = 'oUpF8uMuAJO_M2pxb1Q9zNjWeS6o'

/** What the demo's callers sign with. Printed everywhere, and therefore often found where another key belongs. */
export const demoKeys = {
  secretKey: 'sandbox-secret-key',
  apiKey: '192006250b4c09247ec02edce69f6a2d',
} as const

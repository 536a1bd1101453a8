/** The demo environment's merchant, who is meant when a call of ours names none. */
export const demoMerchant = '1900000109'

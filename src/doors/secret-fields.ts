/** Fields whose values are kept nowhere: whoever reads a record of a call must not be able to send it again. */

/** Names of keys and signatures, `sign_type` aside, and of what is a right in itself: whoever holds a prepay_id can pay by it. */
const secret = /sign(?!_?type$)|key|token|secret|password|^(prepay_id|package|code_url|mweb_url)$/i

export const hidden = '***'

export const isSecretField = (name: string): boolean => secret.test(name)

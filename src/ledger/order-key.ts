/** The natural key of an order, and the part that follows from it. */
import { merchantHash, partOfHash } from './parts.ts'

export interface OrderKey {
  /** Follows from the merchant; see {@link orderKey}. */
  readonly part: number
  /** The tenant that signed, never a name in a body. */
  readonly envId: string
  readonly subMchId: string
  readonly outTradeNo: string
}

/** @param parts of the ledger, which knows how many it has */
export const orderKey = (
  { parts }: { readonly parts: number },
  envId: string,
  subMchId: string,
  outTradeNo: string,
): OrderKey => ({ part: partOfHash(merchantHash(envId, subMchId), parts), envId, subMchId, outTradeNo })

/** By which commands on orders are sorted, and told apart in a batch. */
export const keyText = ({ envId, subMchId, outTradeNo }: OrderKey): string =>
  `${envId}\n${subMchId}\n${outTradeNo}`

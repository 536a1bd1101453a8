/**
 * Parts: how the ledger is spread. Every order's key starts with one, computed from its merchant.
 * There is one part unless the installer chose more.
 */
import { createHash } from 'node:crypto'

/** The four bytes, as 8 hex digits, that decide a merchant's part; ids that travel alone carry them. */
export const merchantHash = (envId: string, subMchId: string): string =>
  createHash('sha256').update(`${envId}\n${subMchId}`).digest('hex').slice(0, 8)

/** @param hash of {@link merchantHash}; @param parts how many there are */
export const partOfHash = (hash: string, parts = 1): number => Number.parseInt(hash, 16) % parts

export const partOf = (envId: string, subMchId: string, parts = 1): number =>
  partOfHash(merchantHash(envId, subMchId), parts)

/**
 * Parts: how the ledger is spread. Every order's key starts with one, computed from its merchant.
 * There is one part unless the installer chose more, once, before the first order.
 */
import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Db } from './db/db.ts'

/** More would leave parts empty on any cluster that this could run on. */
export const maxParts = 1024

/** Asked for with every call of a merchant. */
const hashes = new LRUCache<string, string>({ max: 10_000 })

/** The four bytes, as 8 hex digits, that decide a merchant's part; ids that travel alone carry them. */
export function merchantHash(envId: string, subMchId: string): string {
  const merchant = `${envId}\n${subMchId}`
  const known = hashes.get(merchant)
  if (known !== undefined) return known
  const hash = createHash('sha256').update(merchant).digest('hex').slice(0, 8)
  hashes.set(merchant, hash)
  return hash
}

/** @param hash of {@link merchantHash}; @param parts how many there are */
export const partOfHash = (hash: string, parts: number): number => Number.parseInt(hash, 16) % parts

/** The number of parts was decided before, and is another. */
export class PartsRefused extends Error {
  override readonly name = 'PartsRefused'
  readonly parts: number

  constructor(parts: number) {
    super(`the ledger has ${parts} parts: that was decided when it was first started`)
    this.parts = parts
  }
}

/**
 * Decides how many parts there are, when the ledger is first started; whoever starts later must agree. Two gateways with
 * different numbers would keep two orders under one number.
 *
 * @param wanted left out: 1, or as many as were decided
 * @returns how many there are
 * @throws PartsRefused
 */
export const settleParts = (db: Db, wanted: number | undefined): Promise<number> =>
  db.transaction(async (tx) => {
    // Against readers as well: whoever inserts an order reads its part.
    await tx.rows('lock table parts in access exclusive mode')
    const [row] = await tx.rows<{ parts: number; settled: boolean }>(
      'select count(*)::int as parts, bool_and(p.settled) as settled from parts p',
    )
    if (row === undefined) throw new Error('the table parts does not answer')
    if (row.settled) {
      if (wanted !== undefined && wanted !== row.parts) throw new PartsRefused(row.parts)
      return row.parts
    }
    const parts = wanted ?? row.parts
    await tx.rows('delete from parts')
    await tx.rows('insert into parts (part, settled) select n, true from generate_series(0, $1::int - 1) n', [
      parts,
    ])
    return parts
  })

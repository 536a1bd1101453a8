/**
 * Parts: how the ledger is spread. Every order's key starts with one, computed from its merchant.
 * There is one part unless the installer chose more, once, before the first order.
 */
import { createHash } from 'node:crypto'
import type { Db } from './db/db.ts'

/** More would leave parts empty on any cluster that this could run on. */
export const maxParts = 1024

/** The four bytes, as 8 hex digits, that decide a merchant's part; ids that travel alone carry them. */
export const merchantHash = (envId: string, subMchId: string): string =>
  createHash('sha256').update(`${envId}\n${subMchId}`).digest('hex').slice(0, 8)

/** @param hash of {@link merchantHash}; @param parts how many there are */
export const partOfHash = (hash: string, parts: number): number => Number.parseInt(hash, 16) % parts

/** The number of parts was chosen before, and orders lie in them. */
export class PartsRefused extends Error {
  override readonly name = 'PartsRefused'
  readonly parts: number

  constructor(parts: number) {
    super(`the ledger has ${parts} parts and orders in them: their number cannot change`)
    this.parts = parts
  }
}

/**
 * Chooses how many parts there are, while there are no orders; later calls must agree.
 *
 * @param wanted left out: as many as there are
 * @returns how many there are
 * @throws PartsRefused
 */
export const settleParts = (db: Db, wanted: number | undefined): Promise<number> =>
  db.transaction(async (tx) => {
    await tx.rows('lock table parts in share row exclusive mode')
    const [row] = await tx.rows<{ parts: number; used: boolean }>(
      'select (select count(*)::int from parts) as parts, exists (select 1 from orders) as used',
    )
    const parts = row?.parts ?? 1
    if (wanted === undefined || wanted === parts) return parts
    if (row?.used === true) throw new PartsRefused(parts)
    await tx.rows('delete from parts')
    await tx.rows('insert into parts (part) select generate_series(0, $1::int - 1)', [wanted])
    return wanted
  })

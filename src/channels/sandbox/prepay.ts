/**
 * The ids that the sandbox issues, in the shape of the real ones. Those that travel alone carry their merchant's
 * hash, from which the part is computed. Never: what an order may do.
 */

import type { Ledger } from '../../ledger/ledger.ts'
import { merchantHash, partOfHash } from '../../ledger/parts.ts'
import type { World } from '../../ledger/world.ts'
import { wireTime } from '../../protocol/beijing-time.ts'

const hex = (world: World, bytes: number) => Buffer.from(world.randomBytes(bytes)).toString('hex')

const digits = (world: World, count: number) =>
  (Buffer.from(world.randomBytes(8)).readBigUInt64BE() % 10n ** BigInt(count)).toString().padStart(count, '0')

/** `wx` + ddHHmmss + merchant hash + random + `0000`: 36 characters, as recorded ones have. */
export const issuePrepayId = (world: World, envId: string, subMchId: string, at: Date): string =>
  `wx${wireTime(at).slice(6)}${merchantHash(envId, subMchId)}${hex(world, 7)}0000`

const shape = /^wx\d{8}([0-9a-f]{8})[0-9a-f]{14}0000$/

/** The part that a prepay_id's order lies in; undefined: the sandbox never issued such an id. */
export function partOfPrepayId(prepayId: string, { parts }: Pick<Ledger, 'parts'>): number | undefined {
  const hash = shape.exec(prepayId)?.[1]
  return hash === undefined ? undefined : partOfHash(hash, parts)
}

/**
 * The text of a NATIVE order's QR code: a page of this server, so that any phone can scan it; the real one begins with
 * `weixin://`. Short, for the field holds 64 characters. It lives and dies with its prepay: derived, not stored.
 */
export const codeUrlOf = (prepayId: string, publicUrl: string): string => `${publicUrl}/q/${prepayId}`

/**
 * Where an MWEB order's browser goes: a page of this server. With a query, as the real one has it: shops append
 * `&redirect_url=…` to it.
 */
export const mwebUrlOf = (prepayId: string, publicUrl: string): string =>
  `${publicUrl}/sandbox/h5?prepay_id=${prepayId}`

/** 28 digits, `4200…` with the Beijing date at positions 11 to 18, as recorded ones have. */
export const issueTransactionId = (world: World, at: Date): string =>
  `4200${digits(world, 6)}${wireTime(at).slice(0, 8)}${digits(world, 10)}`

/** Stands for the id of a refund until its channel gave it one; no channel issues such an id. */
export const unknownRefundId = (outRefundNo: string): string => `?${outRefundNo}`

/** 29 digits, `50…` with the Beijing date at positions 11 to 18, as recorded ones have. */
export const issueRefundId = (world: World, at: Date): string =>
  `50${digits(world, 8)}${wireTime(at).slice(0, 8)}${digits(world, 11)}`

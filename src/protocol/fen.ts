/** Money on the wire: integers in fen (0.01 CNY), never a float. Owns the branded type and its limits. */
import { z } from 'zod'

/**
 * The largest amount of one order, in fen: 2^31 − 1 (21,474,836.47 CNY).
 * **Inferred**: no page gives a maximum; clients in the field read the amount into a 32-bit integer.
 */
export const maxFen = 2_147_483_647

export const fenSchema = z.number().max(maxFen, { abort: true }).int().positive().brand<'Fen'>()

/** A whole number of fen, 1 to {@link maxFen}. */
export type Fen = z.infer<typeof fenSchema>

/** @throws ZodError when `amount` is not a whole number of fen in range */
export const fen = (amount: number): Fen => fenSchema.parse(amount)

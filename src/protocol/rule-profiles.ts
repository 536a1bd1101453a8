/**
 * Where documentation and the recorded behaviour of the real service disagree: one table, one row a point.
 * An environment follows one column. Rows of `decides` are applied by `methods`, rows of `spells` by the
 * encoders beside this file; nothing else asks which profile it is.
 */
import type { Text } from './text.ts'

export const profiles = ['documented', 'observed'] as const

/** `documented`: as the pages promise (default). `observed`: as the real service was recorded to answer. */
export type Profile = (typeof profiles)[number]

const minutes = (count: number) => count * 60_000

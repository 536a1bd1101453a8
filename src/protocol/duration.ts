/** Spans of time as people write them: `5m`, `24h`, `1h30m`. */
import { z } from 'zod'
import { brokenRule } from './format-problem.ts'

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const isUnit = (unit: string): unit is keyof typeof unitMs => Object.hasOwn(unitMs, unit)

/** Whole numbers and units from days down to milliseconds. @returns milliseconds; undefined for any other form */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d{1,9}(?:ms|s|m|h|d))+$/.test(text)) return undefined
  let total = 0
  for (const [, count, unit = ''] of text.matchAll(/(\d+)(ms|s|m|h|d)/g)) {
    total += isUnit(unit) ? Number(count) * unitMs[unit] : 0
  }
  return total
}

/** Of requests and settings: reads as milliseconds. */
export const duration = z
  .string()
  .refine(
    (text) => parseDuration(text) !== undefined,
    brokenRule('应形如 "5m"、"24h"、"1h30m"', 'must look like "5m", "24h" or "1h30m"'),
  )
  .transform((text) => parseDuration(text) ?? 0)

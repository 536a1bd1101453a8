/** Times as people read them at a terminal; an order as `--json` prints it. */
import { z } from 'zod'
import { deepSnake } from '../protocol/api/deep-keys.ts'
import { readableTime } from '../protocol/beijing-time.ts'
import type { Language } from '../protocol/text.ts'

export const beijing = (at: Date, language: Language) =>
  language === 'zh' ? `北京时间 ${readableTime(at)}` : `${readableTime(at)} Beijing time`

/** As the HTTP API writes it: names with underscores, times with `+08:00`. */
export const asWire = (schema: z.ZodType, value: object): unknown => z.encode(schema, deepSnake(value))

/** The same, where something is to stand beside it. */
export const asWireObject = (schema: z.ZodType, value: object): Record<string, unknown> =>
  z.record(z.string(), z.unknown()).parse(asWire(schema, value))

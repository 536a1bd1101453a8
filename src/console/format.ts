/** Amounts, times and spans as people read them. */

import { isoTime, readableTime, wholeSecondFrom } from '../protocol/beijing-time.ts'
import type { Text } from '../protocol/text.ts'
import { t } from './language.ts'

export const yuan = (fen: number): string => `¥${(fen / 100).toFixed(2)}`

/** Of a time from which something is allowed: the first whole second that is not too early, as refusals name it. */
export const shortTimeFrom = (at: Date, now: Date): string => shortTime(wholeSecondFrom(at), now)

/** In the clock's own form: a time that is asked for. */
export const beijing = (at: Date): string => `${isoTime(at).slice(0, '2026-01-01T00:00:00'.length)}+08:00`

/** Beijing time; the year only where it is another than that of `now`. */
export function shortTime(at: Date, now: Date): string {
  const [text, present] = [readableTime(at), readableTime(now)]
  return text.slice(0, 4) === present.slice(0, 4) ? text.slice(5) : text
}

const units: readonly (readonly [ms: number, text: Text])[] = [
  [86_400_000, { zh: '{n} 天', en: '{n} d' }],
  [3_600_000, { zh: '{n} 小时', en: '{n} h' }],
  [60_000, { zh: '{n} 分', en: '{n} min' }],
  [1_000, { zh: '{n} 秒', en: '{n} s' }],
]

/** The two largest units of it. */
export function span(ms: number): string {
  let rest = Math.max(0, Math.ceil(ms / 1_000) * 1_000)
  const pieces: string[] = []
  for (const [unit, text] of units) {
    const n = Math.floor(rest / unit)
    rest -= n * unit
    if (n > 0) pieces.push(t(text, { n }))
    else if (pieces.length > 0) break
    if (pieces.length === 2) break
  }
  return pieces.length === 0 ? t({ zh: '0 秒', en: '0 s' }) : pieces.join(' ')
}

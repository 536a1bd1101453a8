/** Beijing time (UTC+8, no daylight saving) as the wire spells it. Owns every conversion of it. */

const offsetMs = 8 * 3_600_000

const inBeijing = (at: Date) => new Date(at.getTime() + offsetMs).toISOString()

/** `yyyyMMddHHmmss`, as in `time_end`; parts of a second are cut off. */
export const wireTime = (at: Date): string => inBeijing(at).slice(0, 19).replace(/[-T:]/g, '')

/** `yyyy-MM-dd HH:mm:ss`, for texts that people read; parts of a second are cut off. */
export const readableTime = (at: Date): string => inBeijing(at).slice(0, 19).replace('T', ' ')

/** The first whole second not before `at`: a text that names a time to wait for must not name one too early. */
export const wholeSecondFrom = (at: Date): Date => new Date(Math.ceil(at.getTime() / 1000) * 1000)

/** ISO 8601 with milliseconds and `+08:00`, as the control routes answer. */
export const isoTime = (at: Date): string => inBeijing(at).replace('Z', '+08:00')

/**
 * Reads `yyyyMMddHHmmss` as Beijing time.
 * @returns `undefined` for any other form and for a day or hour that no calendar has (20260231…)
 */
export function parseWireTime(text: string): Date | undefined {
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second] = match
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}+08:00`)
  // Date rolls 31 February over to March: what does not come back the same never existed.
  return !Number.isNaN(at.getTime()) && wireTime(at) === text ? at : undefined
}

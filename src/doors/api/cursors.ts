/** Where a page ended, as a text that only this server reads; and what is said of one that it cannot read. */
import type { z } from 'zod'
import type { Answer } from '../sandbox/answer.ts'

export const cursorOf = (place: readonly unknown[]): string =>
  Buffer.from(JSON.stringify(place)).toString('base64url')

/** @returns undefined: there is none. `bad`: it is none of ours */
export function readCursor<Schema extends z.ZodType>(
  schema: Schema,
  cursor: string | undefined,
): z.output<Schema> | undefined | 'bad' {
  if (cursor === undefined) return undefined
  try {
    const read = schema.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')))
    return read.success ? read.data : 'bad'
  } catch {
    return 'bad'
  }
}

export const badCursor: Answer = {
  status: 400,
  code: 'INVALID',
  text: {
    zh: 'cursor 不是本服务给出的 next_cursor；要从头列出，请去掉它',
    en: 'cursor is no next_cursor of this server; leave it out to begin anew',
  },
}

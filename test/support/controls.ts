/** The sandbox's controls as a test hears them. */
import { expect } from 'vitest'

export type Json = Record<string, unknown>

/** A refusal of a control: status, code, a text for people, an id for the log. */
export const refusedAs = (status: number, code: string) => ({
  status,
  json: { error: { code, message: expect.any(String), id: expect.stringMatching(/^[0-9a-f]{10}$/) } },
})

/** The text of a refusal. */
export function messageOf({ error }: Json): string {
  const text: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'message') : undefined
  if (typeof text !== 'string') throw new Error(`no refusal: ${JSON.stringify(error)}`)
  return text
}

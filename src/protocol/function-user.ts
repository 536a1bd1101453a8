/**
 * Whom a hosted function works for, as one text that goes along with every call its SDK makes: the host sets it as
 * `WX_API_TOKEN`, the SDK sends it as `wxCloudApiToken`, signed. So an order that names no payer is its user's, and a
 * function that it calls has the same user. The platform's own token is opaque; this one is ours.
 */
import { z } from 'zod'
import { text } from './fields.ts'

const mark = 'ocp1.'
/** A user whose ids are as long as they may be fits well; the rest is not ours. */
const maxLength = 512

const functionUserSchema = z.object({
  openid: text(128).min(1).optional(),
  appid: text(32).min(1).optional(),
})

export type FunctionUser = z.output<typeof functionUserSchema>

export const functionUserToken = ({ openid, appid }: FunctionUser): string =>
  `${mark}${Buffer.from(JSON.stringify({ openid, appid })).toString('base64url')}`

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}

/** @returns undefined for whatever {@link functionUserToken} did not make: the platform's own tokens among them */
export function readFunctionUser(token: string): FunctionUser | undefined {
  if (!token.startsWith(mark) || token.length > maxLength) return undefined
  const encoded = token.slice(mark.length)
  // Node skips what is no base64url: one user would have many tokens.
  const bytes = Buffer.from(encoded, 'base64url')
  if (bytes.toString('base64url') !== encoded) return undefined
  return functionUserSchema.safeParse(parsed(bytes)).data
}

/**
 * Whom a hosted function works for, as one text that goes along with every call its SDK makes: the host sets it as
 * `WX_API_TOKEN`, the SDK sends it as `wxCloudApiToken`, signed. So an order that names no payer is its user's, and a
 * function that it calls has the same user, and is known to be called by a function. The platform's own token is opaque;
 * this one is ours.
 */
import { z } from 'zod'
import { text } from './fields.ts'

const mark = 'ocp1.'
/** A user whose ids are as long as they may be fits well; the rest is not ours. */
const maxLength = 512

/**
 * How many functions may stand above one. Ours: the platform is not known to stop a function that calls itself, each
 * call in an instance of its own, without end. Fewer than a function has instances, so that the refusal is heard.
 */
export const mostDepth = 8

const functionUserSchema = z.object({
  openid: text(128).min(1).optional(),
  appid: text(32).min(1).optional(),
  /** How many functions stand above this one, each called by the one before. */
  depth: z.int().min(1).max(mostDepth).optional(),
})

export type FunctionUser = z.output<typeof functionUserSchema>

export const functionUserToken = ({ openid, appid, depth }: FunctionUser): string =>
  `${mark}${Buffer.from(JSON.stringify({ openid, appid, depth })).toString('base64url')}`

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

/**
 * Who a cloud function is called by, as the token that its SDK sends along with every call (`wxCloudApiToken`, from the
 * variable `WX_API_TOKEN`). On the platform the token is the platform's own; ours says the same openly, for the whole
 * request is signed by the holder of the environment's key.
 */
import { z } from 'zod'
import { text } from './fields.ts'

const prefix = 'ocp1.'
/** Longest token, in characters. */
const longest = 512

const schema = z.strictObject({ openid: text(128).optional(), appid: text(32).optional() })

export type FunctionUser = z.output<typeof schema>

export const functionUserToken = ({ openid, appid }: FunctionUser): string =>
  `${prefix}${Buffer.from(JSON.stringify({ openid, appid })).toString('base64url')}`

/** @returns undefined for a token that is not of this form: nothing is known of the user then */
export function readFunctionUser(token: string): FunctionUser | undefined {
  if (!token.startsWith(prefix) || token.length > longest) return undefined
  try {
    const read = schema.safeParse(
      JSON.parse(Buffer.from(token.slice(prefix.length), 'base64url').toString('utf8')),
    )
    return read.success ? read.data : undefined
  } catch {
    return undefined
  }
}

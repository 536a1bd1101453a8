/** `/api/requests`: calls to any door, and what came of them. Kept for a week. */
import { z } from 'zod'
import { text as wireText } from '../fields.ts'
import type { DeepCamel } from './deep-keys.ts'
import { env_id, moment, text } from './fields.ts'
import { listed, next_cursor } from './lists.ts'

/** Stands for an environment: calls that are nobody's, see `nobodys_for`. */
export const nobody = '-'

/** Why a signature does not hold, as far as can be told from here. */
const signatureCheck = text
  .extend({
    part: z.string().meta({
      description:
        'What differs: `key`, `host`, `path`, `query`, `sign_type`, `encoding`, a field’s name, …; `unknown` where no guess fits.',
    }),
    canonical: z.string().meta({
      description:
        'The text whose signature was expected, shortened, keys and what is not kept masked: compare it with your own.',
    }),
    signed: z
      .string()
      .optional()
      .meta({ description: 'The text that was signed in its place, where that was found and is another.' }),
  })
  .meta({ id: 'SignatureCheck' })

export const request = z
  .object({
    id: z.string().meta({ description: 'As in the answer’s text and in the log.' }),
    env_id: env_id.optional().meta({ description: 'Whose call it was; absent: nobody’s.' }),
    nobodys_for: z.enum(['credentials', 'request']).optional().meta({
      description:
        'Why it is nobody’s. `credentials`: a SecretId, signature or token did not hold. `request`: it was refused, or went wrong, before anybody’s were looked at. Absent: it is somebody’s.',
    }),
    at: moment.meta({ description: 'Real time at which the call was over.' }),
    door: z.string(),
    method: z.string().optional(),
    sub_mch_id: z.string().optional(),
    out_trade_no: z.string().optional(),
    outcome: z.string().meta({ description: 'In one of the door’s own words.' }),
    why: z.string().optional().meta({ description: 'Why the caller was refused.' }),
    fault: z.string().optional().meta({ description: 'What went wrong in the server.' }),
    status: z.number().int().meta({ description: 'Of HTTP.' }),
    ms: z.number(),
    asked: z.string().optional().meta({ description: 'The beginning of what was asked, signatures masked.' }),
    answered: z.string().optional().meta({ description: 'The beginning of the answer, signatures masked.' }),
    check: signatureCheck.optional(),
  })
  .meta({ id: 'Request' })
export type ApiRequest = DeepCamel<z.output<typeof request>>

export const listRequestsQuery = z.strictObject({
  env_id: z
    .union([env_id, z.literal(nobody)])
    .optional()
    .meta({
      description: `The environment, or \`${nobody}\`: calls that are nobody’s. Left out: as everywhere else.`,
    }),
  with_nobodys: z.enum(['true']).optional().meta({
    description: 'Beside the environment’s those that are nobody’s: each may have been meant for it.',
  }),
  door: wireText(16).optional(),
  method: wireText(64).optional(),
  out_trade_no: wireText(32).optional(),
  failed: z.enum(['true']).optional().meta({ description: 'Only calls that were refused, or went wrong.' }),
  ...listed,
})

export const requestsPage = z
  .object({
    env_id: z.union([env_id, z.literal(nobody)]),
    requests: z.array(request).meta({ description: 'Newest first.' }),
    next_cursor,
  })
  .meta({ id: 'RequestsPage' })
export type ApiRequestsPage = DeepCamel<z.output<typeof requestsPage>>

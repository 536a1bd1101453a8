/** `/api/audit`: what people changed. Every change through `/api`, and those of the sandbox that a person made by a page or a command. */
import { z } from 'zod'
import type { DeepCamel } from './deep-keys.ts'
import { env_id, envIdAsked, moment } from './fields.ts'
import { listed, next_cursor } from './lists.ts'

/** Says which program of ours a person used. */
export const clientHeader = 'x-cloudpay-client'

export const listAuditQuery = z.strictObject({ env_id: envIdAsked, ...listed })

const entry = z
  .object({
    id: z.string(),
    at: moment.meta({ description: 'Real time.' }),
    who: z.string().meta({ description: '`administrator` by the token, or `local`; and the address.' }),
    client: z.string().optional().meta({ description: 'The program: `console`, `cli`, …' }),
    action: z.string().meta({ description: 'As the description of the API names it.' }),
    asked: z.string().meta({ description: 'The beginning of what was asked, JSON.' }),
    status: z.number().int(),
    outcome: z.string(),
  })
  .meta({ id: 'AuditEntry' })
export type ApiAuditEntry = DeepCamel<z.output<typeof entry>>

export const auditPage = z
  .object({ env_id, entries: z.array(entry).meta({ description: 'Newest first.' }), next_cursor })
  .meta({ id: 'AuditPage' })
export type ApiAuditPage = DeepCamel<z.output<typeof auditPage>>

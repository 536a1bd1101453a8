/** `/api/environments`, `/api/connect`: which tenants there are, and how to point an SDK at one. */
import { z } from 'zod'
import { profiles } from '../rule-profiles.ts'
import type { DeepCamel } from './deep-keys.ts'
import { env_id, envIdAsked } from './fields.ts'

export const environment = z
  .object({
    env_id,
    channel: z.enum(['sandbox', 'wechatpay']),
    rules: z.enum(profiles),
    language: z.enum(['zh', 'en']),
    clock: z.enum(['test', 'real']),
    late_payments: z.enum(['refund', 'adopt', 'ask']),
    demo: z
      .boolean()
      .meta({ description: 'Its keys are those of the documentation, and everybody knows them.' }),
  })
  .meta({ id: 'Environment' })

export const noQuestions = z.strictObject({ env_id: envIdAsked })

export const environmentsAnswer = z
  .object({
    version: z.string(),
    command: z.string().meta({
      description:
        'How the command line is called on the server’s machine, as a shell reads it: what is shown there can be copied.',
    }),
    environments: z.array(environment),
  })
  .meta({ id: 'Environments' })
export type ApiEnvironments = DeepCamel<z.output<typeof environmentsAnswer>>

export const connectAnswer = z
  .object({
    env_id,
    demo: z.boolean(),
    secret_id: z.string(),
    secret_key: z
      .string()
      .optional()
      .meta({ description: 'Of the demo alone: others stand in their configuration.' }),
    appid: z.string(),
    mch_id: z.string(),
    v2_key: z.string().optional().meta({ description: 'Of the demo alone.' }),
    sub_appid: z.string().optional(),
    sub_mch_id: z
      .string()
      .optional()
      .meta({ description: 'Of the demo its merchant, elsewhere the first of `merchants`.' }),
    merchants: z
      .array(z.object({ sub_mch_id: z.string(), sub_appid: z.string().optional() }))
      .meta({ description: 'Those that its configuration lists, by number: a hundred at most.' }),
    default_openid: z.string().optional().meta({
      description: 'Who pays a JSAPI order that names nobody; absent: such an order is refused.',
    }),
    door_token: z.boolean().meta({ description: 'Whether containers must name a token.' }),
  })
  .meta({ id: 'Connect' })
export type ApiConnect = DeepCamel<z.output<typeof connectAnswer>>

/**
 * Environments: the tenants. Owns their settings (validated here, whoever wrote them) and their rows.
 * Which environment a call belongs to follows from its credential alone; names in a body never decide it.
 */
import { z } from 'zod'
import { profiles } from '../protocol/rule-profiles.ts'

const word = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[0-9A-Za-z_\-|*@.]+$/, 'letters, digits and _-|*@. only')

/** One environment as its operator writes it. Defaults are those of a sandbox. */
export const environmentSettingSchema = z.strictObject({
  envId: word(64),
  /** Who moves the money. `sandbox`: a simulated WeChat on this machine. */
  channel: z.enum(['sandbox']).default('sandbox'),
  profile: z.enum(profiles).default('documented'),
  /** Of `return_msg` and `err_code_des`. */
  language: z.enum(['zh', 'en']).default('zh'),
  /** `test` can be advanced and stopped. Fixed when the environment is first made. */
  clock: z.enum(['test', 'real']).default('test'),
  /** What the official SDK signs with. */
  secretId: word(128),
  secretKey: z.string().min(8).max(256),
  /** The service provider whose identity every answer carries and whose key signs it. */
  provider: z.strictObject({ appid: word(32), mchId: word(32), apiKey: z.string().length(32) }),
  /** sub_appid of merchants that have none of their own. */
  subAppid: word(32).optional(),
  merchants: z.array(z.strictObject({ subMchId: word(32), subAppid: word(32).optional() })).default([]),
  /** Payer of a JSAPI order that names none: function code leaves it out, the platform knows its user. */
  defaultOpenid: word(128).optional(),
  /** Refuses an SDK that was initialised for another environment's name. */
  strictEnv: z.boolean().default(false),
  /** Refuses merchants that are not in the list; otherwise one is taken in with its first unifiedOrder. */
  strictMerchants: z.boolean().default(false),
})

export type EnvironmentSetting = z.infer<typeof environmentSettingSchema>
/** As written in a configuration file: what has a default may be left out. */
export type EnvironmentSettingInput = z.input<typeof environmentSettingSchema>

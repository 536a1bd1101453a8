/**
 * Environments: the tenants. Owns their settings (validated here, whoever wrote them) and their rows.
 * Which environment a call belongs to follows from its credential alone; names in a body never decide it.
 */
import { z } from 'zod'
import { duration, parseDuration } from '../protocol/duration.ts'
import { brokenRule } from '../protocol/format-problem.ts'
import { profiles } from '../protocol/rule-profiles.ts'
import { createClock } from './clocks.ts'
import type { Db, Statements } from './db/db.ts'
import { readSecret, storeSecret } from './secrets.ts'

const word = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[0-9A-Za-z_\-|*@.]+$/, 'letters, digits and _-|*@. only')

/** API key of v2: signs requests and answers. */
const apiKey = z.string().length(32)

const hostUrl = z
  .string()
  .max(256)
  .regex(/^https?:\/\/[^\s/?#]+$/i, 'http(s)://host:port, without a path')

/** A span of time, within reason: bounds are written like values. */
const span = (least: string, most: string) =>
  duration.refine(
    (ms) => ms >= (parseDuration(least) ?? 0) && ms <= (parseDuration(most) ?? 0),
    brokenRule(`应在 ${least} 到 ${most} 之间`, `must be between ${least} and ${most}`),
  )

export const latePolicies = ['refund', 'adopt', 'ask'] as const
export type LatePolicy = (typeof latePolicies)[number]

/** One environment as its operator writes it. Defaults are those of a sandbox. */
export const environmentSettingSchema = z.strictObject({
  envId: word(64),
  /** Who moves the money. `sandbox`: a simulated WeChat on this machine. `wechatpay`: the real one, which has to be asked. */
  channel: z.enum(['sandbox', 'wechatpay']).default('sandbox'),
  profile: z.enum(profiles).default('documented'),
  /** Of `return_msg` and `err_code_des`. */
  language: z.enum(['zh', 'en']).default('zh'),
  /** `test` can be advanced and stopped. Fixed when the environment is first made. */
  clock: z.enum(['test', 'real']).default('test'),
  /** What the official SDK signs with. */
  secretId: word(128),
  secretKey: z.string().min(8).max(256),
  /** The service provider whose identity every answer carries and whose key signs it. */
  provider: z.strictObject({ appid: word(32), mchId: word(32), apiKey }),
  /** sub_appid of merchants that have none of their own. */
  subAppid: word(32).optional(),
  merchants: z
    .array(
      z.strictObject({
        subMchId: word(32),
        subAppid: word(32).optional(),
        /** Lets the merchant speak v2 for itself, with this key; without it only its provider speaks for it. */
        apiKey: apiKey.optional(),
      }),
    )
    .default([]),
  /** What containers of Cloud Run name as `Authorization: Bearer …`. */
  doorToken: z
    .string()
    .min(16)
    .max(256)
    .regex(/^[\x21-\x7e]+$/, 'visible ASCII without blanks only')
    .optional(),
  /** Payer of a JSAPI order that names none: function code leaves it out, the platform knows its user. */
  defaultOpenid: word(128).optional(),
  /** Refuses an SDK that was initialised for another environment's name. */
  strictEnv: z.boolean().default(false),
  /** Refuses merchants that are not in the list; otherwise one is taken in with its first unifiedOrder. */
  strictMerchants: z.boolean().default(false),
  /** Refuses orders and refunds whose callback would go to a function or container that nobody hosts. */
  strictTargets: z.boolean().default(false),
  /**
   * Of a payment that came too late: its money goes back (`refund`); it stays, unless another attempt was paid (`adopt`); or a
   * person decides (`ask`).
   */
  latePayments: z.enum(latePolicies).default('refund'),
  /** Closes orders that nobody paid at their own `time_expire`. */
  closeAtTimeExpire: z.boolean().default(true),
  /** The time of orders that nobody pays: then they can be paid no more, and are closed. */
  closeAfter: span('1m', '7d').optional(),
  /** Closes orders that nobody paid after the system's seven days. */
  closeAfterSevenDays: z.boolean().default(true),
  /** How long a callback may take to be answered. **Inferred** for CloudPay; v2 says five seconds. */
  callbackTimeout: span('100ms', '60s').default(5_000),
  /** Pauses before the retries of a callback, in place of the documented ones. */
  callbackRetries: z.array(span('1ms', '30d')).max(50).optional(),
  /** How long the sandbox takes over a refund. The real service: seconds to days. */
  refundTakes: span('0s', '30d').default(5_000),
  /** Keeps the bodies of calls and answers for a week, for whoever looks for a cause; of a sandbox unless it says otherwise. */
  keepBodies: z.boolean().optional(),
  /** Where services of Cloud Run are, by their names, for callbacks to containers. */
  containers: z.record(word(128), hostUrl).default({}),
})

export type EnvironmentSetting = z.infer<typeof environmentSettingSchema>
/** As written in a configuration file: what has a default may be left out. */
export type EnvironmentSettingInput = z.input<typeof environmentSettingSchema>

/** A listed merchant that speaks v2 for itself. */
export interface DirectMerchant {
  readonly subMchId: string
  readonly subAppid: string | undefined
  readonly apiKey: string
}

/** An environment as it is used: its setting, secrets included, but for the merchants, who have rows of their own. */
export type Environment = Omit<EnvironmentSetting, 'merchants'> & {
  readonly directMerchants: readonly DirectMerchant[]
}

export const keepsBodies = ({ keepBodies, channel }: Pick<Environment, 'keepBodies' | 'channel'>): boolean =>
  keepBodies ?? channel === 'sandbox'

/** An environment cannot become what the operator asks: `setting` is fixed once it is made. */
export class EnvironmentRefused extends Error {
  override readonly name = 'EnvironmentRefused'
  readonly envId: string
  readonly setting: 'clock'
  readonly was: string

  constructor(envId: string, setting: 'clock', was: string) {
    super(`environment ${envId} was made with ${setting} "${was}", which cannot change`)
    this.envId = envId
    this.setting = setting
    this.was = was
  }
}

async function saveMerchants(tx: Statements, { envId, merchants }: EnvironmentSetting): Promise<void> {
  const listed = merchants.map((merchant) => merchant.subMchId)
  await tx.rows(
    'update merchants m set listed = false where m.env_id = $1 and m.listed and not m.sub_mch_id = any($2)',
    [envId, listed],
  )
  await tx.rows(
    `insert into merchants (env_id, sub_mch_id, sub_appid, listed)
     select $1, u.sub_mch_id, u.sub_appid, true from unnest($2::text[], $3::text[]) as u(sub_mch_id, sub_appid)
     on conflict (env_id, sub_mch_id) do update set sub_appid = excluded.sub_appid, listed = true`,
    [envId, listed, merchants.map((merchant) => merchant.subAppid ?? null)],
  )
}

/** Kind, public id and secret of all that an environment's callers sign with. */
const credentialsOf = ({
  envId,
  secretId,
  secretKey,
  provider,
  merchants,
  doorToken,
}: EnvironmentSetting) => [
  ['tc3', secretId, secretKey] as const,
  ['v2', provider.mchId, provider.apiKey] as const,
  ...merchants.flatMap(({ subMchId, apiKey: key }) =>
    key === undefined ? [] : [['v2-direct', subMchId, key] as const],
  ),
  ...(doorToken === undefined ? [] : [['door', envId, doorToken] as const]),
]

async function saveEnvironment(tx: Statements, asked: EnvironmentSetting, wall: Date): Promise<void> {
  const { secretKey: _, provider, merchants: __, doorToken: ___, ...rest } = asked
  const setting = { ...rest, provider: { appid: provider.appid, mchId: provider.mchId } }
  const saved = await tx.rows<{ clock: string }>(
    `insert into environments as e (env_id, clock, setting) values ($1, $2, $3::jsonb)
     on conflict (env_id) do update set setting = excluded.setting returning e.clock`,
    [asked.envId, asked.clock, JSON.stringify(setting)],
  )
  const clock = saved[0]?.clock ?? asked.clock
  if (clock !== asked.clock) throw new EnvironmentRefused(asked.envId, 'clock', clock)
  if (asked.clock === 'test') await createClock(tx, asked.envId, wall)
  for (const [kind, publicId, secret] of credentialsOf(asked)) {
    const { keyId, bytes } = storeSecret(secret)
    await tx.rows(
      'insert into credentials (kind, public_id, env_id, key_id, secret) values ($1, $2, $3, $4, $5)',
      [kind, publicId, asked.envId, keyId, bytes],
    )
  }
  await saveMerchants(tx, asked)
}

/**
 * Makes the environments what their operator says, at start. The list is the whole truth about credentials: one that
 * it no longer names stops working; the orders of its environment stay.
 *
 * @throws EnvironmentRefused when something fixed would change; nothing is saved then
 */
export const saveEnvironments = (
  db: Db,
  settings: readonly EnvironmentSetting[],
  wall: Date,
): Promise<void> =>
  db.transaction(async (tx) => {
    // Of two gateways that start together, one saves after the other.
    await tx.rows('lock table credentials in share row exclusive mode')
    await tx.rows('delete from credentials')
    for (const setting of settings) await saveEnvironment(tx, setting, wall)
  })

/** Secrets that not every environment has, by env id. */
async function readOptionalSecrets(db: Statements) {
  const rows = await db.rows<{
    env_id: string
    kind: 'door' | 'v2-direct'
    public_id: string
    key_id: string
    secret: Uint8Array
    sub_appid: string | null
  }>(
    `select c.env_id, c.kind, c.public_id, c.key_id, c.secret, m.sub_appid
     from credentials c
     left join merchants m on m.env_id = c.env_id and m.sub_mch_id = c.public_id and c.kind = 'v2-direct'
     where c.kind in ('door', 'v2-direct')`,
  )
  const secretOf = ({ key_id, secret }: (typeof rows)[number]) => readSecret({ keyId: key_id, bytes: secret })
  return (envId: string) => {
    const its = rows.filter((row) => row.env_id === envId)
    const door = its.find((row) => row.kind === 'door')
    return {
      ...(door === undefined ? {} : { doorToken: secretOf(door) }),
      directMerchants: its
        .filter((row) => row.kind === 'v2-direct')
        .map((row) => ({
          subMchId: row.public_id,
          subAppid: row.sub_appid ?? undefined,
          apiKey: secretOf(row),
        })),
    }
  }
}

/** Everything about who may call: read as a whole, there are few. */
export async function readEnvironments(db: Statements): Promise<Environment[]> {
  const rows = await db.rows<{
    setting: Omit<EnvironmentSetting, 'secretKey' | 'provider' | 'merchants' | 'doorToken'> & {
      provider: { appid: string; mchId: string }
    }
    key_id: string
    secret: Uint8Array
    api_key_id: string
    api_key: Uint8Array
  }>(
    `select e.setting, t.key_id, t.secret, v.key_id as api_key_id, v.secret as api_key
     from environments e
     join credentials t on t.env_id = e.env_id and t.kind = 'tc3'
     join credentials v on v.env_id = e.env_id and v.kind = 'v2'`,
  )
  const optionalSecrets = await readOptionalSecrets(db)
  return rows.map(({ setting, key_id, secret, api_key_id, api_key }) => ({
    ...setting,
    // Saved before there was such a setting.
    latePayments: setting.latePayments ?? 'refund',
    ...optionalSecrets(setting.envId),
    secretKey: readSecret({ keyId: key_id, bytes: secret }),
    provider: { ...setting.provider, apiKey: readSecret({ keyId: api_key_id, bytes: api_key }) },
  }))
}

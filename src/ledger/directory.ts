/**
 * The directory: who may call, and which merchants are known. Kept for a minute and served stale while the database
 * is away, so that a call can still be recognised, refused or told to try again. Nothing else is remembered.
 */
import { createHash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { type Db, LedgerUnavailable } from './db/db.ts'
import { type DirectMerchant, type Environment, readEnvironments } from './environments.ts'
import type { World } from './world.ts'

const freshMs = 60_000
/** How soon an unknown SecretId may make the directory be read again: strangers must not cost a query each. */
const unknownMs = 1_000
const merchantsKept = 10_000
/** Of whom people choose one. */
const mostListed = 100
/** How long a caller waits for news of what is kept already: a database that hangs must not use up the call's time. */
const patienceMs = 500

export interface Merchant {
  readonly subMchId: string
  readonly subAppid: string | undefined
  /** Listed by the operator; otherwise taken in with its first order. */
  readonly listed: boolean
}

/** Who speaks v2 under a `mch_id`: a service provider, or a merchant for itself. */
export interface V2Account {
  readonly environment: Environment
  /** undefined: the environment's provider. */
  readonly merchant: DirectMerchant | undefined
}

interface Snapshot {
  readonly readAt: number
  readonly bySecretId: ReadonlyMap<string, Environment>
  readonly byEnvId: ReadonlyMap<string, Environment>
  /** By the hash of the token: the time of a look-up tells nothing of it. */
  readonly byDoorToken: ReadonlyMap<string, Environment>
  readonly byMchId: ReadonlyMap<string, readonly V2Account[]>
}

/** The news, or what is kept when there is something kept and the database is away or slow. */
async function orKept<T>(news: Promise<T>, kept: T | undefined): Promise<T> {
  if (kept === undefined) return news
  let impatient: NodeJS.Timeout | undefined
  const late = new Promise<T>((resolve) => {
    impatient = setTimeout(() => resolve(kept), patienceMs)
  })
  const known = news.catch((error: unknown) => {
    if (error instanceof LedgerUnavailable) return kept
    throw error
  })
  try {
    return await Promise.race([known, late])
  } finally {
    clearTimeout(impatient)
  }
}

const hashOf = (token: string) => createHash('sha256').update(token).digest('hex')

function accountsByMchId(environments: readonly Environment[]): Map<string, V2Account[]> {
  const accounts = new Map<string, V2Account[]>()
  const add = (mchId: string, account: V2Account) =>
    accounts.set(mchId, [...(accounts.get(mchId) ?? []), account])
  for (const environment of environments) {
    add(environment.provider.mchId, { environment, merchant: undefined })
    for (const merchant of environment.directMerchants) add(merchant.subMchId, { environment, merchant })
  }
  return accounts
}

export interface Directory {
  /** @throws LedgerUnavailable when nothing was ever read */
  environmentOfSecretId(secretId: string): Promise<Environment | undefined>
  /** @throws LedgerUnavailable when nothing was ever read */
  environmentOfDoorToken(token: string): Promise<Environment | undefined>
  /** Several when environments share a number, or a provider's is a merchant's too; @throws LedgerUnavailable as above */
  v2AccountsOf(mchId: string): Promise<readonly V2Account[]>
  /** @throws LedgerUnavailable when nothing was ever read */
  environment(envId: string): Promise<Environment | undefined>
  /** All of them, by id; @throws LedgerUnavailable when nothing was ever read */
  environmentIds(): Promise<string[]>
  /** All of them, by id; @throws LedgerUnavailable when nothing was ever read */
  environments(): Promise<readonly Environment[]>
  /** @throws LedgerUnavailable when the merchant is not kept */
  merchant(envId: string, subMchId: string): Promise<Merchant | undefined>
  /** Those whom the operator listed, by number: the first hundred; for people, not for calls. @throws LedgerUnavailable */
  listedMerchants(envId: string): Promise<readonly Merchant[]>
  /** What is kept of a merchant, however old; asks nobody. */
  merchantKept(envId: string, subMchId: string): Merchant | undefined
  /** Of one that was taken in without an app id it learns that. @returns true when this very call took the merchant in */
  takeIn(envId: string, subMchId: string, subAppid: string | undefined): Promise<boolean>
}

export function openDirectory(db: Db, world: World): Directory {
  let kept: Snapshot | undefined
  let reading: Promise<Snapshot> | undefined
  const merchants = new LRUCache<string, { merchant: Merchant; readAt: number }>({ max: merchantsKept })
  const now = () => world.wallClock().getTime()
  const merchantKey = (envId: string, subMchId: string) => `${envId}\n${subMchId}`

  async function read(): Promise<Snapshot> {
    const environments = await readEnvironments(db)
    kept = {
      readAt: now(),
      bySecretId: new Map(environments.map((environment) => [environment.secretId, environment])),
      byEnvId: new Map(environments.map((environment) => [environment.envId, environment])),
      byDoorToken: new Map(
        environments.flatMap((environment) =>
          environment.doorToken === undefined ? [] : [[hashOf(environment.doorToken), environment]],
        ),
      ),
      byMchId: accountsByMchId(environments),
    }
    return kept
  }

  /** One reading at a time, shared by all who wait for it; a failed one falls back on what is kept. */
  async function snapshot(maxAgeMs: number): Promise<Snapshot> {
    if (kept !== undefined && now() - kept.readAt < maxAgeMs) return kept
    reading ??= read().finally(() => {
      reading = undefined
    })
    return orKept(reading, kept)
  }

  async function find<T>(pick: (from: Snapshot) => T | undefined): Promise<T | undefined> {
    return pick(await snapshot(freshMs)) ?? pick(await snapshot(unknownMs))
  }

  const keep = (envId: string, merchant: Merchant) =>
    merchants.set(merchantKey(envId, merchant.subMchId), { merchant, readAt: now() })

  async function readMerchant(envId: string, subMchId: string): Promise<Merchant | undefined> {
    const rows = await db.rows<{ sub_appid: string | null; listed: boolean }>(
      'select m.sub_appid, m.listed from merchants m where m.env_id = $1 and m.sub_mch_id = $2',
      [envId, subMchId],
    )
    const row = rows[0]
    return row === undefined
      ? undefined
      : { subMchId, subAppid: row.sub_appid ?? undefined, listed: row.listed }
  }

  return {
    environmentOfSecretId: (secretId) => find((from) => from.bySecretId.get(secretId)),
    environmentOfDoorToken: (token) => find((from) => from.byDoorToken.get(hashOf(token))),
    v2AccountsOf: async (mchId) => (await find((from) => from.byMchId.get(mchId))) ?? [],
    environment: (envId) => find((from) => from.byEnvId.get(envId)),
    environmentIds: async () => [...(await snapshot(freshMs)).byEnvId.keys()].sort(),
    environments: async () =>
      [...(await snapshot(freshMs)).byEnvId.values()].sort((a, b) => (a.envId < b.envId ? -1 : 1)),
    async listedMerchants(envId) {
      const rows = await db.rows<{ sub_mch_id: string; sub_appid: string | null }>(
        `select m.sub_mch_id, m.sub_appid from merchants m where m.env_id = $1 and m.listed
         order by m.sub_mch_id limit ${mostListed}`,
        [envId],
      )
      return rows.map(({ sub_mch_id, sub_appid }) => ({
        subMchId: sub_mch_id,
        subAppid: sub_appid ?? undefined,
        listed: true,
      }))
    },
    merchantKept: (envId, subMchId) => merchants.get(merchantKey(envId, subMchId))?.merchant,
    async merchant(envId, subMchId) {
      const entry = merchants.get(merchantKey(envId, subMchId))
      if (entry !== undefined && now() - entry.readAt < freshMs) return entry.merchant
      const asked = readMerchant(envId, subMchId).then((merchant) => {
        if (merchant !== undefined) keep(envId, merchant)
        return merchant
      })
      return orKept(asked, entry?.merchant)
    },
    async takeIn(envId, subMchId, subAppid) {
      const taken = await db.rows(
        `insert into merchants (env_id, sub_mch_id, sub_appid, listed) values ($1, $2, $3, false)
         on conflict do nothing returning sub_mch_id`,
        [envId, subMchId, subAppid ?? null],
      )
      if (taken.length === 0 && subAppid !== undefined)
        await db.rows(
          `update merchants m set sub_appid = $3
           where m.env_id = $1 and m.sub_mch_id = $2 and m.sub_appid is null and not m.listed`,
          [envId, subMchId, subAppid],
        )
      return taken.length > 0
    },
  }
}

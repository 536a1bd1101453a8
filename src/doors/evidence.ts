/**
 * What the search for a mistake in a signature goes by: the keys that callers have here, and in words whose they are. Only keys
 * whose signature was refused are looked for; nothing of it ever goes to the caller.
 */
import type { Directory } from '../ledger/directory.ts'
import { type Environment, keepsBodies } from '../ledger/environments.ts'
import type { Services } from '../methods/services.ts'
import { demoKeys } from '../protocol/demo-merchant.ts'
import { type Evidence, hiding, type KnownKey } from '../protocol/signature-check.ts'

/** Whoever is refused may be a stranger: searches come this often at once, and then this often a second. */
const mostAtOnce = 60
const mostPerSecond = 5
const searches = new WeakMap<Directory, { left: number; at: number }>()

/** Counts this one. With none left a signature is refused as ever, and the log has no more than the reason. */
export function maySearch({ directory, world }: Pick<Services, 'directory' | 'world'>): boolean {
  const now = world.wallClock().getTime()
  const { left, at } = searches.get(directory) ?? { left: mostAtOnce, at: now }
  const regained = (Math.max(0, now - at) / 1_000) * mostPerSecond
  const available = Math.min(mostAtOnce, left + regained)
  searches.set(directory, { left: Math.max(0, available - 1), at: now })
  return available >= 1
}

/** With more environments than these, only the caller's own and the demo are tried. */
const mostEnvironments = 20
/** Most keys of others that are tried. */
const mostKeys = 24

const secretKeyOf = ({ envId, secretKey }: Environment): KnownKey => ({
  key: secretKey,
  zh: `环境 ${envId} 的 secretKey`,
  en: `the secretKey of the environment ${envId}`,
})

const apiKeysOf = ({ envId, provider, directMerchants }: Environment): KnownKey[] => [
  {
    key: provider.apiKey,
    zh: `环境 ${envId} 服务商 ${provider.mchId} 的 apiKey`,
    en: `the apiKey of ${provider.mchId}, provider of the environment ${envId}`,
  },
  ...directMerchants.map(({ subMchId, apiKey }) => ({
    key: apiKey,
    zh: `环境 ${envId} 商户 ${subMchId} 的 apiKey`,
    en: `the apiKey of ${subMchId}, merchant of the environment ${envId}`,
  })),
]

const ofTheDemo: KnownKey = {
  key: demoKeys.secretKey,
  zh: '演示环境公开的 secretKey',
  en: 'the well-known secretKey of the demo',
}
const ofTheDemosMerchant: KnownKey = {
  key: demoKeys.apiKey,
  zh: '演示环境公开的 apiKey',
  en: 'the well-known apiKey of the demo',
}

export const secretsOf = ({ secretKey, doorToken, provider, directMerchants }: Environment): string[] => [
  secretKey,
  provider.apiKey,
  ...directMerchants.map(({ apiKey }) => apiKey),
  ...(doorToken === undefined ? [] : [doorToken]),
]

/** Each key once, the right one never: that it was used is no mistake. */
function candidates(keys: readonly KnownKey[], right: string): KnownKey[] {
  const distinct = new Map<string, KnownKey>()
  for (const known of keys)
    if (known.key !== right && !distinct.has(known.key)) distinct.set(known.key, known)
  return [...distinct.values()].slice(0, mostKeys)
}

async function evidenceOf(
  directory: Directory,
  environment: Environment | undefined,
  own: KnownKey,
  listed: (environment: Environment, own: boolean) => readonly KnownKey[],
  demo: readonly KnownKey[],
): Promise<Evidence> {
  const all = await directory.environments()
  const others = all.length > mostEnvironments ? [] : all.filter(({ envId }) => envId !== environment?.envId)
  const keys = [
    ...demo,
    ...(environment === undefined ? [] : listed(environment, true)),
    ...others.flatMap((other) => listed(other, false)),
  ]
  return {
    own,
    others: candidates(keys, own.key),
    hide: hiding([...all.flatMap(secretsOf), ofTheDemo.key, ofTheDemosMerchant.key]),
    keepsBodies: environment !== undefined && keepsBodies(environment),
  }
}

/** @param environment of the call's SecretId, where there is one */
export const tc3Evidence = (directory: Directory, environment: Environment | undefined): Promise<Evidence> =>
  evidenceOf(
    directory,
    environment,
    environment === undefined ? { key: '', zh: '', en: '' } : secretKeyOf(environment),
    (one, isOwn) => [secretKeyOf(one), ...(isOwn ? apiKeysOf(one) : [])],
    [ofTheDemo],
  )

/** @param mchId whose key it should be */
export const v2Evidence = (
  directory: Directory,
  environment: Environment,
  account: { readonly mchId: string; readonly apiKey: string },
): Promise<Evidence> =>
  evidenceOf(
    directory,
    environment,
    {
      key: account.apiKey,
      zh: `环境 ${environment.envId} 中 ${account.mchId} 的 apiKey`,
      en: `the apiKey of ${account.mchId} in the environment ${environment.envId}`,
    },
    (one, isOwn) => [...apiKeysOf(one), ...(isOwn ? [secretKeyOf(one)] : [])],
    [ofTheDemosMerchant],
  )

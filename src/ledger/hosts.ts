/**
 * Who hosts cloud functions and containers: hosts that say so and say it again while they live, and services that the
 * operator wrote down. Kept for a second at a time. Never: speaking to one.
 */

import type { Target } from '../protocol/callback-target.ts'
import type { HostSaying } from '../protocol/function-host.ts'
import type { Db } from './db/db.ts'
import type { Environment } from './environments.ts'
import { readSecret, storeSecret } from './secrets.ts'
import type { World } from './world.ts'

export interface Host {
  readonly hostId: string
  readonly kind: HostSaying['kind']
  readonly url: string
  readonly token: string | undefined
  /** Serves callbacks to this environment only; undefined: to any. */
  readonly targetEnvId: string | undefined
  readonly names: readonly string[]
}

export type HostedTarget = Exclude<Target, { kind: 'url' }>

export interface Hosts {
  /** Who serves a function or a container; of several, the one that came last. @throws LedgerUnavailable */
  find(environment: Environment, target: HostedTarget): Promise<Host | undefined>
  /** All that an environment has now. @throws LedgerUnavailable */
  list(envId: string): Promise<readonly Host[]>
  /** A host says that it is there, until then. @returns whether it or its names are new. @throws LedgerUnavailable */
  said(envId: string, host: Host, holdsUntil: Date): Promise<boolean>
  /** @throws LedgerUnavailable */
  gone(envId: string, hostId: string): Promise<void>
}

const freshMs = 1_000

const fits = ({ targetEnvId }: Host, { envId }: HostedTarget) =>
  targetEnvId === undefined || targetEnvId === envId

const kindOf = { function: 'functions', container: 'container' } as const

const nameOf = (target: HostedTarget) => (target.kind === 'function' ? target.functionName : target.service)

const serves = (host: Host, target: HostedTarget, name: string): boolean =>
  host.kind === kindOf[target.kind] && fits(host, target) && host.names.includes(name)

/** A service that the operator wrote down. */
const writtenDown = ({ containers }: Environment, target: HostedTarget): Host | undefined => {
  if (target.kind !== 'container' || !Object.hasOwn(containers, target.service)) return undefined
  const url = containers[target.service]
  return url === undefined
    ? undefined
    : {
        hostId: 'setting',
        kind: 'container',
        url,
        token: undefined,
        targetEnvId: undefined,
        names: [target.service],
      }
}

interface HostRow {
  host_id: string
  kind: HostSaying['kind']
  url: string
  key_id: string | null
  secret: Uint8Array | null
  target_env_id: string | null
  names: string[]
}

const readHost = (row: HostRow): Host => ({
  hostId: row.host_id,
  kind: row.kind,
  url: row.url,
  token:
    row.key_id === null || row.secret === null
      ? undefined
      : readSecret({ keyId: row.key_id, bytes: row.secret }),
  targetEnvId: row.target_env_id ?? undefined,
  names: row.names,
})

export function openHosts(db: Db, world: Pick<World, 'wallClock'>): Hosts {
  const kept = new Map<string, { hosts: Promise<readonly Host[]>; readAt: number }>()

  /**
   * The one that started last first: a host that only says again what it said changes nothing. Who is over its time is
   * gone, whether or not its row is.
   */
  const read = async (envId: string, now: Date) =>
    (
      await db.rows<HostRow>(
        `select h.host_id, h.kind, h.url, h.key_id, h.secret, h.target_env_id, h.names from hosts h
         where h.env_id = $1 and h.holds_until > $2 order by h.since desc, h.host_id`,
        [envId, now],
      )
    ).map(readHost)

  function list(envId: string): Promise<readonly Host[]> {
    const now = world.wallClock()
    const known = kept.get(envId)
    if (known !== undefined && now.getTime() - known.readAt < freshMs) return known.hosts
    const hosts = read(envId, now)
    kept.set(envId, { hosts, readAt: now.getTime() })
    hosts.catch(() => kept.delete(envId))
    return hosts
  }

  return {
    list,
    async find(environment, target) {
      const written = writtenDown(environment, target)
      const said = await list(environment.envId)
      const by = (name: string) => said.find((host) => serves(host, target, name))
      return by(nameOf(target)) ?? written ?? by('*')
    },
    async said(envId, host, holdsUntil) {
      const secret = host.token === undefined ? undefined : storeSecret(host.token)
      const before = (await read(envId, world.wallClock())).find(({ hostId }) => hostId === host.hostId)
      await db.rows(
        `insert into hosts (env_id, host_id, kind, url, key_id, secret, target_env_id, names, holds_until, since)
         values ($1, $2, $3, $4, $5, $6, $7, $8::text[], $9, $10)
         on conflict (env_id, host_id) do update set kind = excluded.kind, url = excluded.url,
           key_id = excluded.key_id, secret = excluded.secret, target_env_id = excluded.target_env_id,
           names = excluded.names, holds_until = excluded.holds_until`,
        [
          envId,
          host.hostId,
          host.kind,
          host.url,
          secret?.keyId ?? null,
          secret?.bytes ?? null,
          host.targetEnvId ?? null,
          host.names,
          holdsUntil,
          world.wallClock(),
        ],
      )
      await db.rows('delete from hosts h where h.env_id = $1 and h.holds_until < $2', [
        envId,
        world.wallClock(),
      ])
      kept.delete(envId)
      return before === undefined || before.names.join('\n') !== host.names.join('\n')
    },
    async gone(envId, hostId) {
      await db.rows('delete from hosts h where h.env_id = $1 and h.host_id = $2', [envId, hostId])
      kept.delete(envId)
    },
  }
}

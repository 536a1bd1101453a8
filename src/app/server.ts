/** Puts the server together, starts it and stops it. The only place that reads the clock and draws random bytes. */
import { randomBytes } from 'node:crypto'
import pino, { type DestinationStream, type Logger } from 'pino'
import pretty from 'pino-pretty'
import { cloudFunctionDoor } from '../doors/cloud-function/door.ts'
import { healthDoor } from '../doors/health.ts'
import { openHttp } from '../doors/http.ts'
import { sandboxDoor } from '../doors/sandbox/door.ts'
import { signpost } from '../doors/signpost.ts'
import type { Db } from '../ledger/db/db.ts'
import { openPglite } from '../ledger/db/pglite.ts'
import { openDirectory } from '../ledger/directory.ts'
import { saveEnvironments } from '../ledger/environments.ts'
import { type Ledger, openLedger } from '../ledger/ledger.ts'
import type { World } from '../ledger/world.ts'
import type { Config } from './config.ts'
import { ledgerRefused } from './ledger-refusals.ts'
import { listenRefused } from './refusals.ts'

export interface RunningServer {
  /** `http://host:port`, as a caller on this machine reaches it. */
  readonly url: string
  /** Finishes what was begun, then lets go of everything. */
  close(): Promise<void>
}

/** What a test may put in the place of the real thing. */
export interface Parts {
  readonly openDb?: (folder: string) => Promise<Db>
  readonly world?: World
  /** Where log lines go; standard error when left out. */
  readonly logTo?: DestinationStream
}

const realWorld: World = { wallClock: () => new Date(), randomBytes }

/** People at a terminal read lines, programs read JSON. */
function openLog(level: Config['logLevel'], logTo: DestinationStream | undefined): Logger {
  if (logTo !== undefined) return pino({ level }, logTo)
  if (process.stderr.isTTY) {
    return pino(
      { level },
      pretty({
        destination: 2,
        sync: true,
        ignore: 'pid,hostname',
        translateTime: 'SYS:HH:MM:ss',
        singleLine: true,
      }),
    )
  }
  return pino({ level }, pino.destination({ dest: 2, sync: false }))
}

async function prepareLedger(
  config: Config,
  openDb: NonNullable<Parts['openDb']>,
  world: World,
): Promise<Ledger> {
  let db: Db | undefined
  try {
    db = await openDb(config.dataFolder)
    const ledger = await openLedger(db, { lanes: 1, parts: config.parts, at: world.wallClock() })
    await saveEnvironments(db, config.environments, world.wallClock())
    return ledger
  } catch (error) {
    await db?.close()
    throw ledgerRefused(error, config.dataFolder)
  }
}

const hostInUrl = (host: string) => {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

/**
 * @returns once it listens and can serve
 * @throws StartRefused with a text for people
 */
export async function startServer(config: Config, parts: Parts = {}): Promise<RunningServer> {
  const world = parts.world ?? realWorld
  const log = openLog(config.logLevel, parts.logTo)
  const ledger = await prepareLedger(config, parts.openDb ?? ((folder) => openPglite({ folder })), world)
  const { db } = ledger
  const http = openHttp(log, world)
  let url = ''
  const services = {
    ledger,
    directory: openDirectory(db, world),
    world,
    publicUrl: () => url,
    notice: (message: string, facts: Readonly<Record<string, unknown>>) => log.warn(facts, message),
  }
  cloudFunctionDoor(http, services)
  sandboxDoor(http, services, { hosts: [config.host, ...config.allowedHosts], adminToken: config.adminToken })
  healthDoor(http, db)
  signpost(http)
  try {
    await http.listen({ host: config.host, port: config.port })
  } catch (error) {
    await db.close()
    throw listenRefused(error, config.host, config.port)
  }
  const address = http.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : config.port
  url = `http://${hostInUrl(config.host)}:${port}`
  return {
    url,
    async close() {
      await http.close()
      await db.close()
      log.flush()
    },
  }
}

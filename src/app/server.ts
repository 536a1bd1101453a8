/** Puts the server together, starts it and stops it. The only place that reads the clock and draws random bytes. */
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import type { DestinationStream, Logger } from 'pino'
import type { ChannelOf } from '../channels/channel.ts'
import { openFaults } from '../channels/sandbox/faults.ts'
import { apiDoor, apiNames } from '../doors/api/door.ts'
import { openWatchers } from '../doors/api/watchers.ts'
import { cloudFunctionDoor } from '../doors/cloud-function/door.ts'
import { cloudRunDoor } from '../doors/cloud-run/door.ts'
import { consoleDoor } from '../doors/console/door.ts'
import type { DoorServices } from '../doors/door-services.ts'
import { healthDoor } from '../doors/health.ts'
import { type CallListener, callLines, type Door, openHttp } from '../doors/http.ts'
import { metricsDoor } from '../doors/metrics/door.ts'
import { type Metrics, openMetrics } from '../doors/metrics/metrics.ts'
import { payMethods } from '../doors/pay-methods.ts'
import { cashierDoor } from '../doors/sandbox/cashier.ts'
import { controlNames, sandboxDoor } from '../doors/sandbox/door.ts'
import { signpost } from '../doors/signpost.ts'
import { v2Door } from '../doors/v2/door.ts'
import { type Engine, openEngine } from '../engine/engine.ts'
import { invokeFunction } from '../engine/invoke-function.ts'
import { openPoster } from '../engine/telling/post.ts'
import { type ClockReading, readClock } from '../ledger/clocks.ts'
import type { Delivery } from '../ledger/deliveries.ts'
import { openDirectory } from '../ledger/directory.ts'
import type { Environment } from '../ledger/environments.ts'
import { openHosts } from '../ledger/hosts.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Notice } from '../ledger/notices.ts'
import type { Order } from '../ledger/order.ts'
import { openRequestLog, type RequestLog } from '../ledger/request-log.ts'
import { openTallies, type Tallies } from '../ledger/tallies.ts'
import { countUnsettled } from '../ledger/unsettled.ts'
import type { World } from '../ledger/world.ts'
import { printable } from '../protocol/cloud-function/refusal.ts'
import type { Invocation } from '../protocol/function-host.ts'
import type { Config } from './config.ts'
import { countCall, countClosed, countDelivery, countMoved } from './count-what-happens.ts'
import { demoEnvironment, demoSubMchId } from './demo-environment.ts'
import { isLoopback } from './exposure.ts'
import { openLog } from './log.ts'
import { packageVersion } from './package-version.ts'
import { listenRefused } from './refusals.ts'
import { prepareLedger, type Store } from './store.ts'

export interface RunningServer {
  /** `http://host:port`, as a caller on this machine reaches it. */
  readonly url: string
  /** What an environment's test clock shows. */
  clockOf(envId: string): Promise<ClockReading>
  /** Finishes what was begun, then lets go of everything. */
  close(): Promise<void>
}

/** What a test may put in the place of the real thing. */
export interface Parts {
  readonly openStore?: () => Promise<Store>
  readonly world?: World
  /** Where log lines go; standard error when left out. */
  readonly logTo?: DestinationStream
  /** Channels that have to be asked, of environments that are no sandboxes. */
  readonly channelOf?: ChannelOf
  /** Hears of every attempt to tell. */
  readonly onDelivery?: (delivery: Delivery) => void
  /** How the command line is called, for whoever reads of it; by the package's name when left out. */
  readonly command?: string
}

/** Drawn in advance, for each draw is a call of the system; every byte is handed out once. */
function pooledRandomBytes(poolBytes = 8_192): World['randomBytes'] {
  let pool = randomBytes(poolBytes)
  let used = 0
  return (size) => {
    if (size > poolBytes) return randomBytes(size)
    if (used + size > poolBytes) {
      pool = randomBytes(poolBytes)
      used = 0
    }
    used += size
    return pool.subarray(used - size, used)
  }
}

const realWorld: World = { wallClock: () => new Date(), randomBytes: pooledRandomBytes() }

/** Machines ask these every few seconds, strangers knock where no door is: nobody will look for the cause. */
const unlogged: readonly Door[] = ['console', 'health', 'metrics', 'none']

const callListeners = (
  log: Logger,
  metrics: Metrics,
  requestLog: RequestLog,
  tallies: Tallies,
): CallListener[] => [
  callLines(log),
  metrics.call,
  (call) => countCall(tallies, call),
  (call) => {
    if (!(call.routine || unlogged.includes(call.door))) requestLog.note(call)
  },
]

/** What developers debug most: each attempt is a line, and one that failed says why. */
const deliveryLine = (log: Logger, delivery: Delivery): void => {
  const { envId, subject, number, kind, attempt, target, outcome, status, ms, why } = delivery
  const facts = { envId, [subject]: number, kind, attempt, target: printable(target), outcome, status, ms }
  if (outcome === 'acknowledged') log.info(facts, 'callback')
  else log.warn({ ...facts, why: why?.en }, 'callback failed')
}

/** Money that nobody expects: an operator should read of each. */
const lateLine = (log: Logger, { envId, subMchId, outTradeNo, late }: Order): void =>
  log.warn(
    { envId, subMchId, outTradeNo, fee: late?.fee, decision: late?.decision ?? 'none' },
    'a payment came too late',
  )

const hostInUrl = (host: string) => {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

/** Whoever follows a link of ours names it. */
const publicHost = ({ publicUrl }: Config) => (publicUrl === undefined ? [] : [new URL(publicUrl).hostname])

/** Where the build puts it. The same relative path from src/ and from dist/. */
const consoleFolder = fileURLToPath(new URL('../../dist/console', import.meta.url))

/** How long those who are being served may take to hear their answers. */
const graceMs = 5_000

/**
 * Takes no more, lets those who are being served hear their answers, and then hangs up on whoever is left: Node waits
 * for a connection that never sent a byte as for one that is being served.
 */
async function closeHttp(http: FastifyInstance): Promise<void> {
  const hangUp = setTimeout(() => http.server.closeAllConnections(), graceMs)
  await http.close()
  clearTimeout(hangUp)
}

/** How long a call may be kept waiting for callbacks to come first: less than its own patience. */
const quietWithinMs = 5_500

interface Surroundings {
  readonly log: Logger
  readonly publicUrl: () => string
  readonly onDelivery: (delivery: Delivery, before: Notice) => void
  readonly metrics: Metrics
  readonly tallies: Tallies
  readonly channelOf: ChannelOf
  readonly command: string
}

/** What doors and methods work with, and the engine behind them. */
function openServices(
  ledger: Ledger,
  world: World,
  { log, publicUrl, onDelivery, metrics, tallies, channelOf, command }: Surroundings,
): { services: DoorServices; engine: Engine } {
  const { db } = ledger
  const directory = openDirectory(db, world)
  const hosts = openHosts(db, world)
  const poster = openPoster()
  const engine = openEngine({
    ledger,
    directory,
    hosts,
    poster,
    world,
    onDelivery,
    channelOf,
    onClosed(orders, at) {
      metrics.closed(orders, at)
      countClosed(tallies, orders, at)
    },
    onMoved(before, after, at) {
      metrics.moved(before, after, at)
      countMoved(tallies, before, after, at)
      if (after.late !== undefined && before.late === undefined) lateLine(log, after)
    },
    onAlarm(order, alarm) {
      const { envId, subMchId, outTradeNo, late } = order
      metrics.alarm(alarm)
      log.error(
        { envId, subMchId, outTradeNo, fee: late?.fee, alarm },
        'a late payment could not be returned',
      )
    },
    onTrouble: (message, error) =>
      log.warn({ error: error instanceof Error ? error.message : error }, message),
  })
  const services = {
    ledger,
    tallies,
    watchers: openWatchers({ ledger, world, nowMs: () => performance.now() }),
    directory,
    hosts,
    faults: openFaults(db, world),
    world,
    publicUrl,
    channelOf,
    asking: engine.asking,
    workIsDue: engine.nudge,
    untilQuiet: async (environment: Environment) => void (await engine.quiet(environment, quietWithinMs)),
    onMade: (what: 'ordered' | 'refunded', envId: string) => tallies.count(envId, what),
    notice: (message: string, facts: Readonly<Record<string, unknown>>) => log.warn(facts, message),
    engine,
    version: packageVersion(),
    command,
    demo: { ...demoEnvironment, subMchId: demoSubMchId },
    onLate(order: Order) {
      metrics.late(order)
      tallies.count(order.envId, 'paid-late', order.late?.fee)
      lateLine(log, order)
    },
    invoke: (environment: Environment, invocation: Invocation, timeoutMs: number) =>
      invokeFunction({ hosts, poster }, environment, invocation, timeoutMs),
  }
  return { services, engine }
}

/**
 * @returns once it listens and can serve
 * @throws StartRefused with a text for people
 */
export async function startServer(config: Config, parts: Parts = {}): Promise<RunningServer> {
  const wall = parts.world ?? realWorld
  const log = openLog(config, parts.logTo)
  const metrics = openMetrics(new Set([...payMethods.keys(), ...controlNames, ...apiNames]))
  const channelOf = parts.channelOf ?? (() => undefined)
  const { ledger, world, stopClock } = await prepareLedger(config, wall, parts.openStore, metrics)
  const { db } = ledger
  const requestLog = openRequestLog(ledger, world, {
    dropped(rows) {
      metrics.requestsDropped(rows)
      log.warn({ rows }, 'the request log lost calls')
    },
    failed: metrics.requestLogFailed,
  })
  const tallies = openTallies(ledger, world, metrics.requestLogFailed)
  const http = openHttp(world, callListeners(log, metrics, requestLog, tallies))
  let url = ''
  const { services, engine } = openServices(ledger, world, {
    log,
    publicUrl: () => config.publicUrl ?? url,
    onDelivery(delivery, before) {
      metrics.delivery(delivery)
      countDelivery(tallies, delivery, before)
      deliveryLine(log, delivery)
      parts.onDelivery?.(delivery)
    },
    metrics,
    tallies,
    channelOf,
    command: parts.command ?? 'npx opencloudpay',
  })
  metrics.engine(engine.pace)
  metrics.unsettled(() => countUnsettled(db))
  cloudFunctionDoor(http, services)
  const visitors = {
    hosts: [config.host, ...config.allowedHosts, ...publicHost(config)],
    adminToken: config.adminToken,
  }
  cloudRunDoor(http, services, {
    hosts: visitors.hosts,
    ownMachine: isLoopback(config.host) && config.adminToken === undefined,
  })
  v2Door(http, services)
  sandboxDoor(http, services, visitors)
  cashierDoor(http, services, visitors)
  apiDoor(http, services, visitors, packageVersion())
  metricsDoor(http, metrics, visitors)
  healthDoor(http, db, engine)
  signpost(http, controlNames, consoleDoor(http, consoleFolder, visitors))
  try {
    await http.listen({ host: config.host, port: config.port })
  } catch (error) {
    await engine.close()
    await requestLog.close()
    await tallies.close()
    await db.close()
    throw listenRefused(error, config.host, config.port)
  }
  const address = http.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : config.port
  url = `http://${hostInUrl(config.host)}:${port}`
  return {
    url,
    clockOf: (envId) => readClock(db, envId, world.wallClock()),
    async close() {
      stopClock()
      services.watchers.close()
      await closeHttp(http)
      await engine.close()
      await requestLog.close()
      await tallies.close()
      await db.close()
      log.flush()
    },
  }
}

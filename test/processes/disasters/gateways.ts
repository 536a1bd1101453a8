/**
 * Gateways that are started again whenever they end, as an operator's supervisor would, each with a line of its own to the
 * database. Owns their processes and lines; knows nothing of orders, nor of what makes them end.
 */
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { PostgresServer } from '../../support/postgres.ts'
import { openProxy, type PostgresProxy } from '../../support/postgres-proxy.ts'
import { type ServerProcess, startProcess } from '../../support/server-process.ts'

export interface Gateway {
  readonly name: string
  readonly line: PostgresProxy
  /** Undefined while it is away. One that stands still is not away: nobody knows. */
  running(): ServerProcess | undefined
  /** Ends it, and starts it no more. @returns when there is none */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
}

interface Means {
  /** Made for them, and removed by whoever made it. */
  readonly folder: string
  readonly config: string
  readonly server: PostgresServer
  /** Of their database, as the server itself names it. */
  readonly url: string
}

/** Between two starts: a database that is away does not come back sooner for being asked. */
const againMs = 200

const hasEnded = ({ process: { exitCode, signalCode } }: ServerProcess) =>
  exitCode !== null || signalCode !== null

async function openGateway({ folder, config, server, url }: Means, name: string): Promise<Gateway> {
  const line = await openProxy(server)
  let running: ServerProcess | undefined
  let isOver = false
  const start = () =>
    startProcess(join(folder, name), {
      flags: ['--config', config],
      variables: { DATABASE_URL: line.through(url) },
      // If this process is killed, it must not live on.
      tied: true,
    })
  const supervised = (async () => {
    while (!isOver) {
      // Its database may be away: then it says so and ends.
      running = await start().catch(() => undefined)
      if (running === undefined) await wait(againMs)
      else if (!(isOver || hasEnded(running))) await once(running.process, 'exit')
      if (!isOver) running = undefined
    }
  })()
  return {
    name,
    line,
    running: () => running,
    async end(signal) {
      isOver = true
      // One that is starting just now serves first, or fails.
      if (running === undefined) await supervised
      if (running !== undefined && !hasEnded(running)) {
        running.process.kill('SIGCONT')
        await running.stop(signal)
      }
      await supervised
      running = undefined
    },
  }
}

/** @returns once all of them serve */
export async function openGateways(means: Means, count: number): Promise<readonly Gateway[]> {
  const all = await Promise.all(
    Array.from({ length: count }, (_, index) => openGateway(means, `gateway-${index + 1}`)),
  )
  while (all.some((gateway) => gateway.running() === undefined)) await wait(againMs)
  return all
}

/** A PostgreSQL of its own for a section, whose commits are durable. Owns the server; knows no table. */
import { existsSync, symlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { type PostgresServer, startPostgres } from '../test/support/postgres.ts'
import { familyCpuMs, parentOf } from './process-usage.ts'

export interface Database {
  readonly server: PostgresServer
  /** Of an empty database. */
  readonly url: string
  /** CPU so far of all its processes; NaN where the system does not tell. */
  cpuMs(): number
  /** One statement, on a connection of its own that is there all the time. */
  ask<Row extends object>(sql: string): Promise<Row[]>
  close(): Promise<void>
}

const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The tests' support, compiled beside this, finds their packages where its sources would. */
function linkTestPackages(): void {
  const link = fromHere('../test/node_modules')
  if (!existsSync(link)) symlinkSync(fromHere('../../test/node_modules'), link, 'junction')
}

/** One statement at a time, on a connection of its own. */
export async function openAsking(url: string): Promise<Pick<Database, 'ask'> & { end(): Promise<void> }> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  await client.connect()
  return {
    ask: async <Row extends object>(sql: string) => (await client.query<Row>(sql)).rows,
    end: () => client.end(),
  }
}

/** @param connections that callers may have, besides a few for the rest */
export async function openDatabase(connections: number): Promise<Database> {
  linkTestPackages()
  // All else as PostgreSQL comes: `synchronous_commit` is on.
  const server = await startPostgres({
    settings: { fsync: 'on', max_connections: String(connections + 20) },
  })
  const url = await server.freshDatabase()
  const asking = await openAsking(url)
  const [own] = await asking.ask<{ pid: number }>('select pg_backend_pid() as pid')
  const postmaster = parentOf(own?.pid ?? 0)
  return {
    server,
    url,
    cpuMs: () => familyCpuMs(postmaster),
    ask: asking.ask,
    async close() {
      await asking.end()
      await server.close()
    },
  }
}

/** The two PostgreSQL clients that a shop would write its own statements with: a connection for every caller. */
import { createRequire } from 'node:module'
import pg from 'pg'
import type { PostgresServer } from '../test/support/postgres.ts'
import type { BareStatement } from './bare-statements.ts'

export type DriverName = 'pg' | 'postgres'

export interface BareDriver {
  readonly name: DriverName
  /** One statement on this caller's own connection, prepared there once. @throws Error unless it returned one row */
  run(caller: number, statement: BareStatement): Promise<void>
  close(): Promise<void>
}

function oneRow(rows: readonly unknown[], { name }: BareStatement): void {
  if (rows.length !== 1) throw new Error(`${name} returned ${rows.length} rows`)
}

/** `pg`, brianc's: what the server itself uses. */
async function openPg(url: string, connections: number): Promise<BareDriver> {
  const clients = Array.from({ length: connections }, () => new pg.Client({ connectionString: url }))
  for (const client of clients) {
    client.on('error', () => undefined)
    await client.connect()
  }
  return {
    name: 'pg',
    async run(caller, statement) {
      const { name, sql, values } = statement
      const { rows } = (await clients[caller]?.query({ name, text: sql, values: [...values] })) ?? {
        rows: [],
      }
      oneRow(rows, statement)
    },
    async close() {
      await Promise.all(clients.map((client) => client.end()))
    },
  }
}

/** `postgres`, porsager's: a package of the tests', which stand beside the folder that this is compiled to. */
const postgres: typeof import('postgres') = createRequire(
  new URL('../../test/package.json', import.meta.url),
)('postgres')

async function openPorsager(
  { address }: PostgresServer,
  url: string,
  connections: number,
): Promise<BareDriver> {
  const { username, pathname } = new URL(url.replace(/@[^/]*\//, '@localhost/'))
  const where = 'path' in address ? { path: address.path } : { host: '127.0.0.1', port: address.port }
  const clients = Array.from({ length: connections }, () =>
    postgres({ ...where, user: username, database: pathname.slice(1), max: 1, fetch_types: false }),
  )
  for (const client of clients) await client`select 1`
  return {
    name: 'postgres',
    async run(caller, statement) {
      // Its types of a parameter are narrower than what it takes: JSON objects and dates are among them.
      const values = statement.values as never[]
      const rows = await clients[caller]?.unsafe(statement.sql, values, { prepare: true })
      oneRow(rows ?? [], statement)
    },
    async close() {
      await Promise.all(clients.map((client) => client.end()))
    },
  }
}

/** Both, on one database; which is the faster shows in the run. */
export const openDrivers = async (
  server: PostgresServer,
  url: string,
  connections: number,
): Promise<BareDriver[]> => [await openPg(url, connections), await openPorsager(server, url, connections)]

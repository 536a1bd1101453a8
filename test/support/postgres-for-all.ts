/** One PostgreSQL for a whole run of the suite; `TEST_DATABASE_URL` names somebody's own instead. */
import { startPostgres } from './postgres.ts'

export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if ((process.env.TEST_DATABASE_URL ?? '').trim() !== '') return undefined
  const server = await startPostgres({ settings: { max_connections: '200' } })
  // Workers inherit it.
  process.env.TEST_DATABASE_URL = server.url('postgres')
  return () => server.close()
}

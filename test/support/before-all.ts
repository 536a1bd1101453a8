/** What a whole run of the suite shares: one PostgreSQL (`TEST_DATABASE_URL` names somebody's own instead), one image. */
import { imageOfTests } from './databases.ts'
import { startPostgres } from './postgres.ts'
import { cacheOfTests } from './server-process.ts'

export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  // Of workers and of the programs that they start; the image is made before all of these need it at once.
  process.env.XDG_CACHE_HOME = cacheOfTests
  await imageOfTests()
  if ((process.env.TEST_DATABASE_URL ?? '').trim() !== '') return undefined
  const server = await startPostgres({ settings: { max_connections: '200' } })
  // Workers inherit it.
  process.env.TEST_DATABASE_URL = server.url('postgres')
  return () => server.close()
}

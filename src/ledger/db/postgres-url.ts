/** A database's address as its operator wrote it: checked, completed, and told without its password. */
import { DatabaseUnusable } from './database-unusable.ts'

/**
 * Of every session, so that values read the same whatever the server, database or role were set to. Durability
 * (`synchronous_commit`) is left to them. `jit`: compiling costs more than any statement of ours takes.
 */
const sessionSettings = [
  'timezone=UTC',
  'datestyle=ISO',
  'bytea_output=hex',
  'default_transaction_isolation=read\\ committed',
  'jit=off',
]

/**
 * @returns the address for the driver
 * @throws DatabaseUnusable `bad-url`, without a word of what was written: it may be all password
 */
export function completeUrl(written: string): string {
  const url = parse(written.trim())
  const { searchParams } = url
  // What the operator set comes later, and wins.
  const theirs = searchParams.get('options')
  const ours = sessionSettings.map((setting) => `-c ${setting}`).join(' ')
  searchParams.set('options', theirs === null ? ours : `${ours} ${theirs}`)
  // `sslmode` as libpq and every manual means it: `require` encrypts, `verify-full` checks the certificate too.
  if (searchParams.has('sslmode') && !searchParams.has('uselibpqcompat')) {
    searchParams.set('uselibpqcompat', 'true')
  }
  return url.href
}

function parse(text: string): URL {
  // `user@/database?host=/folder` is right for a socket, but no URL of the standard.
  const standard = text.replace('@/', '@localhost/')
  if (!URL.canParse(standard)) throw badUrl()
  const url = new URL(standard)
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') throw badUrl()
  // A bare `#`, `/` or `?` in a password ends the host early: then the rest shows up here.
  if (url.hash !== '' || `${url.pathname}${url.search}`.includes('@')) throw badUrl()
  return url
}

const badUrl = () =>
  new DatabaseUnusable(
    'bad-url',
    undefined,
    'not an address of the form postgres://user:password@host:port/database ' +
      '(special characters in user and password as %XX)',
  )

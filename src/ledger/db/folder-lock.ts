/**
 * One process a folder. PGlite lets a second process open its folder and silently ruin it, so we hold a
 * lock of our own: a listening local socket named after the folder's identity. No native code, and the operating
 * system frees it whatever became of the holder, `kill -9` included.
 *
 * It sees processes of this machine only. On Linux the name belongs to a network namespace: two containers
 * that share a volume do not see each other, nor does anyone across a network file system.
 */
import { createHash, randomUUID } from 'node:crypto'
import { statSync, unlinkSync } from 'node:fs'
import { link, readFile, stat, unlink, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface FolderLock {
  /** Frees the folder. Exiting, or dying, does so too. */
  release(): Promise<void>
}

/** Someone else, or this very process, holds the folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse'
  readonly folder: string
  /** Who, when the holder said so in time. */
  readonly pid: number | undefined

  constructor(folder: string, pid: number | undefined) {
    super(`${folder} is in use by ${pid === undefined ? 'another process' : `process ${pid}`}`)
    this.folder = folder
    this.pid = pid
  }
}

/** A socket's path is at most 104 bytes on macOS (108 on Linux), its closing zero included. */
const longestSocketPath = 103
/** How long a holder may take to say its process id: it may be busy, and the id is a courtesy. */
const holderAnswersMs = 2_000

type Platform = typeof process.platform

/**
 * Where the lock of a folder listens: Linux, an abstract socket, which is no file; Windows, a named pipe;
 * elsewhere a socket file in the temporary folder, which outlives its process and must be looked after.
 *
 * @param identity of the folder: whatever it is called, and after it was renamed, all must meet here
 */
export function lockAddress(identity: string, platform: Platform): string {
  const name = `cloudpay-${createHash('sha256').update(identity).digest('hex').slice(0, 32)}`
  if (platform === 'linux') return `\0${name}`
  if (platform === 'win32') return `\\\\.\\pipe\\${name}`
  const path = join(tmpdir(), `${name}.sock`)
  return Buffer.byteLength(path) <= longestSocketPath ? path : `/tmp/${name}.sock`
}

const idFile = '.folder-id'

/**
 * What stays the same of a folder that is moved, linked or mounted elsewhere, and differs from any other: its device
 * and number, and an id that it is given once. (Numbers are used again after a folder is removed; ids are copied along
 * with their folder; both at once are not.)
 */
export async function identityOf(folder: string): Promise<string> {
  const path = join(folder, idFile)
  const known = await readFile(path, 'utf8').catch(() => undefined)
  if (known === undefined) {
    // Written aside and linked: of two that begin together one gives the id, whole, and both read it.
    const aside = `${path}-${randomUUID()}`
    await writeFile(aside, randomUUID())
    await link(aside, path).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    })
    await unlink(aside)
  }
  const { dev, ino } = await stat(folder, { bigint: true })
  return `${dev}:${ino}:${await readFile(path, 'utf8')}`
}

/**
 * Takes the lock of an existing folder. It keeps no process alive.
 *
 * @param platform whose way of locking; another than this machine's is for tests
 * @throws FolderInUse
 * @throws Error of the file system: the folder does not exist, no socket can be made
 */
export async function lockFolder(folder: string, platform: Platform = process.platform): Promise<FolderLock> {
  const address = lockAddress(await identityOf(folder), platform)
  const isFile = address.startsWith('/')

  let server = await listen(address)
  if (server === undefined) {
    const found = isFile ? inodeOf(address) : undefined
    let holder = await askHolder(address)
    if (holder === 'nobody' && found !== undefined) {
      removeStale(address, found)
      server = await listen(address)
      if (server === undefined) holder = await askHolder(address)
    }
    if (server === undefined) throw new FolderInUse(folder, holder === 'nobody' ? undefined : holder)
  }

  const held = server
  return { release: () => new Promise((resolve) => held.close(() => resolve())) }
}

/** A server at the address that tells whoever connects its process id; undefined when the address is taken. */
function listen(address: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy())
      socket.end(`${process.pid}\n`)
      socket.unref()
    })
    server.once('error', (error) => {
      if ('code' in error && error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    // exclusive: workers of a cluster would share one server, and each believe that it holds the folder.
    server.listen({ path: address, exclusive: true }, () => resolve(server.unref()))
  })
}

/** Asks the holder who it is: a process id, 'nobody' when none listens there, undefined when it does not say. */
function askHolder(address: string): Promise<number | 'nobody' | undefined> {
  return new Promise((resolve) => {
    let said = ''
    const socket = connect(address)
    socket.setEncoding('utf8').setTimeout(holderAnswersMs)
    socket.on('data', (text: string) => {
      said += text
    })
    const answer = () => {
      const pid = Number.parseInt(said, 10)
      resolve(Number.isNaN(pid) ? undefined : pid)
      socket.destroy()
    }
    socket.on('end', answer)
    socket.on('timeout', answer)
    socket.on('error', (error) => {
      const refused = 'code' in error && (error.code === 'ECONNREFUSED' || error.code === 'ENOENT')
      resolve(refused ? 'nobody' : undefined)
    })
  })
}

const inodeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.ino

/**
 * Removes the socket file of a process that is gone: only one that refused a connection, and only if it is
 * still that one. Of two that start together, the other may have put its own there meanwhile.
 */
function removeStale(path: string, inode: number): void {
  if (inodeOf(path) === inode) unlinkSync(path)
}

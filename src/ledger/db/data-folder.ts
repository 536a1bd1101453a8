/**
 * The data folder on disk: made, probed, locked, and told apart from what is not ours. The database itself
 * lies in its subfolder `database`, so that nothing else there is ever mixed with it or removed.
 * Knows no PGlite.
 */
import { type BigIntStats, statSync } from 'node:fs'
import { chmod, mkdir, open, readdir, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { FolderInUse, type FolderLock, lockFolder } from './folder-lock.ts'

/**
 * Why a data folder was not opened.
 * `not-a-folder`: a file is in the way. `not-writable`: missing rights, a read-only or full disk.
 * `in-use`: by the process `pid`, where known. `not-a-database`: its `database` holds something else, or a
 * damaged one; no new one is ever made over it. `does-not-start`: PGlite refused it (`cause` says why);
 * one of another PostgreSQL version, for example.
 */
export type DataFolderReason =
  | 'not-a-folder'
  | 'not-writable'
  | 'in-use'
  | 'not-a-database'
  | 'does-not-start'

export class DataFolderRefused extends Error {
  override readonly name = 'DataFolderRefused'
  readonly reason: DataFolderReason
  /** Absolute. */
  readonly folder: string
  /** The process that holds it, with `in-use`, when it said so. */
  readonly pid: number | undefined

  constructor(
    reason: DataFolderReason,
    folder: string,
    message: string,
    { pid, ...options }: ErrorOptions & { pid?: number | undefined } = {},
  ) {
    super(`data folder ${folder}: ${message}`, options)
    this.reason = reason
    this.folder = folder
    this.pid = pid
  }
}

export interface DataFolder {
  readonly path: string
  /** Where the database lies, or is to be made. */
  readonly database: string
  /** No database is there yet. Until {@link made}, whatever is begun there is swept away by the next start. */
  readonly isNew: boolean
  /** The new database is complete: from here on it is never swept away. */
  made(): Promise<void>
  /** Frees the folder for others. */
  release(): Promise<void>
}

/**
 * Makes the folder if need be, and holds it for this process.
 * @throws DataFolderRefused with any reason but `does-not-start`
 */
export async function takeDataFolder(folder: string): Promise<DataFolder> {
  const path = resolve(folder)
  await makeWritable(path)
  const lock = await lockFolder(path).catch((error: unknown) => {
    if (!(error instanceof FolderInUse)) throw error
    const who = error.pid === undefined ? 'another process' : `process ${error.pid}`
    throw new DataFolderRefused('in-use', path, `in use by ${who}`, { pid: error.pid })
  })
  try {
    return await look(path, lock)
  } catch (error) {
    await lock.release()
    throw error
  }
}

async function look(path: string, lock: FolderLock): Promise<DataFolder> {
  const database = join(path, 'database')
  const unfinished = join(path, 'database.unfinished')
  // A start killed half-way leaves a folder that looks like a database and does not start.
  if (await exists(unfinished)) await rm(database, { recursive: true, force: true })

  const content: string[] = await readdir(database).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return []
    throw refusedBySystem(path, database, error)
  })
  const isNew = content.length === 0
  if (isNew) {
    await writeFile(
      unfinished,
      'A database is being made here. If nobody is at it, the next start begins again.\n',
    )
  } else if (content.includes('PG_VERSION')) {
    // Made by another user, perhaps: run once with more rights than today. Opened, as `access` may err.
    const opened = await open(join(database, 'PG_VERSION'), 'r+').catch((error: unknown) => {
      throw refusedBySystem(path, database, error)
    })
    await opened.close()
  } else {
    throw new DataFolderRefused('not-a-database', path, `${database} is not empty and has no PG_VERSION`)
  }
  // Private, whoever made the folder around it: it holds keys, and PGlite gives its files away to everyone.
  await makePrivate(database).catch((error: unknown) => {
    throw refusedBySystem(path, database, error)
  })
  return {
    path,
    database,
    isNew,
    made: () => rm(unfinished, { force: true }),
    release: () => lock.release(),
  }
}

/** Makes it, and writes a file: rights alone do not tell (Windows, full disks, read-only mounts). */
async function makeWritable(path: string): Promise<void> {
  const probe = join(path, `.probe-${process.pid}`)
  try {
    // Private: it holds keys.
    if ((await makeFolder(path)) === 'made') await keepOutOfGit(path)
    await writeFile(probe, 'probe\n')
    await unlink(probe)
  } catch (error) {
    throw refusedBySystem(path, path, error)
  }
}

async function makePrivate(folder: string): Promise<void> {
  await makeFolder(folder)
  await chmod(folder, 0o700)
}

/**
 * Step by step: mkdir's own `recursive` never returns below a folder that exists and lets nothing be made in it and
 * says "no such file" (/proc; observed: Node 20).
 */
async function makeFolder(path: string): Promise<'made' | 'there'> {
  try {
    await mkdir(path, { mode: 0o700 })
    return 'made'
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await stat(path)).isDirectory()) return 'there'
    const parent = dirname(path)
    if (codeOf(error) !== 'ENOENT' || (await exists(parent))) throw error
    await makeFolder(parent)
    return makeFolder(path)
  }
}

/** It lies in the project of whoever started us there, and nothing of it belongs into that project's history. */
const keepOutOfGit = (path: string) => writeFile(join(path, '.gitignore'), '*\n', { flag: 'wx' })

function refusedBySystem(folder: string, at: string, cause: unknown): DataFolderRefused {
  const inTheWay = ['EEXIST', 'ENOTDIR'].includes(codeOf(cause) ?? '')
  const found = cause instanceof Error ? cause.message : String(cause)
  return inTheWay
    ? new DataFolderRefused('not-a-folder', folder, `${at} is a file, or lies below one`, { cause })
    : new DataFolderRefused('not-writable', folder, `cannot be written: ${found}`, { cause })
}

/**
 * Remembers the database that lies in a folder now.
 *
 * @returns whether it still lies there: neither removed nor replaced by another. Some file systems renumber
 *   their files, and any file's rights may change: only both together make it another.
 *   Undefined when there is none now.
 */
export function rememberDatabase(database: string): (() => boolean) | undefined {
  const then = fileOf(database)
  if (then === undefined) return undefined
  return () => {
    const now = fileOf(database)
    return now !== undefined && (now.ino === then.ino || now.ctimeNs === then.ctimeNs)
  }
}

/** PG_VERSION is written once and never again. Synchronous: a few microseconds, against a turn of the loop. */
function fileOf(database: string): BigIntStats | undefined {
  try {
    return statSync(join(database, 'PG_VERSION'), { bigint: true })
  } catch {
    return undefined // Gone, or not to be reached: the same to us.
  }
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )

const codeOf = (error: unknown) =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

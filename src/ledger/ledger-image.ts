/**
 * The image of an empty ledger with its newest schema, from which a new database begins in half a second instead of
 * five: made once and kept. A broken or missing one is made anew, and where none can be kept nothing is lost but time.
 */
import { createHash } from 'node:crypto'
import { readFileSync, type Stats } from 'node:fs'
import { lstat, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { imageOfDatabase } from './db/pglite.ts'
import { migrateLedger } from './ledger.ts'
import { migrations } from './migrations.ts'
import type { World } from './world.ts'

/** In a folder of the user's own. An image fits the schema that it holds and the database that made it. */
export function imageFile(folder: string): string {
  const pglite = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const hash = createHash('sha256')
    .update('without templates, digest first')
    .update(readFileSync(join(dirname(pglite), '../package.json')))
  for (const { id, sql } of migrations) hash.update(`${id}\n${sql}\n`)
  return join(folder, `empty-ledger-${hash.digest('hex').slice(0, 16)}`)
}

const digestOf = (image: Uint8Array) => createHash('sha256').update(image).digest()
const digestBytes = 32

/** An image has some ten million. */
const mostBytes = 64 * 1024 * 1024

/** A database does whatever is written in its image: nobody but this user may have written it. Windows has no such rights. */
async function isOurs(file: string): Promise<boolean> {
  const uid = process.getuid?.()
  const [its, folder] = await Promise.all([lstat(file), stat(dirname(file))])
  const isSafe = ({ uid: owner, mode }: Stats) => uid === undefined || (owner === uid && (mode & 0o022) === 0)
  return its.isFile() && its.size <= mostBytes && isSafe(its) && isSafe(folder)
}

/**
 * @returns undefined when there is none, a broken one, or one that others may have written: databases live longer than a
 *   cache may be trusted
 */
export async function keptImage(file: string): Promise<Uint8Array | undefined> {
  if (!(await isOurs(file).catch(() => false))) return undefined
  const bytes = await readFile(file).catch(() => undefined)
  const image = bytes?.subarray(digestBytes)
  return image !== undefined && bytes?.subarray(0, digestBytes).equals(digestOf(image)) ? image : undefined
}

/** The kept one, or one that is made now and kept. */
export async function ledgerImage(file: string, world: World): Promise<Uint8Array> {
  const kept = await keptImage(file)
  if (kept !== undefined) return kept
  const isMine = await isFirst(file)
  try {
    const elsewhere = isMine ? undefined : await madeElsewhere(file, world)
    if (elsewhere !== undefined) return elsewhere
    const image = await imageOfDatabase((db) => migrateLedger(db, world.wallClock()))
    await keep(file, image, world)
    return image
  } finally {
    if (isMine) await rm(makingOf(file), { force: true }).catch(() => {})
  }
}

/** Whole, or not at all: others may be reading, or making it too. */
async function keep(file: string, image: Uint8Array, world: World): Promise<void> {
  const aside = `${file}.${Buffer.from(world.randomBytes(6)).toString('hex')}`
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(aside, [digestOf(image), image], { mode: 0o600 })
    await rename(aside, file)
  } catch {
    // A full disk, a folder that cannot be written: the next one is made anew as well.
    await rm(aside, { force: true }).catch(() => {})
  }
}

/** Making an image takes some five seconds, a multiple of that where many do it at once. */
const patienceMs = 60_000
const lookEveryMs = 50

/**
 * Whether it is this process that makes the image: the first of those that begin at the same moment, as the workers of a
 * test run do. Where no such thing can be written, everybody makes their own.
 */
async function isFirst(file: string): Promise<boolean> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(makingOf(file), '', { flag: 'wx' })
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'EEXIST')
  }
}
const makingOf = (file: string) => `${file}.making`

/** Waits for the image that another is making. @returns undefined: it does not come */
async function madeElsewhere(file: string, world: World): Promise<Uint8Array | undefined> {
  const until = world.wallClock().getTime() + patienceMs
  while (world.wallClock().getTime() < until) {
    const image = await keptImage(file)
    if (image !== undefined) return image
    const isMaking = await stat(makingOf(file)).then(
      () => true,
      () => false,
    )
    if (!isMaking) return keptImage(file)
    await setTimeout(lookEveryMs)
  }
  // Whoever made it is dead.
  await rm(makingOf(file), { force: true }).catch(() => {})
  return undefined
}

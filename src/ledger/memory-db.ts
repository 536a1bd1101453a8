/**
 * A ledger's database in memory, with its newest schema, from an image that is made once and kept: half a second instead of
 * five. Owns the image; a broken or missing one is made anew, and where none can be kept nothing is lost but time.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Db } from './db/db.ts'
import { imageOfDatabase, openPglite } from './db/pglite.ts'
import { migrateLedger } from './ledger.ts'
import { migrations } from './migrations.ts'
import type { World } from './world.ts'

/** An image fits the schema that it holds and the database that made it. */
function imageName(): string {
  const pglite = createRequire(import.meta.url).resolve('@electric-sql/pglite')
  const hash = createHash('sha256')
    .update('without templates')
    .update(readFileSync(join(dirname(pglite), '../package.json')))
  for (const { id, sql } of migrations) hash.update(`${id}\n${sql}\n`)
  return `empty-ledger-${hash.digest('hex').slice(0, 16)}.tar`
}

async function kept(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file)
  } catch {
    return undefined
  }
}

/** Whole, or not at all: others may be reading, or making it too. */
async function keep(file: string, image: Uint8Array, world: World): Promise<void> {
  const aside = `${file}.${Buffer.from(world.randomBytes(6)).toString('hex')}`
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(aside, image, { mode: 0o600 })
    await rename(aside, file)
  } catch {
    // A full disk, a folder that cannot be written: the next one is made anew as well.
    await rm(aside, { force: true }).catch(() => {})
  }
}

/** Making an image takes some five seconds, a multiple of that where many do it at once. */
const patienceMs = 30_000
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
    const image = await kept(file)
    if (image !== undefined) return image
    const isMaking = await stat(makingOf(file)).then(
      () => true,
      () => false,
    )
    if (!isMaking) return kept(file)
    await setTimeout(lookEveryMs)
  }
  // Whoever made it is dead.
  await rm(makingOf(file), { force: true }).catch(() => {})
  return undefined
}

async function makeImage(file: string, world: World): Promise<Uint8Array> {
  const image = await imageOfDatabase((db) => migrateLedger(db, world.wallClock()))
  await keep(file, image, world)
  return image
}

/** @param folder of the user's own, where the image is kept */
export async function openMemoryDb(folder: string, world: World): Promise<Db> {
  const file = join(folder, imageName())
  const known = await kept(file)
  if (known !== undefined) {
    const opened = await openPglite({ folder: 'memory', image: known }).catch(() => undefined)
    if (opened !== undefined) return opened
  }
  // A broken one is made anew by whoever met it.
  const isMine = known !== undefined || (await isFirst(file))
  try {
    const elsewhere = isMine ? undefined : await madeElsewhere(file, world)
    return await openPglite({ folder: 'memory', image: elsewhere ?? (await makeImage(file, world)) })
  } finally {
    if (isMine) await rm(makingOf(file), { force: true }).catch(() => {})
  }
}

import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { rememberDatabase, takeDataFolder } from './data-folder.ts'

let base: string

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'cloudpay-folder-'))
})
afterEach(async () => {
  await rm(base, { recursive: true })
})

/** A folder that looks as if a finished database lay in it. */
async function withDatabase(name = 'data'): Promise<string> {
  const folder = join(base, name)
  await mkdir(join(folder, 'database'), { recursive: true })
  await writeFile(join(folder, 'database', 'PG_VERSION'), '18\n')
  return folder
}

test('a missing folder is made, parents and all, for its owner alone', async () => {
  const folder = await takeDataFolder(join(base, 'a', 'b'))
  expect(folder).toMatchObject({ isNew: true, path: join(base, 'a', 'b') })
  if (process.platform !== 'win32') expect((await stat(folder.path)).mode & 0o777).toBe(0o700)
  await folder.release()
})

test('a folder that is made keeps itself out of git, once: what its owner makes of that stays', async () => {
  const path = join(base, 'made')
  await (await takeDataFolder(path)).release()
  expect(await readFile(join(path, '.gitignore'), 'utf8')).toBe('*\n')
  await writeFile(join(path, '.gitignore'), 'mine\n')
  await (await takeDataFolder(path)).release()
  expect(await readFile(join(path, '.gitignore'), 'utf8')).toBe('mine\n')
  await rm(join(path, '.gitignore'))
  await (await takeDataFolder(path)).release()
  expect(await readdir(path)).not.toContain('.gitignore')
})

test('a database that is there is found, and what lies beside it stays', async () => {
  const path = await withDatabase()
  await writeFile(join(path, 'notes.txt'), 'mine')
  const folder = await takeDataFolder(path)
  expect(folder.isNew).toBe(false)
  await folder.release()
  expect((await readdir(path)).sort()).toEqual(['.folder-id', 'database', 'notes.txt'])
})

test('a database whose making was interrupted is swept away', async () => {
  const path = join(base, 'data')
  const killed = await takeDataFolder(path)
  await writeFile(join(killed.database, 'PG_VERSION'), '18\n')
  await killed.release()

  const folder = await takeDataFolder(path)
  expect(folder.isNew).toBe(true)
  expect((await readdir(path, { recursive: true })).sort()).toEqual([
    '.folder-id',
    '.gitignore',
    'database',
    'database.unfinished',
  ])
  await folder.release()
})

test('a database once made is never swept away', async () => {
  const first = await takeDataFolder(join(base, 'data'))
  await writeFile(join(first.database, 'PG_VERSION'), '18\n')
  await first.made()
  await first.release()

  const folder = await takeDataFolder(join(base, 'data'))
  expect(folder.isNew).toBe(false)
  await folder.release()
})

test('a file in the place of the folder, or above it, is refused', async () => {
  const file = join(base, 'file')
  await writeFile(file, 'mine')
  for (const path of [file, join(file, 'below')]) {
    await expect(takeDataFolder(path)).rejects.toMatchObject({ reason: 'not-a-folder', folder: path })
  }
  expect(await readFile(file, 'utf8')).toBe('mine')
})

test('a file in the place of the database is refused', async () => {
  await writeFile(join(base, 'database'), 'mine')
  await expect(takeDataFolder(base)).rejects.toMatchObject({ reason: 'not-a-folder' })
})

test('what is no database, or lost its PG_VERSION, is left as it is', async () => {
  await mkdir(join(base, 'database'))
  await writeFile(join(base, 'database', 'pg_control'), 'precious')
  await expect(takeDataFolder(base)).rejects.toMatchObject({ reason: 'not-a-database' })
  expect(await readdir(base, { recursive: true })).toEqual(['.folder-id', 'database', 'database/pg_control'])
})

test('a folder that is held is refused, with its holder; a refusal holds nothing', async () => {
  const path = await withDatabase()
  const folder = await takeDataFolder(path)
  await expect(takeDataFolder(path)).rejects.toMatchObject({ reason: 'in-use', pid: process.pid })
  await folder.release()
  const again = await takeDataFolder(path)
  await again.release()
})

/** Root may write anywhere: then the rights are those of nobody while `body` runs. */
async function withoutRights(body: () => Promise<void>): Promise<void> {
  const asRoot = process.getuid?.() === 0
  if (asRoot) process.seteuid?.(65534)
  try {
    await body()
  } finally {
    if (asRoot) process.seteuid?.(0)
  }
}

test.skipIf(process.platform === 'win32')(
  'a folder, or a database, without write rights is refused',
  async () => {
    const folder = join(base, 'theirs')
    await mkdir(folder, { mode: 0o555 })
    const madeByRoot = await withDatabase('mine')
    const isRoot = process.getuid?.() === 0
    await chmod(base, 0o755)
    await chmod(madeByRoot, 0o777)
    await chmod(join(madeByRoot, 'database', 'PG_VERSION'), isRoot ? 0o644 : 0o444)
    await withoutRights(async () => {
      for (const path of [folder, join(folder, 'new'), madeByRoot]) {
        await expect(takeDataFolder(path)).rejects.toMatchObject({ reason: 'not-writable', folder: path })
      }
    })
  },
)

test('a remembered database is the same until it is removed or replaced', async () => {
  const database = join(await withDatabase(), 'database')
  const same = rememberDatabase(database)
  expect(same?.()).toBe(true)

  await utimes(join(database, 'PG_VERSION'), 1, 1)
  expect(same?.()).toBe(true)

  await rm(database, { recursive: true })
  expect(same?.()).toBe(false)
  expect(rememberDatabase(database)).toBeUndefined()

  // Another file first, so that the old one's number is not given out again.
  await withDatabase('elsewhere')
  await withDatabase()
  expect(same?.()).toBe(false)
})

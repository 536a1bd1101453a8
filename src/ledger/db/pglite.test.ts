/** The embedded driver on a real folder: what it promises over types, deaths and `kill -9`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { countOf, driverSuite, jars } from '../../../test/support/driver-suite.ts'
import { type Db, LedgerUnavailable } from './db.ts'
import { openPglite } from './pglite.ts'

const writerProgram = fileURLToPath(new URL('../../../test/fixtures/db/write-rows.mjs', import.meta.url))

let base: string
let folder: string
let db: Db

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'cloudpay-pglite-'))
  folder = join(base, 'data')
  db = await openPglite({ folder })
  await db.rows(jars)
})
afterAll(async () => {
  await db.close()
  await rm(base, { recursive: true })
})

driverSuite(() => db)

test('a folder that is open is refused to a second', async () => {
  const second = openPglite({ folder: join(base, 'x', '..', 'data') })
  await expect(second).rejects.toMatchObject({
    name: 'DataFolderRefused',
    reason: 'in-use',
    pid: process.pid,
  })
})

test('a full disk kills the instance; once there is room the next call starts another', async () => {
  await db.rows("insert into jars values (200, 'before')")
  const full = Object.assign(new Error('no room'), { code: 'ENOSPC', errno: -28 })
  const writes = vi.spyOn(fs, 'writeSync').mockImplementation(() => {
    throw full
  })
  await expect(db.rows("insert into jars values (201, 'lost')")).rejects.toBeInstanceOf(LedgerUnavailable)
  // Without the watch PGlite was seen to answer this one with success.
  await expect(db.rows("insert into jars values (202, 'lost')")).rejects.toBeInstanceOf(LedgerUnavailable)
  writes.mockRestore()

  expect([await countOf(db, 200), await countOf(db, 202)]).toEqual([1, 0])
})

test('while its folder is away the ledger is unavailable, and makes no new one', async () => {
  await rename(folder, `${folder}-away`)
  for (let i = 0; i < 3; i++) await expect(countOf(db, 200)).rejects.toBeInstanceOf(LedgerUnavailable)
  expect(await readdir(base)).toEqual(['data-away'])

  // An empty folder in its place is not it either.
  await mkdir(join(folder, 'database'), { recursive: true })
  await expect(countOf(db, 200)).rejects.toBeInstanceOf(LedgerUnavailable)
  expect(await readdir(join(folder, 'database'))).toEqual([])
  await rm(folder, { recursive: true })

  await rename(`${folder}-away`, folder)
  expect(await countOf(db, 200)).toBe(1)
})

test('every row acknowledged before kill -9 is there afterwards, and the folder is free', async () => {
  await db.close()
  const child = spawn(process.execPath, [writerProgram, folder], { stdio: ['pipe', 'pipe', 'pipe'] })
  let complaints = ''
  child.stderr.on('data', (chunk) => {
    complaints += chunk
  })
  const gone = once(child, 'exit')
  const acknowledged: number[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    // Anything but a row would be noise of the database on standard output.
    expect(line).toMatch(/^\d+$/)
    acknowledged.push(Number(line))
    if (acknowledged.length === 1) {
      // Who holds it is a courtesy, and a writer that never rests may not find the time for it.
      await expect(openPglite({ folder })).rejects.toMatchObject({ reason: 'in-use' })
    }
    if (acknowledged.length === 150) child.kill('SIGKILL')
  }
  expect(await gone).toEqual([null, 'SIGKILL'])
  expect(complaints).toBe('')

  db = await openPglite({ folder })
  const rows = await db.rows<{ id: number }>('select id from jars where id >= 1000 order by id')
  const found = new Set(rows.map(({ id }) => id))
  expect(acknowledged.length).toBeGreaterThanOrEqual(150)
  expect(acknowledged.filter((id) => !found.has(id))).toEqual([])
})

test('a damaged database does not start, is left as it is, and is not held', async () => {
  const damaged = join(base, 'damaged')
  await mkdir(join(damaged, 'database'), { recursive: true })
  await writeFile(join(damaged, 'database', 'PG_VERSION'), '18\n')
  for (let i = 0; i < 2; i++) {
    const refused = openPglite({ folder: damaged })
    await expect(refused).rejects.toMatchObject({ reason: 'does-not-start', folder: damaged })
  }
  expect(await readdir(join(damaged, 'database'))).toContain('PG_VERSION')
})

test('the process is left as it was found', () => {
  expect(process.exitCode).toBeUndefined()
})

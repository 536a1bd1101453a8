/** Databases in memory from one image: made once, by one, whatever becomes of it. */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openMemoryDb } from '../../src/ledger/memory-db.ts'

const base = mkdtempSync(join(tmpdir(), 'cloudpay-image-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))
const world = { wallClock: () => new Date(), randomBytes: (size: number) => randomBytes(size) }
const folderOf = (name: string) => join(base, name)

const isLedger = async (folder: string) => {
  const db = await openMemoryDb(folder, world)
  const [row] = await db.rows<{ there: boolean }>(`select to_regclass('orders') is not null as there`)
  await db.close()
  return row?.there
}

test('of several that begin at once one makes the image, and all have a ledger of their own', async () => {
  const folder = folderOf('together')
  expect(await Promise.all([isLedger(folder), isLedger(folder), isLedger(folder)])).toEqual([
    true,
    true,
    true,
  ])
  expect(readdirSync(folder), 'one image, and nothing else').toEqual([
    expect.stringMatching(/^empty-ledger-\w+\.tar$/),
  ])
})

test('a broken image is made anew', async () => {
  const folder = folderOf('together')
  const [name = ''] = readdirSync(folder)
  writeFileSync(join(folder, name), 'no image')
  expect(await isLedger(folder)).toBe(true)
  expect(readdirSync(folder)).toEqual([name])
})

test('one that was being made by a process that is dead is not waited for without end', async () => {
  const folder = folderOf('together')
  const [name = ''] = readdirSync(folder)
  rmSync(join(folder, name))
  writeFileSync(join(folder, `${name}.making`), '')
  let calls = 0
  // Half a minute, in no time.
  const hurrying = { ...world, wallClock: () => new Date(Date.now() + 20_000 * calls++) }
  const db = await openMemoryDb(folder, hurrying)
  await db.close()
  expect(readdirSync(folder)).toEqual([name])
})

test('where nothing can be kept there is a ledger all the same', async () => {
  const folder = join(base, 'a-file')
  writeFileSync(folder, '')
  expect(await isLedger(folder)).toBe(true)
})

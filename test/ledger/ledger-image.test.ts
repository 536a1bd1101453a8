/** Databases from one image: made once, by one, whatever becomes of it. */
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openPglite } from '../../src/ledger/db/pglite.ts'
import { imageFile, keptImage, ledgerImage } from '../../src/ledger/ledger-image.ts'

const base = mkdtempSync(join(tmpdir(), 'cloudpay-image-'))
afterAll(() => rmSync(base, { recursive: true, force: true }))
const world = { wallClock: () => new Date(), randomBytes: (size: number) => randomBytes(size) }
const folderOf = (name: string) => join(base, name)

const isLedger = async (folder: string) => {
  const db = await openPglite({ folder: 'memory', image: () => ledgerImage(imageFile(folder), world) })
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
    expect.stringMatching(/^empty-ledger-\w+$/),
  ])
})

test('a broken image is made anew', async () => {
  const folder = folderOf('together')
  const [name = ''] = readdirSync(folder)
  writeFileSync(join(folder, name), 'no image')
  expect(await isLedger(folder)).toBe(true)
  expect(readdirSync(folder)).toEqual([name])
})

test('a data folder begins with the image too, and keeps what is written to it', async () => {
  const [kept, data] = [imageFile(folderOf('together')), folderOf('data')]
  let read = 0
  const open = () =>
    openPglite({
      folder: data,
      image() {
        read++
        return keptImage(kept)
      },
    })
  const shop = `values ('shop', 'test', '{}')`
  const first = await open()
  await first.rows(`insert into environments (env_id, clock, setting) ${shop}`)
  await first.close()
  const second = await open()
  expect(await second.rows('select env_id from environments')).toEqual([{ env_id: 'shop' }])
  await second.close()
  expect(read, 'an existing database needs no image').toBe(1)
})

test('an image that changed on the disk is not begun with', async () => {
  const kept = imageFile(folderOf('together'))
  const bytes = readFileSync(kept)
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
  writeFileSync(kept, bytes)
  expect(await keptImage(kept)).toBeUndefined()
})

test('an image that others may have written is not begun with: a database does whatever it says', async () => {
  const folder = folderOf('together')
  const kept = imageFile(folder)
  await ledgerImage(kept, world)
  expect(await keptImage(kept)).toBeDefined()
  chmodSync(kept, 0o666)
  expect(await keptImage(kept), 'a file that everybody may write').toBeUndefined()
  chmodSync(kept, 0o600)
  chmodSync(folder, 0o777)
  expect(await keptImage(kept), 'in a folder where everybody may put another').toBeUndefined()
  chmodSync(folder, 0o700)
  const link = join(base, 'link')
  symlinkSync(kept, link)
  expect(await keptImage(link), 'a link').toBeUndefined()
})

test('one that was being made by a process that is dead is not waited for without end', async () => {
  const folder = folderOf('together')
  const [name = ''] = readdirSync(folder)
  rmSync(join(folder, name))
  writeFileSync(join(folder, `${name}.making`), '')
  let calls = 0
  // A minute, in no time.
  const hurrying = { ...world, wallClock: () => new Date(Date.now() + 20_000 * calls++) }
  const db = await openPglite({ folder: 'memory', image: () => ledgerImage(imageFile(folder), hurrying) })
  await db.close()
  expect(readdirSync(folder)).toEqual([name])
})

test('where nothing can be kept there is a ledger all the same', async () => {
  const folder = join(base, 'a-file')
  writeFileSync(folder, '')
  expect(await isLedger(folder)).toBe(true)
})

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rename, rm, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FolderInUse, identityOf, lockAddress, lockFolder } from './folder-lock.ts'

const holderProgram = fileURLToPath(new URL('../../../test/fixtures/db/hold-folder.mjs', import.meta.url))

let folder: string
let child: ChildProcess | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloudpay-lock-'))
})
afterEach(async () => {
  child?.kill('SIGKILL')
  // What a killed holder leaves behind, and nobody takes over here.
  if (process.platform !== 'win32') await rm(lockAddress(await identityOf(folder), 'darwin'), { force: true })
  await rm(folder, { recursive: true })
})

/** A process that holds the folder. */
async function holder(platform: string): Promise<ChildProcess> {
  child = spawn(process.execPath, [holderProgram, folder, platform], { stdio: ['pipe', 'pipe', 'inherit'] })
  const [line] = await once(child.stdout ?? child, 'data')
  expect(String(line)).toBe('held\n')
  return child
}

/** Both ways of holding that this machine can do: the second is that of macOS and the BSDs. */
const ways: NodeJS.Platform[] = process.platform === 'linux' ? ['linux', 'darwin'] : [process.platform]

describe.each(ways)('as on %s', (platform) => {
  test('a folder that another process holds is refused, and its holder named', async () => {
    const { pid } = await holder(platform)
    const refused = lockFolder(folder, platform)
    await expect(refused).rejects.toBeInstanceOf(FolderInUse)
    await expect(refused).rejects.toMatchObject({ folder, pid })
  })

  test('a folder is free again when its holder was killed', async () => {
    const held = await holder(platform)
    const gone = once(held, 'exit')
    held.kill('SIGKILL')
    await gone
    const lock = await lockFolder(folder, platform)
    await lock.release()
  })

  test('one process cannot hold a folder twice, and may once it let go', async () => {
    const lock = await lockFolder(folder, platform)
    await expect(lockFolder(folder, platform)).rejects.toMatchObject({ pid: process.pid })
    await lock.release()
    const again = await lockFolder(folder, platform)
    await again.release()
  })

  test('another name of the same folder meets the same lock', async () => {
    const alias = `${folder}-alias`
    await symlink(folder, alias)
    const lock = await lockFolder(folder, platform)
    await expect(lockFolder(alias, platform)).rejects.toBeInstanceOf(FolderInUse)
    await lock.release()
    await rm(alias)
  })

  test('a folder that was moved while it is held is still held', async () => {
    const lock = await lockFolder(folder, platform)
    const moved = `${folder}-moved`
    await rename(folder, moved)
    await expect(lockFolder(moved, platform)).rejects.toBeInstanceOf(FolderInUse)
    await rename(moved, folder)
    await lock.release()
  })

  test('a copy of a held folder is another folder', async () => {
    const lock = await lockFolder(folder, platform)
    const copy = `${folder}-copy`
    await cp(folder, copy, { recursive: true })
    const other = await lockFolder(copy, platform)
    await other.release()
    await lock.release()
    await rm(copy, { recursive: true })
  })

  test('a holder that does not say who it is still holds', async () => {
    const silent = createServer(() => undefined).listen(lockAddress(await identityOf(folder), platform))
    await once(silent, 'listening')
    await expect(lockFolder(folder, platform)).rejects.toMatchObject({ name: 'FolderInUse', pid: undefined })
    silent.close()
  })
})

test('the address is short enough for a socket, whatever the temporary folder is called', () => {
  expect(Buffer.byteLength(lockAddress(folder, 'darwin'))).toBeLessThan(104)
  vi.stubEnv('TMPDIR', `/tmp/${'long'.repeat(30)}`)
  expect(lockAddress(folder, 'darwin')).toMatch(/^\/tmp\/cloudpay-[0-9a-f]{32}\.sock$/)
  vi.unstubAllEnvs()
  expect(lockAddress(folder, 'win32')).toMatch(/^\\\\\.\\pipe\\cloudpay-[0-9a-f]{32}$/)
})

test('a folder that does not exist is no lock to wait for', async () => {
  await expect(lockFolder(join(folder, 'missing'))).rejects.toMatchObject({ code: 'ENOENT' })
})

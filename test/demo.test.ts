/** `npm run demo`, as a reader runs it, but with the SDK that the tests have already: the story must be as told. */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ensureBuilt } from '../scripts/build.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))

test('the demo tells its story to the end, and every answer is as told', async () => {
  await ensureBuilt()
  const folder = mkdtempSync(join(tmpdir(), 'cloudpay-demo-'))
  try {
    cpSync(join(root, 'demo'), join(folder, 'demo'), {
      recursive: true,
      filter: (path) => !path.includes('node_modules'),
    })
    symlinkSync(join(root, 'dist'), join(folder, 'dist'))
    symlinkSync(join(root, 'test/node_modules'), join(folder, 'demo/node_modules'))
    const { status, stdout, stderr } = spawnSync(process.execPath, ['demo/demo.mjs'], {
      cwd: folder,
      encoding: 'utf8',
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    for (const told of ['ORDERCLOSED', 'ORDERPAID', '-501001', '21 步']) expect(stdout).toContain(told)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/build.mjs'

const built = fileURLToPath(new URL('../../dist/cli/stop-requested.js', import.meta.url))

beforeAll(ensureBuilt)

/** A program that needs a while to close. */
const slow = `
  const { stopRequested } = await import(${JSON.stringify(built)})
  const stop = stopRequested()
  setInterval(() => {}, 1000)
  console.log('ready')
  await stop
  console.log('closing')
  setTimeout(() => process.exit(0), 1500)`

async function press(...afterMs: number[]): Promise<number> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', slow], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  await once(child.stdout, 'data')
  for (const ms of afterMs) setTimeout(() => child.kill('SIGINT'), ms)
  const [code] = await ended
  return code
}

test('Ctrl+C once lets the program close in its own time', async () => {
  expect(await press()).toBe(0)
})

test('Ctrl+C that npm repeats is still one', async () => {
  expect(await press(20)).toBe(0)
})

test('Ctrl+C a second time leaves at once', async () => {
  expect(await press(700)).toBe(130)
})

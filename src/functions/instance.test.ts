import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { startInstance } from './instance.ts'

/** As a system that has no room for another process would answer. */
test('a process that cannot be started is a load failure that says so', async () => {
  const folder = new URL('./no-such-folder/', import.meta.url).pathname
  const instance = startInstance({
    found: { name: 'tea', folder, entry: `${folder}index.js` },
    settings: { timeoutMs: 1_000, memoryMb: 256, variables: {} },
    variables: {},
    runner: 'runner.js',
    loadMs: 60_000,
    follow: (stream) => void stream.pipe(new PassThrough()).resume(),
  })
  expect(await instance.loaded).toMatchObject({
    why: 'load',
    message: expect.stringMatching(/无法启动.*its process could not be started: spawn .* ENOENT/),
  })
  expect(await instance.ended).toMatchObject({ outOfMemory: false, unstarted: expect.any(String) })
  expect(instance.isOver()).toBe(true)
})

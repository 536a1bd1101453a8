/** A POST to a target that takes no connection: given up in its time, not in the system's. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { openPoster } from './post.ts'

/** Listens with room for one, and stands still: what comes after the first few is never answered, not even with a refusal. */
const listens = `require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
  process.stdout.write(String(this.address().port))
})`

test('a target that never takes the connection is given up when its time is over', async () => {
  const target = spawn(process.execPath, ['-e', listens], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [port] = await once(target.stdout, 'data')
  target.kill('SIGSTOP')
  const filling: Socket[] = Array.from({ length: 6 }, () =>
    connect(Number(String(port)), '127.0.0.1').on('error', () => {}),
  )
  const poster = openPoster()
  try {
    const posted = await poster.post({
      url: `http://127.0.0.1:${port}/n`,
      headers: {},
      body: 'x',
      timeoutMs: 500,
    })
    expect(posted).toMatchObject({ fault: { code: 'timeout' } })
  } finally {
    for (const socket of filling) socket.destroy()
    target.kill('SIGKILL')
    await poster.close()
  }
}, 30_000)

/** The built server as a process of its own, on a port that the system chooses and data that go with it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ownVariables } from './sdk.mjs'

const program = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
/** A slow machine with a cold disk; usually a few seconds. */
const startTimeoutMs = 60_000
const stopTimeoutMs = 10_000

/** The first line that `cloudpay start` prints ends with the address. @param {import('node:stream').Readable} out */
async function addressIn(out) {
  for await (const line of createInterface({ input: out })) {
    const url = /http:\/\/\S+/.exec(line)?.[0]
    // Nobody reads the rest, and a full pipe would hold the server up.
    out.resume()
    if (url !== undefined) return url
  }
  // What went wrong stands above: the server says it itself.
  throw new Error('服务器未能启动，原因见上 / the server did not start, see above')
}

/** @param {readonly string[]} flags of `cloudpay start` */
export function launchServer(...flags) {
  const folder = mkdtempSync(join(tmpdir(), 'opencloudpay-demo-'))
  const own = ['--port', '0', '--host', '127.0.0.1', '--data', join(folder, 'data'), '--log-level', 'error']
  const child = spawn(process.execPath, [program, 'start', ...own, ...flags], {
    env: ownVariables(),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const gone = once(child, 'exit')
  const hasGone = () => child.exitCode !== null || child.signalCode !== null
  const removeFolder = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  // Whatever ends this process, nothing of it stays behind.
  process.once('exit', () => {
    if (!hasGone()) child.kill('SIGKILL')
    removeFolder()
  })
  const tooLate = setTimeout(startTimeoutMs, undefined, { ref: false }).then(() => {
    throw new Error(`服务器 ${startTimeoutMs / 1000} 秒内未就绪 / the server was not ready in time`)
  })
  return {
    /** The server's address, once it serves. @type {Promise<string>} */
    address: Promise.race([addressIn(child.stdout), tooLate]),
    async stop() {
      if (!hasGone()) {
        child.kill()
        await Promise.race([gone, setTimeout(stopTimeoutMs, undefined, { ref: false })])
      }
    },
  }
}

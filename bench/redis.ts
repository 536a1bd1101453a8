/** A Redis of the benchmark's own, where its program is at hand. Owns the process and its folder; knows no queue. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'

export interface Redis {
  readonly port: number
  close(): Promise<void>
}

function programOnPath(name: string): string | undefined {
  const candidates = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name))
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  if (typeof address !== 'object' || address === null) throw new Error('no free port')
  return address.port
}

/**
 * With a log of its commands that is written each second: what queues are told to run on.
 * @param base an empty folder of its own is made in it
 * @returns undefined: there is no `redis-server` on PATH
 */
export async function openRedis(base: string): Promise<Redis | undefined> {
  const program = programOnPath('redis-server')
  if (program === undefined) return undefined
  const folder = join(base, 'redis')
  mkdirSync(folder)
  const port = await freePort()
  const settings = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '', '--dir', folder]
  const child = spawn(program, ['--port', String(port), '--bind', '127.0.0.1', ...settings], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  const gone = once(child, 'exit')
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (/ready to accept connections/i.test(line)) resolve()
    })
  })
  await Promise.race([ready, gone.then(() => Promise.reject(new Error('redis-server ended')))])
  return {
    port,
    async close() {
      kill()
      await gone
      process.off('exit', kill)
    },
  }
}

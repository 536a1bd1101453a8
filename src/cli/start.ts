/** `cloudpay start`: settings, server, banner, and a clean stop. Owns the order of these; not what they do. */
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { demoEnvironment } from '../app/demo-environment.ts'
import type { Flags } from '../app/settings.ts'
import { readableTime } from '../protocol/beijing-time.ts'
import { banner } from './banner.ts'
import { stopRequested } from './stop-requested.ts'

const main = fileURLToPath(new URL('./main.js', import.meta.url))

/** An installed command is called by its name; from a clone it is no name of the shell's. */
function howCalled(): { command: string; fromClone: boolean } {
  const invoked = process.argv[1] ?? main
  if (basename(invoked).replace(/\.cmd$/, '') === 'cloudpay') return { command: 'cloudpay', fromClone: false }
  const path = main.includes(' ') ? `"${main}"` : main
  return {
    command: `node ${path}`,
    fromClone: relative(process.cwd(), main) === join('dist', 'cli', 'main.js'),
  }
}

/** One that was moved or frozen before the last stop still is. */
const shown = ({ now, mode }: { now: Date; mode: string }) =>
  `${readableTime(now)}${mode === 'standing' ? '（已冻结 / frozen）' : ''}`

/** Loads the server only now: `--help` and `run` stay quick. @returns after the stop, once all is closed */
export async function start(flags: Flags, version: string): Promise<void> {
  const { readConfig } = await import('../app/config.ts')
  const config = readConfig(flags, process.env)
  // From here on a signal waits until the data folder is in a state that can be closed.
  const stop = stopRequested()
  const { startServer } = await import('../app/server.ts')
  const say = (line: string) => {
    if (process.stderr.isTTY) process.stderr.write(`${line}\n`)
  }
  say('正在启动 …… / Starting ...')
  const server = await startServer(config)
  const clock = config.demo ? shown(await server.clockOf(demoEnvironment.envId)) : undefined
  process.stdout.write(banner(config, { url: server.url, version, clock, ...howCalled() }))
  await stop
  await server.close()
  const kept = config.databaseUrl === undefined ? config.dataFolder : 'DATABASE_URL'
  say(`已停止，数据保存在 ${kept} / Stopped; the data is kept in ${kept}`)
}

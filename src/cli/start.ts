/** `cloudpay start`: settings, server, banner, and a clean stop. Owns the order of these; not what they do. */
import { demoEnvironment } from '../app/demo-environment.ts'
import type { Flags } from '../app/settings.ts'
import { readableTime } from '../protocol/beijing-time.ts'
import type { Language, Text } from '../protocol/text.ts'
import { banner } from './banner.ts'
import type { Context } from './context.ts'
import { exitCodes } from './exit-codes.ts'
import { howCalled } from './how-called.ts'
import { stopRequested } from './stop-requested.ts'

/** One that was moved or frozen before the last stop still is. */
const shown = ({ now, mode }: { now: Date; mode: string }, language: Language) =>
  `${readableTime(now)}${mode === 'standing' ? { zh: '（已冻结）', en: ' (frozen)' }[language] : ''}`

/** Loads the server only now: `--help` and `run` stay quick. @returns the exit code, after the stop, once all is closed */
export async function start(flags: Flags, { language, version, variables }: Context): Promise<number> {
  const { readConfig } = await import('../app/config.ts')
  const config = readConfig(flags, variables)
  // From here on a signal waits until the data folder is in a state that can be closed.
  const stop = stopRequested()
  const { startServer } = await import('../app/server.ts')
  const say = (text: Text) => {
    if (process.stderr.isTTY) process.stderr.write(`${text[language]}\n`)
  }
  say({ zh: '正在启动 ……', en: 'Starting ...' })
  const { anywhere: command, inClone: fromClone } = howCalled()
  const server = await startServer(config, { command })
  const clock = config.demo ? shown(await server.clockOf(demoEnvironment.envId), language) : undefined
  process.stdout.write(banner(config, { url: server.url, version, clock, command, fromClone }, language))
  // Whoever started this over a channel needs the port that the system chose.
  process.send?.({ url: server.url })
  await stop
  await server.close()
  const kept = config.databaseUrl === undefined ? config.dataFolder : 'DATABASE_URL'
  say({ zh: `已停止，数据保存在 ${kept}`, en: `Stopped; the data is kept in ${kept}` })
  return exitCodes.done
}

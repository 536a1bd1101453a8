/**
 * `cloudpay dev <folder>`: hosts a folder of cloud functions for a server, which it starts where none answers. Owns
 * the order of these, and what is said of the server; not what they do.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { type HostSayings, keepSaying } from '../client/host-saying.ts'
import type { Variables } from '../client/without-proxy.ts'
import type { Screen } from '../functions/screen.ts'
import { demoEnvId } from '../protocol/demo-merchant.ts'
import type { HostSaying } from '../protocol/function-host.ts'
import type { Language, Text } from '../protocol/text.ts'
import type { Context } from './context.ts'
import { devBanner } from './dev-banner.ts'
import { type DevFlags, type DevSettings, readDevSettings } from './dev-settings.ts'
import { exitCodes } from './exit-codes.ts'
import { heardText, isTurnedAway } from './heard-text.ts'
import { led } from './led.ts'
import { isOnThisMachine, serverAt } from './own-server.ts'
import { stopRequested } from './stop-requested.ts'
import { warnIfOwnKeys } from './target.ts'

/** As many as a saying may have. */
const mostNames = 500

const elsewhere = (origin: string): Text => ({
  zh: `${origin} 不在本机：云函数只在本机 127.0.0.1 上接收调用，该服务多半调用不到`,
  en: `${origin} is not this machine: the functions listen on 127.0.0.1 only, and it will hardly reach them`,
})

/** Lines of functions in their colours, but only for a person. */
async function screenOfProcess(language: Language): Promise<Screen> {
  const { openScreen } = await import('../functions/screen.ts')
  const { NO_COLOR } = process.env
  // Whoever read them may be gone: that is no reason to stop.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  return openScreen({
    language,
    out: process.stdout,
    err: process.stderr,
    colours: process.stdout.isTTY === true && (NO_COLOR ?? '') === '',
  })
}

/** As the server calls it: it knows which one goes without saying. Whoever cannot be asked has the demo's, as a rule. */
async function envIdAt({ envId, target, adminToken: token }: DevSettings): Promise<string> {
  if (envId !== undefined) return envId
  const { CloudPay } = await import('../client/cloud-pay.ts')
  try {
    const cloudPay = new CloudPay({ baseUrl: target.origin, token, timeoutMs: 2_000, retryPausesMs: [] })
    return (await cloudPay.connect()).envId
  } catch {
    return demoEnvId
  }
}

/** Until it is stopped, or the server will not have it. @returns the exit code */
async function hostUntil(
  stop: Promise<void>,
  settings: DevSettings,
  variables: Variables,
  { version, language }: Pick<Context, 'version' | 'language'>,
): Promise<number> {
  const { folder, target, env, adminToken, timeout } = settings
  const envId = await envIdAt(settings)
  const { origin } = target
  const { startHost } = await import('../functions/host.ts')
  const screen = await screenOfProcess(language)
  const token = randomBytes(32).toString('hex')
  const hostId = randomUUID().replaceAll('-', '')
  let sayings: HostSayings | undefined
  let turnAway = () => {}
  const turnedAway = new Promise<number>((resolve) => {
    turnAway = () => resolve(exitCodes.refused)
  })
  const host = await startHost({
    folder,
    target: { ...target, envName: env ?? envId },
    variables,
    defaultTimeout: timeout,
    token,
    screen,
    randomId: randomUUID,
    nowMs: () => performance.now(),
    namesChanged: (names) => {
      screen.say({ zh: `现有函数：${names.join(' ')}`, en: `functions now: ${names.join(' ')}` })
      sayings?.say()
    },
  })
  process.stdout.write(
    devBanner({ folder, envId, adminToken, version, origin, names: host.names() }, language),
  )
  const saying = (): HostSaying => ({
    env_id: settings.envId,
    host_id: hostId,
    kind: 'functions',
    url: host.url,
    token,
    names: host.names().slice(0, mostNames),
    ...(env === undefined ? {} : { target_env_id: env }),
  })
  if (!isOnThisMachine(origin)) screen.say(elsewhere(origin))
  sayings = keepSaying({
    origin,
    adminToken,
    saying,
    changed(heard) {
      screen.say(heardText(origin, heard, adminToken))
      if (isTurnedAway(heard)) turnAway()
    },
  })
  void sayings.say()
  const code = await Promise.race([stop.then(() => exitCodes.done), turnedAway])
  // First, so that no call arrives that nobody will run.
  await sayings.gone()
  await host.close()
  return code
}

/** @returns the exit code, after the stop, once no process of a function and no server of its own is left */
export async function dev(folder: string, flags: DevFlags, context: Context): Promise<number> {
  const { variables } = context
  const settings = readDevSettings(folder, flags, context)
  const { origin } = settings.target
  const stop = stopRequested({ alsoWhenHungUp: true })
  const server = await serverAt(origin, 'loud', context)
  await warnIfOwnKeys(settings.target, settings.envId, context)
  const names = await led(origin, context)
  try {
    return await hostUntil(stop, settings, { ...variables, ...names.variables }, context)
  } finally {
    await Promise.all([names.close(), server?.stop()])
  }
}

/**
 * A whole sandbox inside a test's own process: the server on a port that the system chooses, its database in memory, and
 * what a test needs of it. Two of them do not meet.
 */
import { randomBytes } from 'node:crypto'
import { cacheFolder } from '../app/cache-folder.ts'
import { readConfig } from '../app/config.ts'
import { demoEnvironment, demoSubMchId } from '../app/demo-environment.ts'
import { startServer } from '../app/server.ts'
import { variablesForSdk } from '../client/sdk-variables.ts'
import { openPglite } from '../ledger/db/pglite.ts'
import { type EnvironmentSettingInput, environmentSettingSchema } from '../ledger/environments.ts'
import { imageFile, ledgerImage } from '../ledger/ledger-image.ts'
import { firstProblem } from '../protocol/format-problem.ts'
import { type Callbacks, type CallbackWanted, type CapturedCallback, captureCallbacks } from './callbacks.ts'
import { type ControlClient, controlClient } from './control-client.ts'
import { type Clock, clockOf, type Faults, faultsOf, type Payer, payerOf } from './controls.ts'
import { type CloudFunction, hostFunctions } from './functions.ts'
import { onlyKnown } from './only-known.ts'

export interface SandboxOptions {
  /** Of the rules; `documented` when left out. */
  readonly profile?: 'documented' | 'observed'
  /** Of the answers' texts; `en` when left out. */
  readonly language?: 'zh' | 'en'
  /** What the sandbox's clock shows at first; left out: real time. */
  readonly now?: Date
  /** The clock stands from the first; it runs when left out. */
  readonly frozen?: boolean
  /** Cloud functions that callbacks and `cloud.callFunction` reach; containers by the name of their service. */
  readonly functions?: Readonly<Record<string, CloudFunction>>
  /** Further settings of the environment, over those of the demo. */
  readonly environment?: Partial<Omit<EnvironmentSettingInput, 'envId' | 'channel' | 'clock'>>
}

export interface Sandbox {
  /** Of the server, without a slash at the end. */
  readonly url: string
  /** Variables that bring the official SDK here: for a child process, or for `process.env` before the SDK is loaded. */
  readonly env: Readonly<Record<string, string>>
  /** The demo merchant, its provider and its keys. */
  readonly merchant: {
    readonly subMchId: string
    readonly appid: string
    readonly mchId: string
    readonly apiKey: string
  }
  /** Acknowledges notices of v2: a `notify_url` for tests that answer none themselves. */
  readonly notifyUrl: string
  readonly payer: Payer
  readonly clock: Clock
  readonly faults: Faults
  /** All attempts so far, in the order in which they ended. */
  readonly callbacks: readonly CapturedCallback[]
  /** The first callback that fits and was not taken before; waits for it where it has not come. */
  callback(wanted?: CallbackWanted, options?: { readonly timeoutMs?: number }): Promise<CapturedCallback>
  /** Brings cloud functions: in the place of those of the same name. Others are acknowledged. */
  functions(functions: Readonly<Record<string, CloudFunction>>): void
  /** Any other control: `sandbox.controls.post('balance', { set: 0 })`. */
  readonly controls: ControlClient
  /** Ends it; everything in it is gone. */
  stop(): Promise<void>
}

/** What the SDK needs, and nothing of the tester's own. */
const sdkEnv = (url: string, { secretId, secretKey }: { secretId: string; secretKey: string }) =>
  Object.fromEntries(
    Object.entries(variablesForSdk({}, url, secretId, secretKey)).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    ),
  )

async function sayHosts(controls: ControlClient, url: string): Promise<void> {
  for (const kind of ['functions', 'container'])
    await controls.post('hosts', { host_id: `test-${kind}`, kind, url, names: ['*'], lasting: true })
}

async function setUpClock(clock: Clock, { now, frozen }: SandboxOptions): Promise<void> {
  if (frozen === true) await clock.freeze()
  if (now !== undefined) await clock.set(now)
}

const optionNames = [
  'profile',
  'language',
  'now',
  'frozen',
  'functions',
  'environment',
] as const satisfies (keyof SandboxOptions)[]

/** @throws TypeError with the first thing that is wrong, and where */
function settingOf({ profile = 'documented', language = 'en', environment }: SandboxOptions) {
  const asked = { ...demoEnvironment, profile, language, ...environment }
  const read = environmentSettingSchema.safeParse(asked)
  if (read.success) return read.data
  throw new TypeError(`startSandbox: ${firstProblem(read.error, asked).en}`)
}

/** @returns once it serves: well under a second where an image of its database is kept from the first time */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  onlyKnown('startSandbox', options, optionNames)
  const setting = settingOf(options)
  const captured: Callbacks & ReturnType<typeof captureCallbacks> = captureCallbacks([
    setting.provider.apiKey,
    ...setting.merchants.flatMap(({ apiKey }) => apiKey ?? []),
  ])
  const world = { wallClock: () => new Date(), randomBytes: (size: number) => randomBytes(size) }
  const host = await hostFunctions()
  const cache = cacheFolder(process.env, process.platform)
  const starting = startServer(
    { ...readConfig({ port: '0', logLevel: 'silent' }, {}), environments: [setting] },
    {
      openStore: async () => ({
        db: await openPglite({ folder: 'memory', image: () => ledgerImage(imageFile(cache), world) }),
        lanes: 1,
      }),
      onDelivery: captured.note,
    },
  )
  const server = await starting.catch(async (error: unknown) => {
    await host.close()
    throw error
  })
  const { url } = server
  const controls = controlClient(url, setting.envId)
  const clock = clockOf(controls)
  async function stop(): Promise<void> {
    await server.close()
    await host.close()
  }
  try {
    host.bring(options.functions ?? {})
    await sayHosts(controls, host.url)
    await setUpClock(clock, options)
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url,
    env: sdkEnv(url, setting),
    merchant: { subMchId: demoSubMchId, ...setting.provider },
    notifyUrl: host.notifyUrl,
    payer: payerOf(controls),
    clock,
    faults: faultsOf(controls),
    callbacks: captured.all,
    callback: captured.take,
    functions: host.bring,
    controls,
    stop,
  }
}

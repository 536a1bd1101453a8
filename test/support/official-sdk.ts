/** The official SDK, unmodified, in a process of its own: it can be set up once a process, by variables. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { variablesForSdk } from '../../src/client/sdk-variables.ts'
import type { Credentials } from './admin-client.ts'
import type { Json } from './controls.ts'
import { subMchId } from './sandbox.ts'
import { cleanEnvironment } from './server-process.ts'

const fixture = fileURLToPath(new URL('../conformance/fixtures/official-sdk.cjs', import.meta.url))

/** What the caller of the SDK sees: a value, or an error. */
export type Seen = { readonly resolved: Json } | { readonly rejected: { errCode: unknown; errMsg: string } }

interface Call {
  readonly api: string
  readonly request: unknown
  readonly appid?: string
}

export interface OfficialSdk {
  readonly call: (api: string, request: unknown, appid?: string) => Promise<Seen>
  /** The value of a call that must resolve. */
  readonly value: (api: string, request: unknown, appid?: string) => Promise<Json>
  /** Several calls at once. */
  readonly together: (calls: readonly Call[]) => Promise<Seen[]>
  readonly close: () => Promise<void>
}

/** The versions that are tested, by the names that test/package.json gives them. */
export const officialSdks = {
  '4.0.2': 'wx-server-sdk',
  '3.0.4': 'wx-server-sdk-3',
  '2.6.3': 'wx-server-sdk-2',
} as const

interface SetUp extends Credentials {
  readonly version?: keyof typeof officialSdks

  /** Of the server, without path. */
  readonly url: string
  /** Of `cloud.init({ env })`. */
  readonly envName?: string
  /** Over the variables that our own client sets. */
  readonly variables?: Readonly<Record<string, string>>
}

export function startOfficialSdk({
  version = '4.0.2',
  url,
  secretId,
  secretKey,
  envName,
  variables = {},
}: SetUp): OfficialSdk {
  const args = [fixture, officialSdks[version], ...(envName === undefined ? [] : [envName])]
  const child = spawn(process.execPath, args, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...variablesForSdk(cleanEnvironment(), url, secretId, secretKey), ...variables },
  })
  const ended = once(child, 'exit')
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const say = async (asked: object): Promise<unknown> => {
    child.stdin.write(`${JSON.stringify(asked)}\n`)
    const { value, done } = await lines.next()
    if (done === true)
      throw new Error(`the SDK's process ended during ${JSON.stringify(asked).slice(0, 200)}`)
    return JSON.parse(value)
  }
  const call: OfficialSdk['call'] = async (api, request, appid) =>
    (await say({ api, request, appid })) as Seen
  return {
    call,
    together: async (calls) => (await say(calls)) as Seen[],
    async value(api, request, appid) {
      const seen = await call(api, request, appid)
      if ('rejected' in seen) throw new Error(`${api} was rejected: ${seen.rejected.errMsg}`)
      return seen.resolved
    },
    async close() {
      child.stdin.end()
      await ended
    },
  }
}

/** An order as code in a cloud function writes it. */
export const camelOrder = (outTradeNo: string, more: object = {}) => ({
  functionName: 'payCallback',
  envId: 'prod-1a2b',
  subMchId,
  body: '茶馆-乌龙茶',
  outTradeNo,
  totalFee: 990,
  spbillCreateIp: '127.0.0.1',
  nonceStr: '5K8264ILTKCH16CQ2502SI8ZNMTM67VS',
  ...more,
})

export const camelNumber = (outTradeNo: string) => ({ subMchId, outTradeNo })

/** The SDK says ok of every answer on the data channel, refusals of the business included, and drops `err_code`. */
export const heardBy = (api: string) => ({ errCode: 0, errMsg: `cloudPay.${api}:ok` })

/** The error of a call that must reject. */
export function rejectedOf(seen: Seen) {
  if ('resolved' in seen) throw new Error(`it resolved: ${JSON.stringify(seen.resolved)}`)
  return seen.rejected
}

/**
 * A whole server in this process, on an embedded database in memory, spoken to over HTTP: what the stories are told on.
 * Two environments side by side, one a rule profile; each with a shop, a payer and a clock.
 */
import { readConfig } from '../../src/app/config.ts'
import { demoEnvironment, demoSubMchId } from '../../src/app/demo-environment.ts'
import { type Parts, type RunningServer, startServer } from '../../src/app/server.ts'
import type { Db } from '../../src/ledger/db/db.ts'
import { type EnvironmentSettingInput, environmentSettingSchema } from '../../src/ledger/environments.ts'
import { findOrderIn, type HistoryEvent } from '../../src/ledger/order.ts'
import { orderKey } from '../../src/ledger/order-key.ts'
import type { Profile } from '../../src/protocol/rule-profiles.ts'
import { type Credentials, callAdmin, type Heard, type SdkOptions } from './admin-client.ts'
import { freshStore, partsAsked } from './databases.ts'

export const subMchId = demoSubMchId

/**
 * An environment as the tests need it; `envId` is also the end of its credentials. Callbacks go to nobody in most stories:
 * they are not tried again unless a story is about that.
 */
export const environmentNamed = (
  envId: string,
  profile: Profile,
  more: Partial<EnvironmentSettingInput> = {},
): EnvironmentSettingInput => ({
  ...demoEnvironment,
  envId,
  secretId: `AKID${envId}`,
  secretKey: `secret-key-of-${envId}`,
  profile,
  language: 'en',
  callbackRetries: [],
  // Nor of what the rules say of an order whose time is up and whom nobody has closed yet.
  closeAtTimeExpire: false,
  closeAfterSevenDays: false,
  ...more,
})

export interface Sandbox {
  readonly url: string
  readonly db: Db
  readonly shop: (envId?: string) => Shop
  readonly control: (
    path: string,
    body: object,
    headers?: Record<string, string>,
  ) => Promise<{ status: number; json: Record<string, unknown> }>
  /** How many orders, remembered numbers among them, the ledger holds. */
  readonly orders: () => Promise<number>
  /** All lines that were logged. */
  readonly log: () => string
  readonly close: () => Promise<void>
}

let numbers = 0
/** A number that no other order of this run has. */
export const freshNumber = (prefix = 'TEA') => `${prefix}-${process.pid}-${++numbers}`

export interface Shop {
  readonly envId: string
  readonly credentials: Credentials
  readonly apiKey: string
  readonly call: (apiName: string, request: object, more?: SdkOptions) => Promise<Heard>
  /** The wire answer; fails the test when the door refused the call. */
  readonly answer: (apiName: string, request: object, more?: SdkOptions) => Promise<Record<string, unknown>>
  /** A JSAPI order of 9.90 unless told otherwise. */
  readonly unifiedOrder: (outTradeNo: string, more?: object) => Promise<Record<string, unknown>>
  readonly queryOrder: (outTradeNo: string) => Promise<Record<string, unknown>>
  readonly closeOrder: (outTradeNo: string) => Promise<Record<string, unknown>>
  readonly pay: (asked: object) => Promise<{ status: number; json: Record<string, unknown> }>
  readonly advance: (duration: string) => Promise<void>
  readonly setClock: (asked: object) => Promise<void>
  readonly now: () => Promise<Date>
  readonly historyOf: (outTradeNo: string) => Promise<string[] | undefined>
  /** The same, whole. */
  readonly eventsOf: (outTradeNo: string) => Promise<readonly HistoryEvent[]>
}

export const orderRequest = (outTradeNo: string, more: object = {}) => ({
  function_name: 'payCallback',
  env_id: 'prod-1a2b',
  sub_mch_id: subMchId,
  body: 'Tea shop - oolong',
  out_trade_no: outTradeNo,
  total_fee: 990,
  spbill_create_ip: '127.0.0.1',
  ...more,
})

export async function openSandbox({
  environments = [environmentNamed('documented', 'documented'), environmentNamed('observed', 'observed')],
  ...parts
}: { environments?: EnvironmentSettingInput[] } & Parts & { adminToken?: string } = {}): Promise<Sandbox> {
  const lines: string[] = []
  let opened: Db | undefined
  const server: RunningServer = await startServer(
    {
      ...readConfig({ port: '0', parts: `${partsAsked}` }, {}),
      environments: environments.map((setting) => environmentSettingSchema.parse(setting)),
      ...(parts.adminToken === undefined ? {} : { adminToken: parts.adminToken }),
    },
    {
      logTo: { write: (line: string) => void lines.push(line) },
      ...parts,
      openStore: async () => {
        const store = await (parts.openStore ?? freshStore)()
        opened = store.db
        return store
      },
    },
  )
  if (opened === undefined) throw new Error('the server opened no database')
  const db = opened

  const control: Sandbox['control'] = async (path, body, headers = {}) => {
    const response = await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    return { status: response.status, json: (await response.json()) as Record<string, unknown> }
  }

  const shop = (envId = environments[0]?.envId ?? 'sandbox'): Shop => {
    const setting = environments.find((environment) => environment.envId === envId)
    if (setting === undefined) throw new Error(`no environment ${envId}`)
    const { secretId, secretKey } = setting
    const credentials = { secretId, secretKey }
    const call: Shop['call'] = (apiName, request, more) =>
      callAdmin(server.url, credentials, apiName, request, more)
    const answer: Shop['answer'] = async (apiName, request, more) => {
      const heard = await call(apiName, request, more)
      if (heard.channel === 'error') throw new Error(`${apiName} was refused: ${JSON.stringify(heard.json)}`)
      return heard.json
    }
    const setClock: Shop['setClock'] = async (asked) => {
      const { status, json } = await control('/sandbox/clock', { env_id: envId, ...asked })
      if (status !== 200) throw new Error(`the clock did not move: ${JSON.stringify(json)}`)
    }
    const orderOf = (outTradeNo: string) =>
      findOrderIn(db, orderKey({ parts: partsAsked }, envId, subMchId, outTradeNo))
    return {
      envId,
      credentials,
      apiKey: setting.provider.apiKey,
      call,
      answer,
      unifiedOrder: (outTradeNo, more) => answer('unifiedOrder', orderRequest(outTradeNo, more)),
      queryOrder: (outTradeNo) => answer('queryOrder', { sub_mch_id: subMchId, out_trade_no: outTradeNo }),
      closeOrder: (outTradeNo) => answer('closeOrder', { sub_mch_id: subMchId, out_trade_no: outTradeNo }),
      pay: (asked) => control('/sandbox/pay', { env_id: envId, ...asked }),
      advance: (duration) => setClock({ advance: duration }),
      setClock,
      now: async () => {
        const response = await fetch(`${server.url}/sandbox/clock?env_id=${envId}`)
        return new Date(((await response.json()) as { now: string }).now)
      },
      historyOf: async (outTradeNo) => (await orderOf(outTradeNo))?.history.map(({ event }) => event),
      eventsOf: async (outTradeNo) => (await orderOf(outTradeNo))?.history ?? [],
    }
  }
  const orders = async () =>
    (await db.rows<{ orders: number }>('select count(*)::int as orders from orders'))[0]?.orders ?? 0

  return {
    url: server.url,
    db,
    shop,
    control,
    orders,
    log: () => lines.join(''),
    close: () => server.close(),
  }
}

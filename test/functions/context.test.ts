/** What a function sees of its caller, in the official SDK's own words, and what it asks the server for on that account. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { functionUserToken } from '../../src/protocol/function-user.ts'
import { type OpenHost, openHost, resultOf, user } from '../support/hosted-functions.ts'

/** As people write them: the SDK set up once, outside of main. */
const asker = (sdk: string) => `
  const cloud = require('${sdk}')
  cloud.init({ env: cloud.DYNAMIC_CURRENT_ENV })
  exports.main = async (event, context) => {
    if (event.close) return await cloud.cloudPay.closeOrder({ subMchId: '1900000109', outTradeNo: event.close })
    return cloud.getWXContext()
  }`

const versions = { now: 'wx-server-sdk', before: 'wx-server-sdk-3', older: 'wx-server-sdk-2' }

const functions = {
  ...Object.fromEntries(Object.entries(versions).map(([name, sdk]) => [`${name}/index.js`, asker(sdk)])),
  'shows/index.js': `
    const before = { ...process.env }
    exports.main = async (event, context) => ({ event, context, before, cwd: process.cwd(), argv: process.argv.length,
      send: typeof process.send, now: event.names?.map((name) => process.env[name]) })`,
  'node-sdk/index.js': `
    const { parseContext } = require('@cloudbase/node-sdk')
    exports.main = (event, context) => parseContext(context)`,
}

interface Asked {
  readonly secretId: string | undefined
  readonly body: string
}
const asked: Asked[] = []
/** Stands for the server: every order is closed. */
const server = createServer(async (request, response) => {
  const secretId = /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1]
  asked.push({ secretId, body: Buffer.concat(await request.toArray()).toString() })
  response.end('{"return_code":"SUCCESS","result_code":"SUCCESS"}')
})

let host: OpenHost
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : address
  host = await openHost(functions, {
    withSdk: [...Object.keys(versions), 'node-sdk'],
    origin: `http://127.0.0.1:${port}`,
    variables: {
      MINE: 'kept',
      WX_OPENID: 'somebody-else',
      TENCENTCLOUD_SECRETID: 'AKIDreal',
      CLOUDPAY_ADMIN_TOKEN: 'a-secret-of-the-server',
    },
  })
})
afterAll(async () => {
  await host.close()
  server.close()
  server.closeAllConnections()
})

test.each(Object.entries(versions))(
  '%s (%s): the caller, the environment and the source are those of the call',
  async (name) => {
    expect(await host.invoke(name)).toEqual({
      result: {
        CLIENTIP: '127.0.0.1',
        APPID: user.appid,
        OPENID: user.openid,
        ENV: 'prod-1a2b',
        SOURCE: 'wx_client',
      },
    })
    expect(
      await host.invoke(name, {}, { source: 'wx_paycallback', env_id: 'other', openid: undefined }),
    ).toEqual({
      result: { CLIENTIP: '127.0.0.1', APPID: user.appid, ENV: 'other', SOURCE: 'wx_paycallback' },
    })
    expect(await host.invoke(name, {}, { source: 'scf', openid: undefined, appid: undefined })).toEqual({
      result: { CLIENTIP: '127.0.0.1', ENV: 'prod-1a2b', SOURCE: 'scf' },
    })
  },
)

const field = (body: string, name: string) =>
  new RegExp(`name="${name}"\\r\\n(?:[^\\r]+\\r\\n)*\\r\\n([^\\r]*)`).exec(body)?.[1]

test.each(Object.entries(versions))(
  '%s (%s): what it asks the server for, it asks for its user, in the environment of the call',
  async (name) => {
    asked.length = 0
    const result = resultOf(await host.invoke(name, { close: 'TEA-1' }))
    expect(result).toMatchObject({ returnCode: 'SUCCESS' })
    expect(asked.map(({ secretId }) => secretId)).toEqual(['AKIDsandbox'])
    expect(field(asked[0]?.body ?? '', 'envName')).toBe('prod-1a2b')
    expect(field(asked[0]?.body ?? '', 'wxCloudApiToken')).toBe(functionUserToken(user))
  },
)

test('a function of nobody asks for nobody', async () => {
  asked.length = 0
  await host.invoke('now', { close: 'TEA-1' }, { openid: undefined, appid: undefined })
  expect(field(asked[0]?.body ?? '', 'wxCloudApiToken')).toBe('')
})

const shown = async (...[event, caller]: [Record<string, unknown>?, Parameters<OpenHost['invoke']>[2]?]) =>
  resultOf(await host.invoke('shows', event, caller)) as Record<string, Record<string, unknown>> & {
    now: unknown[]
  }

test('the platform names the user in the event, over what the caller wrote there', async () => {
  const userInfo = { appId: user.appid, openId: user.openid }
  expect((await shown({ n: 1, userInfo: { openId: 'forged' } })).event).toEqual({ n: 1, userInfo })
  expect((await shown({}, { source: 'scf' })).event).toEqual({ userInfo })
  expect((await shown({}, { source: 'scf', appid: undefined, openid: undefined })).event).toEqual({})
})

test("a payment's event comes as it was sent", async () => {
  const event = { returnCode: 'SUCCESS', userInfo: { appId: 'wx1', openId: 'o1' } }
  expect((await shown(event, { source: 'wx_paycallback' })).event).toEqual(event)
})

test('the context says what the platform says', async () => {
  const { context } = await shown()
  expect(context).toMatchObject({
    callbackWaitsForEmptyEventLoop: false,
    function_name: 'shows',
    function_version: '$LATEST',
    memory_limit_in_mb: 256,
    namespace: 'prod-1a2b',
    request_id: expect.stringMatching(/^[\da-f-]{36}$/),
    time_limit_in_ms: 20_000,
  })
  expect(JSON.parse(String(context?.environment))).toMatchObject({
    WX_OPENID: user.openid,
    TCB_ENV: 'prod-1a2b',
  })
})

test("the SDK below reads the context as the platform's", async () => {
  expect(await host.invoke('node-sdk')).toMatchObject({
    result: {
      functionName: 'node-sdk',
      memoryLimitInMb: 256,
      environment: { WX_APPID: user.appid, TCB_SOURCE: 'wx_client' },
    },
  })
})

test('variables: the own ones are kept, those of the platform are ours, secrets of the server are not handed on', async () => {
  const { before } = await shown()
  expect(before).toMatchObject({
    MINE: 'kept',
    TENCENTCLOUD_SECRETID: 'AKIDsandbox',
    TCB_ENV: 'at-load',
    SCF_NAMESPACE: 'at-load',
  })
  expect(before).not.toHaveProperty('WX_OPENID')
  expect(before).not.toHaveProperty('CLOUDPAY_ADMIN_TOKEN')
})

test('after the call its variables are gone', async () => {
  const names = ['WX_OPENID', 'WX_API_TOKEN', 'TCB_SOURCE']
  expect((await shown({ names })).now).toEqual([user.openid, functionUserToken(user), 'wx_client'])
  const nobody = await shown({ names }, { source: 'scf', openid: undefined, appid: undefined })
  expect(nobody.now).toEqual([null, null, 'scf'])
})

test('the code stands in its own folder, and our process is not its parent', async () => {
  const { cwd, argv, send } = (await shown()) as unknown as Record<string, unknown>
  expect(cwd).toMatch(/cloudfunctions\/shows$/)
  expect({ argv, send }).toEqual({ argv: 2, send: 'undefined' })
})

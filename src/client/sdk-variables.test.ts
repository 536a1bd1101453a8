import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { sdkVariables, serverOrigin, variablesForSdk } from './sdk-variables.ts'

test.each([
  ['http://127.0.0.1:8688', 'http://127.0.0.1:8688'],
  ['http://127.0.0.1:8688/', 'http://127.0.0.1:8688'],
  ['http://127.0.0.1:8688/admin', 'http://127.0.0.1:8688'],
  // The SDK signs the host as written and sends it in lower case.
  ['https://Pay.Example.com:443', 'https://pay.example.com'],
  ['http://[::1]:8688', 'http://[::1]:8688'],
])('a server at %s is reached at %s', (url, origin) => {
  expect(serverOrigin(url)).toBe(origin)
})

test.each(['', '127.0.0.1:8688', 'localhost:8688', 'ftp://a', 'http://a/b', 'http://a/?x=1', 'http://u:p@a'])(
  '"%s" is no address of a server',
  (url) => {
    expect(serverOrigin(url)).toBeUndefined()
  },
)

test('three variables point the official SDK here, the path written out', () => {
  expect(sdkVariables('http://127.0.0.1:8688', 'AKIDsandbox', 'sandbox-secret-key')).toEqual({
    TCB_CONTEXT_CNFG: '{"URL":"http://127.0.0.1:8688/admin"}',
    TENCENTCLOUD_SECRETID: 'AKIDsandbox',
    TENCENTCLOUD_SECRETKEY: 'sandbox-secret-key',
  })
})

const forSdk = (own: Record<string, string>) => variablesForSdk(own, 'http://127.0.0.1:8688', 'id', 'key')

test('keys of the real service in the shell are replaced, and their session token goes', () => {
  const variables = forSdk({
    PATH: '/bin',
    TENCENTCLOUD_SECRETID: 'AKIDreal',
    TENCENTCLOUD_SECRETKEY: 'real',
    TENCENTCLOUD_SESSIONTOKEN: 'token',
    TCB_CONTEXT_CNFG: '{"URL":"https://elsewhere/admin"}',
  })
  expect(variables).toMatchObject({
    PATH: '/bin',
    TENCENTCLOUD_SECRETID: 'id',
    TENCENTCLOUD_SECRETKEY: 'key',
  })
  expect(variables.TENCENTCLOUD_SESSIONTOKEN).toBeUndefined()
  expect(variables.TCB_CONTEXT_CNFG).toBe('{"URL":"http://127.0.0.1:8688/admin"}')
})

test('inside Kubernetes the keys given here count, and no metadata service is asked', () => {
  expect(forSdk({ KUBERNETES_SERVICE_HOST: '10.0.0.1' }).KUBERNETES_SERVICE_HOST).toBeUndefined()
})

test.each([
  [{}, '127.0.0.1'],
  [{ NO_PROXY: 'a.example' }, 'a.example,127.0.0.1'],
  [{ NO_PROXY: 'a.example', no_proxy: 'b.example' }, 'a.example,b.example,127.0.0.1'],
  [{ no_proxy: '*' }, '*'],
])('with %j no proxy stands between the SDK and the server', (own, list) => {
  expect(forSdk(own)).toMatchObject({ NO_PROXY: list, no_proxy: list })
})

/** As a shell inside a Kubernetes job, behind a proxy, with keys of the real service, would have it. */
const elsewhere = {
  KUBERNETES_SERVICE_HOST: '10.0.0.1',
  HTTP_PROXY: 'http://127.0.0.1:9',
  TENCENTCLOUD_SECRETID: 'AKIDreal',
  TENCENTCLOUD_SECRETKEY: 'real',
  TENCENTCLOUD_SESSIONTOKEN: 'token',
  TCB_CONTEXT_CNFG: '{"URL":"http://127.0.0.1:9/admin"}',
}

const merchantCode = `
  const cloud = require('wx-server-sdk')
  cloud.init({ env: 'prod-1a2b' })
  cloud.cloudPay.closeOrder({ subMchId: '1', outTradeNo: 'A' }).then((answer) => console.log(answer.returnCode))`

test('the official SDK, told nothing but its environment, reaches this server', async () => {
  const heard: unknown[] = []
  const server = createServer(async (request, answer) => {
    const { pathname } = new URL(request.url ?? '', 'http://any')
    const secretId = /Credential=([^/]+)/.exec(request.headers.authorization ?? '')?.[1]
    const body = Buffer.concat(await request.toArray()).toString()
    heard.push([request.method, pathname, secretId, body.includes('name="sessionToken"')])
    answer.end('{"return_code":"SUCCESS"}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : address
  const { PATH } = process.env
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', merchantCode], {
    cwd: fileURLToPath(new URL('../../test', import.meta.url)),
    env: { ...variablesForSdk({ PATH, ...elsewhere }, `http://127.0.0.1:${port}`, 'AKIDsandbox', 'key') },
  })
  server.close()
  server.closeAllConnections()
  expect(stdout).toBe('SUCCESS\n')
  expect(heard).toEqual([['POST', '/admin', 'AKIDsandbox', false]])
})

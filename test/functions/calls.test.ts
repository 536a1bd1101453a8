/** Functions that call each other with `cloud.callFunction`, through the server. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoEnvironment } from '../../src/app/demo-environment.ts'
import { type OpenHost, openHost } from '../support/hosted-functions.ts'
import { openSandbox, type Sandbox } from '../support/sandbox.ts'

/** @param init of `cloud.init` */
const calls = (name: string, init: string) => `
  const cloud = require('wx-server-sdk')
  cloud.init(${init})
  exports.main = async () => {
    console.log('begun')
    const { ENV } = cloud.getWXContext()
    return [ENV, (await cloud.callFunction({ name: '${name}' })).result]
  }`

let sandbox: Sandbox
let host: OpenHost
beforeAll(async () => {
  sandbox = await openSandbox({ environments: [{ ...demoEnvironment, language: 'en' }] })
  host = await openHost(
    {
      'plain/index.js': calls('tea', ''),
      'current/index.js': calls('tea', '{ env: cloud.DYNAMIC_CURRENT_ENV }'),
      'endless/index.js': calls('endless', '{ env: cloud.DYNAMIC_CURRENT_ENV }'),
      'tea/index.js': `exports.main = () => '乌龙茶'`,
    },
    { withSdk: ['plain', 'current', 'endless'], origin: sandbox.url },
  )
  const { status } = await sandbox.control('/sandbox/hosts', {
    host_id: 'this-test',
    kind: 'functions',
    url: host.url,
    token: host.token,
    names: host.names(),
    target_env_id: 'prod-1a2b',
    lasting: true,
  })
  expect(status).toBe(200)
})
afterAll(async () => {
  await host.close()
  await sandbox.close()
})

const call = async (name: string) =>
  (await sandbox.control('/sandbox/call-function', { function_name: name })).json

test.each(['plain', 'current'])(
  'on a host for one environment a function finds its neighbour, whatever its cloud.init says: %s',
  async (name) => {
    expect(await call(name)).toMatchObject({ result: ['prod-1a2b', '乌龙茶'] })
  },
)

test('a function that calls itself without end is refused at the ninth level, and nothing goes on after it', async () => {
  const begun = () => host.lines().match(/\[endless] begun/g)?.length
  expect(JSON.stringify(await call('endless'))).toContain(
    'functions call each other more than 8 deep (when calling endless): does one call itself?',
  )
  const whenHeard = begun()
  expect(whenHeard).toBe(9)
  // Whatever it had begun would have come before this.
  await call('plain')
  expect(begun()).toBe(whenHeard)
})

import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { environmentSettingSchema } from '../ledger/environments.ts'
import { readConfig } from './config.ts'
import { demoEnvironment } from './demo-environment.ts'
import { StartRefused } from './refusals.ts'
import type { Flags } from './settings.ts'

type Variables = Record<string, string | undefined>

const own = {
  envId: 'shop',
  secretId: 'AKIDshop',
  secretKey: 'a-key-of-its-own',
  provider: { appid: 'wx1', mchId: '1', apiKey: '0123456789abcdef0123456789abcdef' },
}
const token = '0123456789abcdef'
const folder = resolve('/srv/pay')

const fileOf = (...environments: unknown[]) => JSON.stringify({ environments })

/** @param file what the configuration file holds, whatever its name */
const config = (flags: Flags = {}, variables: Variables = {}, file = fileOf(own)) =>
  readConfig(flags, variables, { folder, readFile: () => file })

function refusal(...args: Parameters<typeof config>): StartRefused {
  try {
    config(...args)
  } catch (error) {
    if (error instanceof StartRefused) return error
    throw error
  }
  throw new Error('not refused')
}

test('without any setting the demo environment serves on loopback, data in the current folder', () => {
  expect(config()).toEqual({
    host: '127.0.0.1',
    port: 8688,
    dataFolder: resolve(folder, '.cloudpay'),
    allowedHosts: [],
    logLevel: 'info',
    demo: true,
    environments: [
      environmentSettingSchema.parse({ ...demoEnvironment, profile: 'documented', language: 'zh' }),
    ],
  })
})

test.each<[Flags, Variables, object]>([
  [{ port: '0' }, {}, { port: 0 }],
  [{ publicUrl: 'http://laptop.local:8688/' }, {}, { publicUrl: 'http://laptop.local:8688' }],
  [{}, { CLOUDPAY_PUBLIC_URL: 'https://pay.example.com' }, { publicUrl: 'https://pay.example.com' }],
  [{}, { CLOUDPAY_PORT: ' 9000 ' }, { port: 9000 }],
  [{ port: '9001' }, { CLOUDPAY_PORT: '9000' }, { port: 9001 }],
  [{}, { CLOUDPAY_PORT: '', CLOUDPAY_HOST: ' ', CLOUDPAY_ADMIN_TOKEN: '', DATABASE_URL: '' }, { port: 8688 }],
  [{ host: '[::1]' }, {}, { host: '::1' }],
  [{ host: 'LOCALHOST' }, {}, { host: 'localhost' }],
  [{ host: '127.8.8.8' }, {}, { host: '127.8.8.8' }],
  [{ data: '/var/pay' }, { CLOUDPAY_DATA: 'else' }, { dataFolder: resolve('/var/pay') }],
  [{}, { CLOUDPAY_DATA: 'else' }, { dataFolder: resolve(folder, 'else') }],
  [
    {},
    { CLOUDPAY_ALLOWED_HOSTS: 'Pay.example.com, gateway,' },
    { allowedHosts: ['pay.example.com', 'gateway'] },
  ],
  [{ logLevel: 'silent' }, { CLOUDPAY_LOG_LEVEL: 'debug' }, { logLevel: 'silent' }],
  [{}, { CLOUDPAY_ADMIN_TOKEN: token }, { adminToken: token }],
  [{}, { DATABASE_URL: 'postgres://u:p@db:5432/pay' }, { databaseUrl: 'postgres://u:p@db:5432/pay' }],
  [{ parts: '8' }, {}, { parts: 8 }],
  [{ config: 'pay.json' }, {}, { demo: false, environments: [expect.objectContaining({ envId: 'shop' })] }],
  [{ config: 'pay.json', host: '0.0.0.0' }, { CLOUDPAY_ADMIN_TOKEN: token }, { host: '0.0.0.0' }],
])('with %j and %j', (flags, variables, expected) => {
  expect(config(flags, variables)).toMatchObject(expected)
})

test('the demo environment follows the profile and the language that were asked for', () => {
  const { environments } = config({ profile: 'observed' }, { CLOUDPAY_LANGUAGE: 'en' })
  expect(environments).toMatchObject([{ envId: 'sandbox', profile: 'observed', language: 'en' }])
})

test.each<[Flags, Variables, string]>([
  [{ port: '80a' }, {}, '--port ("80a")'],
  [{ port: '65536' }, {}, '--port ("65536")'],
  [{ port: '' }, {}, '--port ("")'],
  [{}, { CLOUDPAY_PORT: '-1' }, 'CLOUDPAY_PORT ("-1")'],
  [{ host: 'http://a' }, {}, '--host'],
  [{ publicUrl: 'laptop:8688' }, {}, '--public-url ("laptop:8688")'],
  [{ publicUrl: 'http://laptop/pay' }, {}, 'without a path'],
  [{ host: 'a:80' }, {}, '--host'],
  [{ profile: 'real' }, {}, 'documented, observed'],
  [{}, { CLOUDPAY_LANGUAGE: 'fr' }, 'CLOUDPAY_LANGUAGE ("fr") is not right: it must be one of zh, en'],
  [{ logLevel: 'loud' }, {}, 'silent, error, warn, info, debug'],
  [{ allowHost: 'a,*' }, {}, '--allow-host ("*")'],
  [{}, { CLOUDPAY_ADMIN_TOKEN: 'short' }, 'at least 16'],
  [{}, { CLOUDPAY_ADMIN_TOKEN: 'sixteen letters and blanks' }, 'without blanks'],
  [
    {},
    { DATABASE_URL: 'mysql://root:secret@db/pay' },
    'DATABASE_URL is not right: it must be the address of a PostgreSQL',
  ],
  [{ parts: '0' }, {}, '--parts ("0")'],
  [{}, { CLOUDPAY_PARTS: '1025' }, 'from 1 to 1024'],
  [{ config: 'pay.json', profile: 'observed' }, {}, '--profile is for the demo environment only'],
  [{ config: 'pay.json' }, { CLOUDPAY_LANGUAGE: 'en' }, 'CLOUDPAY_LANGUAGE is for the demo environment only'],
])('%j with %j is refused', (flags, variables, words) => {
  expect(refusal(flags, variables).text.en).toContain(words)
})

test.each([{ CLOUDPAY_ADMIN_TOKEN: 'secret' }, { DATABASE_URL: 'mysql://root:secret@db/pay' }])(
  'a secret that is refused is not shown',
  (variables) => {
    const { text } = refusal({}, variables)
    expect(`${text.zh}${text.en}`).not.toContain('secret')
  },
)

test.each(['0.0.0.0', '::', '192.168.1.5', 'pay.example.com', '0', '::ffff:8.8.8.8'])(
  'listening on %s needs an administrator token and keys of its own',
  (host) => {
    expect(refusal({ host }).text.en).toContain('demo credentials')
    expect(refusal({ host }, { CLOUDPAY_ADMIN_TOKEN: token }).text.en).toContain('demo credentials')
    expect(refusal({ host, config: 'pay.json' }).text.en).toContain('CLOUDPAY_ADMIN_TOKEN')
  },
)

test.each([
  { secretId: demoEnvironment.secretId },
  { secretKey: demoEnvironment.secretKey },
  { provider: { ...own.provider, apiKey: demoEnvironment.provider.apiKey } },
])('an open server refuses a file that borrows %j from the demo', (borrowed) => {
  const flags = { host: '0.0.0.0', config: 'pay.json' }
  const refused = refusal(flags, { CLOUDPAY_ADMIN_TOKEN: token }, fileOf({ ...own, ...borrowed }))
  expect(refused.text.en).toContain('Environment shop has the demo credentials')
})

const path = resolve(folder, 'pay.json')

test.each([
  ['half a file', '{"environments": [', 'not valid JSON'],
  ['a comma too many', '{\n"environments": ["secret"],\n}', 'not valid JSON, near line 3'],
  ['a list', '[]', `${path} is not right: must be an object`],
  ['no environments', '{}', 'environments: is missing'],
  ['an empty list', fileOf(), 'environments: must have at least 1 item'],
  ['an unknown field', fileOf({ ...own, colour: 1 }), 'environments[0]: unknown field "colour"'],
  ['a short key', fileOf({ ...own, secretKey: 'secret' }), '[0].secretKey: must have at least 8 characters'],
  ['a key that is no text', fileOf({ ...own, secretKey: 7 }), '[0].secretKey: must be a string'],
  ['a blank in an id', fileOf({ ...own, envId: 'a b' }), '[0].envId: letters, digits'],
  ['a span without a unit', fileOf({ ...own, refundTakes: '5' }), '[0].refundTakes: must look like "5m"'],
  [
    'a span beyond reason',
    fileOf({ ...own, callbackTimeout: '2m' }),
    '[0].callbackTimeout: must be between 100ms and 60s',
  ],
  [
    'a container with a path',
    fileOf({ ...own, containers: { pay: 'http://a/b' } }),
    'containers.pay: http(s)://host:port, without a path',
  ],
  ['an unknown profile', fileOf({ ...own, profile: 'real' }), 'must be one of "documented", "observed"'],
  [
    'a v2 key of the wrong length',
    fileOf({ ...own, provider: { ...own.provider, apiKey: 'secret' } }),
    'environments[0].provider.apiKey: must have exactly 32 characters',
  ],
  ['one env id twice', fileOf(own, own), '[1].envId: the same as in environments[0] ("shop")'],
  [
    'one SecretId twice',
    fileOf(own, { ...own, envId: 'other' }),
    '[1].secretId: the same as in environments[0] ("AKIDshop")',
  ],
])('a configuration file with %s is refused, its values not shown', (_fault, file, words) => {
  const { text } = refusal({ config: 'pay.json' }, {}, file)
  expect(text.en).toContain(words)
  expect(text.en).toContain(path)
  expect(text.zh).toMatch(/^配置文件 .*。$/)
  expect(`${text.zh}${text.en}`).not.toMatch(/\bsecret\b/)
})

test('a file that begins with a byte order mark is read', () => {
  expect(config({ config: 'pay.json' }, {}, `\uFEFF${fileOf(own)}`).environments).toHaveLength(1)
})

test('a configuration file that is not there is refused by its whole path', () => {
  const missing = () =>
    readConfig(
      { config: 'none.json' },
      {},
      {
        folder,
        readFile: () => {
          throw Object.assign(new Error('none'), { code: 'ENOENT' })
        },
      },
    )
  expect(missing).toThrow(`${resolve(folder, 'none.json')} cannot be read (ENOENT)`)
})
